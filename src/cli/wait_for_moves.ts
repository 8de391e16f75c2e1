import { listReassignments } from '../client/admin/reassignments.ts';
import type { ClusterClient } from '../client/cluster_client.ts';
import { pause } from '../client/retries.ts';
import { partitionKey, type TopicPartition } from '../client/topic_partition.ts';
import { type Failure, failed } from '../model/failure.ts';
import type { CommandContext } from './command_context.ts';

const LOOK_MS = 500;

/** Waits until none of these partitions is being moved, or the user has enough; shows how many are left. */
export async function waitForMoves(
  context: CommandContext,
  client: ClusterClient,
  partitions: readonly TopicPartition[],
): Promise<Failure | undefined> {
  const ours = new Set(partitions.map(partitionKey));
  let isInterrupted = false;
  context.handleInterrupts();
  void context.interrupted.then(() => {
    isInterrupted = true;
  });
  while (!isInterrupted) {
    const moves = await listReassignments(client);
    if (failed(moves)) return moves;
    const left = moves.filter(move => ours.has(partitionKey(move))).length;
    if (left === 0) break;
    context.progress.show(`${ours.size - left} of ${ours.size} partitions moved`);
    await Promise.race([pause(client.ports.clock, LOOK_MS), context.interrupted]);
  }
  context.progress.end();
  return undefined;
}
