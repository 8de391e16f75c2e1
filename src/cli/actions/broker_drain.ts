import { describeCluster, electLeaders, findBroker } from '../../client/admin/cluster.ts';
import { alterReassignments } from '../../client/admin/reassignments.ts';
import type { ClusterClient } from '../../client/cluster_client.ts';
import type { TopicMetadata } from '../../client/cluster_metadata.ts';
import { partitionKey, type TopicPartition } from '../../client/topic_partition.ts';
import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import type { CommandContext } from '../command_context.ts';
import { ExitCode } from '../exit_codes.ts';
import { allTopics } from '../find_topics.ts';
import { table, text } from '../output/blocks.ts';
import { parseCount } from '../parse.ts';
import { type PlannedMove, planMoves } from '../plan_moves.ts';
import type { Action } from '../run_action.ts';
import { waitForMoves } from '../wait_for_moves.ts';

interface Options {
  readonly replicas?: boolean;
  readonly execute?: boolean;
}

/** What happens to one partition that is on the broker. */
interface Step extends PlannedMove {
  readonly isLedHere: boolean;
  /** Why the broker can't be freed of it. */
  readonly obstacle: string | null;
}

export const brokerDrain: Action<[id: string], Options> = async (context, [id], options) => {
  const { execute = false, replicas: movesReplicas = false } = options;
  const nodeId = parseCount(id, 'The id of a broker', 0);
  if (failed(nodeId)) return nodeId;
  const client = await context.connect();
  if (failed(client)) return client;
  const broker = await findBroker(client, nodeId);
  if (failed(broker)) return broker;
  const topics = await allTopics(client);
  if (failed(topics)) return topics;
  const steps = movesReplicas ? await planRemoval(client, nodeId, topics) : planLeaders(nodeId, topics);
  if (failed(steps)) return steps;
  await show(context, steps, { execute, movesReplicas });
  const isStuck = steps.some(({ obstacle }) => obstacle !== null);
  if (!execute) return undefined;
  const due = steps.filter(({ obstacle }) => obstacle === null);
  const failure = await perform(context, client, due);
  if (failure !== undefined) return failure;
  return isStuck ? ExitCode.failed : undefined;
};

/** All leaders go to the next replica in sync, which becomes the preferred one; the replicas stay. */
function planLeaders(nodeId: number, topics: readonly TopicMetadata[]): Step[] {
  return heldBy(nodeId, topics).flatMap(({ isr, leader, partition, replicas, topic }) => {
    const isLedHere = leader === nodeId;
    if (!isLedHere && replicas[0] !== nodeId) return [];
    const others = replicas.filter(other => other !== nodeId);
    const next = others.find(other => isr.includes(other));
    const obstacle =
      next === undefined
        ? others.length === 0
          ? 'it is the only replica: --replicas moves it'
          : 'no other replica is in sync'
        : null;
    const ordered = next === undefined ? replicas : [next, ...others.filter(other => other !== next), nodeId];
    return [{ topic, partition, before: replicas, replicas: ordered, isLedHere, obstacle }];
  });
}

/** All replicas go to the other brokers. */
async function planRemoval(
  client: ClusterClient,
  nodeId: number,
  topics: readonly TopicMetadata[],
): Promise<Step[] | Failure> {
  const cluster = await describeCluster(client);
  if (failed(cluster)) return cluster;
  const brokers = cluster.brokers
    .filter(({ brokerId, isFenced }) => brokerId !== nodeId && !isFenced)
    .map(({ brokerId, rack }) => ({ nodeId: brokerId, rack }));
  if (brokers.length === 0) {
    return new Failure(
      Errors.INVALID_REPLICATION_FACTOR,
      'There is no other broker that its replicas could go to',
    );
  }
  // The others' partitions count, so that what is moved goes to where there is least.
  const all = topics.flatMap(({ name, partitions }) => partitions.map(each => ({ ...each, topic: name })));
  const held = new Map(heldBy(nodeId, topics).map(each => [partitionKey(each), each]));
  const rest = all.filter(each => !held.has(partitionKey(each)));
  const moves = planMoves([...rest, ...held.values()], { brokers }).filter(move =>
    held.has(partitionKey(move)),
  );
  return moves.map(move => {
    const { leader, replicas } = held.get(partitionKey(move))!;
    const isShort = move.replicas.length < replicas.length;
    const obstacle = isShort
      ? `there are only ${brokers.length} other brokers for ${replicas.length} replicas`
      : null;
    return { ...move, isLedHere: leader === nodeId, obstacle };
  });
}

function heldBy(nodeId: number, topics: readonly TopicMetadata[]) {
  return topics.flatMap(({ name, partitions }) =>
    partitions
      .filter(({ replicas }) => (replicas as readonly number[]).includes(nodeId))
      .map(({ isr, leader, partition, replicas }) => ({
        topic: name,
        partition,
        leader: leader as number,
        isr: isr as readonly number[],
        replicas: replicas as readonly number[],
      })),
  );
}

async function show(
  { output }: CommandContext,
  steps: readonly Step[],
  { execute, movesReplicas }: { readonly execute: boolean; readonly movesReplicas: boolean },
): Promise<void> {
  const block = table(
    [
      { header: 'PARTITION', value: row => partitionKey(row) },
      { header: 'LED HERE', value: row => (row.isLedHere ? 'yes' : 'no') },
      { header: 'REPLICAS', value: row => row.before },
      { header: execute ? 'THEN' : 'WOULD BE', value: row => row.replicas },
      {
        header: 'OBSTACLE',
        isOptional: true,
        value: (row, paint) => (row.obstacle === null ? '' : paint.bad(row.obstacle)),
      },
    ],
    steps,
    { empty: movesReplicas ? 'It holds no replicas: it can go.' : 'It leads nothing: it can be stopped.' },
  );
  const note = text('Nothing was moved yet: --execute does it.');
  await output.show(
    { isDone: execute, partitions: steps },
    ...(execute || steps.length === 0 ? [block] : [block, note]),
  );
}

async function perform(
  context: CommandContext,
  client: ClusterClient,
  steps: readonly Step[],
): Promise<Failure | undefined> {
  if (steps.length === 0) return undefined;
  const moved = await alterReassignments(client, steps);
  if (failed(moved)) return moved;
  const wrong = moved.find(({ failure }) => failure !== undefined)?.failure;
  if (wrong !== undefined) return wrong;
  const waited = await waitForMoves(context, client, steps);
  if (waited !== undefined) return waited;
  const led: TopicPartition[] = steps.filter(({ isLedHere }) => isLedHere);
  if (led.length === 0) return undefined;
  const elected = await electLeaders(client, led, { isUnclean: false });
  if (failed(elected)) return elected;
  return elected.find(({ failure }) => failure !== undefined)?.failure;
}
