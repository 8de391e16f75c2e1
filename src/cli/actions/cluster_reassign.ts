import fs from 'node:fs';
import { describeCluster } from '../../client/admin/cluster.ts';
import { alterReassignments, listReassignments, type Move } from '../../client/admin/reassignments.ts';
import type { ClusterClient } from '../../client/cluster_client.ts';
import { partitionKey, type TopicPartition } from '../../client/topic_partition.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { asPartitionIndex } from '../../model/ids.ts';
import type { CommandContext } from '../command_context.ts';
import { ExitCode, Misuse } from '../exit_codes.ts';
import { findTopics, partitionsOf } from '../find_topics.ts';
import { table, text } from '../output/blocks.ts';
import { parseCount } from '../parse.ts';
import { type PlannedMove, planMoves } from '../plan_moves.ts';
import type { Action } from '../run_action.ts';
import { waitForMoves } from '../wait_for_moves.ts';
import { reportOutcomes } from './report_outcomes.ts';

interface Options {
  readonly topic: readonly string[];
  readonly brokers?: string;
  readonly replicas?: string;
  readonly plan?: string;
  readonly list?: boolean;
  readonly cancel?: boolean;
  readonly wait?: boolean;
  readonly execute?: boolean;
}

export const clusterReassign: Action<[], Options> = async (context, _args, options) => {
  const misuse = checkOptions(options);
  if (misuse !== undefined) return misuse;
  const client = await context.connect();
  if (failed(client)) return client;
  if (options.list === true) return await showMoves(context, client);
  if (options.cancel === true) return await cancel(context, client, options);
  const plan =
    options.plan === undefined ? await makePlan(client, options) : await readPlan(client, options.plan);
  if (failed(plan)) return plan;
  if (options.execute !== true) {
    await showPlan(context, plan, false);
    return undefined;
  }
  return await executePlan(context, client, { plan, waits: options.wait === true });
};

function checkOptions({
  brokers,
  cancel: cancels,
  list,
  plan,
  replicas,
  topic,
}: Options): Misuse | undefined {
  if (list === true || cancels === true) return undefined;
  if (plan !== undefined) {
    const isMixed = topic.length > 0 || brokers !== undefined || replicas !== undefined;
    return isMixed ? new Misuse('--plan says it all: leave -t, --brokers and -r out') : undefined;
  }
  if (topic.length === 0) return new Misuse('Name the partitions with -t, or a plan with --plan');
  if (brokers === undefined && replicas === undefined) {
    return new Misuse('Say where they shall be (--brokers), or how many replicas there shall be (-r)');
  }
  return undefined;
}

async function makePlan(client: ClusterClient, options: Options): Promise<PlannedMove[] | Failure> {
  const cluster = await describeCluster(client);
  if (failed(cluster)) return cluster;
  const targets = parseBrokers(options.brokers, cluster.brokers);
  if (failed(targets)) return targets;
  const replicationFactor = options.replicas === undefined ? undefined : parseCount(options.replicas, '-r');
  if (failed(replicationFactor)) return replicationFactor;
  if (replicationFactor !== undefined && replicationFactor > targets.length) {
    return new Misuse(`There are ${targets.length} brokers for ${replicationFactor} replicas`);
  }
  const chosen = await partitionsOf(client, options.topic);
  if (failed(chosen)) return chosen;
  const placed = chosen.map(target => ({
    ...target,
    replicas: client.metadata.partition(target)?.replicas ?? [],
  }));
  return planMoves(placed, {
    brokers: targets.map(({ brokerId, rack }) => ({ nodeId: brokerId, rack })),
    ...(replicationFactor !== undefined && { replicationFactor }),
  });
}

type BrokerFacts = { readonly brokerId: number; readonly rack: string | null; readonly isFenced: boolean };

function parseBrokers(text: string | undefined, brokers: readonly BrokerFacts[]): BrokerFacts[] | Misuse {
  if (text === undefined) return brokers.filter(({ isFenced }) => !isFenced);
  const targets: BrokerFacts[] = [];
  for (const part of text.split(',')) {
    const found = brokers.find(({ brokerId }) => String(brokerId) === part.trim());
    if (found === undefined) {
      const ids = brokers.map(({ brokerId }) => brokerId).sort((left, right) => left - right);
      return new Misuse(`--brokers has "${part}": the cluster has ${ids.join(', ')}`);
    }
    if (!targets.includes(found)) targets.push(found);
  }
  return targets;
}

/** A plan as kafka-reassign-partitions takes it. */
async function readPlan(client: ClusterClient, file: string): Promise<PlannedMove[] | Failure> {
  let json: unknown;
  try {
    json = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    return new Misuse(`Cannot read the plan ${file}: ${(error as Error).message}`);
  }
  const { partitions } = (json ?? {}) as { partitions?: unknown };
  if (!Array.isArray(partitions)) return new Misuse(`The plan ${file} has no list "partitions"`);
  const moves: PlannedMove[] = [];
  for (const each of partitions as unknown[]) {
    const { partition, replicas, topic } = (each ?? {}) as {
      topic?: unknown;
      partition?: unknown;
      replicas?: unknown;
    };
    const isReplicas =
      Array.isArray(replicas) && replicas.length > 0 && replicas.every(id => Number.isInteger(id));
    if (typeof topic !== 'string' || !Number.isInteger(partition) || !isReplicas) {
      return new Misuse(
        `The plan ${file} has ${JSON.stringify(each)}: it must have topic, partition and replicas`,
      );
    }
    moves.push({
      topic,
      partition: asPartitionIndex(partition as number),
      before: [],
      replicas: replicas as number[],
    });
  }
  const found = await findTopics(client, [...new Set(moves.map(({ topic }) => topic))]);
  if (failed(found)) return found;
  return moves.map(move => ({ ...move, before: client.metadata.partition(move)?.replicas ?? [] }));
}

async function showPlan(
  { output }: CommandContext,
  plan: readonly PlannedMove[],
  isDone: boolean,
): Promise<void> {
  const block = table(
    [
      { header: 'PARTITION', value: row => partitionKey(row) },
      { header: 'REPLICAS', value: row => row.before },
      { header: isDone ? 'MOVE TO' : 'WOULD MOVE TO', value: row => row.replicas },
    ],
    plan,
    { empty: 'Every replica is where it should be.' },
  );
  const note = text('Nothing was moved yet: --execute does it.');
  await output.show(
    { version: 1, isDone, partitions: plan },
    ...(isDone || plan.length === 0 ? [block] : [block, note]),
  );
}

/** Begins the moves of a plan, and waits for them if that is wanted. */
export async function executePlan(
  context: CommandContext,
  client: ClusterClient,
  { plan, waits }: { readonly plan: readonly PlannedMove[]; readonly waits: boolean },
): Promise<ExitCode | Failure> {
  const outcomes = await alterReassignments(client, plan);
  if (failed(outcomes)) return outcomes;
  const wrong = outcomes.filter(({ failure }) => failure !== undefined);
  if (wrong.length > 0) return await reportOutcomes(context, outcomes, { noun: 'partition', done: 'moves' });
  await showPlan(context, plan, true);
  if (!waits) {
    if (plan.length > 0) context.note('"odradek cluster reassign --list" shows how far it is.');
    return ExitCode.ok;
  }
  return (await waitForMoves(context, client, plan)) ?? ExitCode.ok;
}

async function showMoves({ output }: CommandContext, client: ClusterClient): Promise<Failure | undefined> {
  const moves = await listReassignments(client);
  if (failed(moves)) return moves;
  const block = table<Move>(
    [
      { header: 'PARTITION', value: row => partitionKey(row) },
      { header: 'REPLICAS', value: row => row.replicas },
      { header: 'ADDING', value: row => row.adding },
      { header: 'REMOVING', value: row => row.removing },
    ],
    moves,
    { empty: 'Nothing is being moved.' },
  );
  await output.show(moves, block);
  return undefined;
}

async function cancel(
  context: CommandContext,
  client: ClusterClient,
  { execute = false, topic }: Options,
): Promise<ExitCode | Failure> {
  const moves = await listReassignments(client);
  if (failed(moves)) return moves;
  const chosen = topic.length === 0 ? undefined : await partitionsOf(client, topic);
  if (failed(chosen)) return chosen;
  const wanted = chosen === undefined ? undefined : new Set(chosen.map(partitionKey));
  const ours: TopicPartition[] = moves.filter(move => wanted === undefined || wanted.has(partitionKey(move)));
  if (!execute) {
    const outcomes = ours.map(target => ({ name: partitionKey(target), failure: undefined }));
    const code = await reportOutcomes(context, outcomes, {
      noun: 'partition',
      done: 'would stay where it is',
    });
    context.note('Nothing was cancelled yet: --execute does it.');
    return code;
  }
  if (ours.length === 0) return await reportOutcomes(context, [], { noun: 'partition', done: 'cancelled' });
  const outcomes = await alterReassignments(
    client,
    ours.map(({ partition, topic: name }) => ({ topic: name, partition, replicas: null })),
  );
  if (failed(outcomes)) return outcomes;
  return await reportOutcomes(context, outcomes, { noun: 'partition', done: 'cancelled' });
}
