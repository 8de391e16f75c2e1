import { createTopics, type NewTopic } from '../../client/admin/topics.ts';
import { Errors } from '../../model/error_codes.ts';
import { failed } from '../../model/failure.ts';
import { Misuse } from '../exit_codes.ts';
import { parseCount, parsePairs } from '../parse.ts';
import type { Action } from '../run_action.ts';
import { reportOutcomes } from './report_outcomes.ts';

interface Options {
  readonly partitions?: string;
  readonly replicas?: string;
  readonly assignment?: string;
  readonly config: readonly string[];
  readonly ifNotExists?: boolean;
  readonly dryRun?: boolean;
}

const DEFAULT = -1;

export const topicCreate: Action<[names: string[]], Options> = async (context, [names], options) => {
  const wanted = parseOptions(options);
  if (failed(wanted)) return wanted;
  const client = await context.connect();
  if (failed(client)) return client;
  const created = await createTopics(
    client,
    names.map(name => ({ name, ...wanted })),
    { validateOnly: options.dryRun === true },
  );
  if (failed(created)) return created;
  const outcomes = created.map(({ failure, name }) => {
    const isThere = failure?.code === Errors.TOPIC_ALREADY_EXISTS && options.ifNotExists === true;
    return { name, failure: isThere ? undefined : failure };
  });
  return await reportOutcomes(context, outcomes, {
    noun: 'topic',
    done: options.dryRun === true ? 'can be created' : options.ifNotExists === true ? 'is there' : 'created',
  });
};

function parseOptions({
  assignment,
  config,
  partitions,
  replicas,
}: Options): Omit<NewTopic, 'name'> | Misuse {
  const configs = parsePairs(config, '-c');
  if (failed(configs)) return configs;
  if (assignment !== undefined) {
    if (partitions !== undefined || replicas !== undefined) {
      return new Misuse('--assignment says how many partitions and replicas there are: leave -p and -r out');
    }
    const assignments = parseAssignment(assignment);
    if (failed(assignments)) return assignments;
    return { partitionCount: DEFAULT, replicationFactor: DEFAULT, assignments, configs };
  }
  const partitionCount = partitions === undefined ? DEFAULT : parseCount(partitions, '-p');
  if (failed(partitionCount)) return partitionCount;
  const replicationFactor = replicas === undefined ? DEFAULT : parseCount(replicas, '-r');
  if (failed(replicationFactor)) return replicationFactor;
  return { partitionCount, replicationFactor, configs };
}

/** `1:2,2:3`: the brokers of each partition. */
function parseAssignment(text: string): number[][] | Misuse {
  const assignments: number[][] = [];
  for (const part of text.split(',')) {
    if (!/^\d+(:\d+)*$/.test(part)) return new Misuse(`--assignment is "${text}": write it as 1:2,2:3`);
    assignments.push(part.split(':').map(Number));
  }
  return assignments;
}
