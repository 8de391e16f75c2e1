import { addPartitions } from '../../client/admin/topics.ts';
import { failed } from '../../model/failure.ts';
import { Misuse } from '../exit_codes.ts';
import { findTopics } from '../find_topics.ts';
import { facts } from '../output/blocks.ts';
import { parseCount } from '../parse.ts';
import type { Action } from '../run_action.ts';

interface Options {
  readonly add?: string;
  readonly total?: string;
  readonly dryRun?: boolean;
}

export const topicAddPartitions: Action<[name: string], Options> = async (context, [name], options) => {
  const { add, dryRun = false, total } = options;
  if ((add === undefined) === (total === undefined)) {
    return new Misuse('Say how many: either --add so many more, or --total so many afterwards');
  }
  const number = parseCount((add ?? total)!, add === undefined ? '--total' : '--add');
  if (failed(number)) return number;
  const client = await context.connect();
  if (failed(client)) return client;
  const topics = await findTopics(client, [name]);
  if (failed(topics)) return topics;
  const before = topics[0]!.partitions.length;
  const count = add === undefined ? number : before + number;
  const failure = await addPartitions(client, { topic: name, count }, { validateOnly: dryRun });
  if (failure !== undefined) return failure;
  const data = { topic: name, partitionsBefore: before, partitions: count, isDone: !dryRun };
  await context.output.show(
    data,
    facts([
      ['Topic', name],
      ['Partitions before', before],
      [dryRun ? 'Partitions it can have' : 'Partitions now', count],
    ]),
  );
  return undefined;
};
