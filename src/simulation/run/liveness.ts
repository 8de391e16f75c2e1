import type { MetadataImage } from '../../controller/image/metadata_image.ts';
import { NO_NODE } from '../../model/ids.ts';
import type { WorkloadTopic } from '../workload/workload_topic.ts';
import type { World } from '../world/world.ts';
import type { WorldNode } from '../world/world_node.ts';

/**
 * Whether all works that can without the nodes outside of `core`: those inside serve, agree on a controller and have
 * its newest metadata; each partition with an eligible replica inside is led, and one with enough of them takes
 * records from all of its in-sync replicas.
 */
export function isLive(core: readonly WorldNode[], world: World, topics: readonly WorkloadTopic[]): boolean {
  const image = agreedImage(core);
  if (image === undefined) return false;
  const ids = new Set(core.map(({ id }) => id));
  return topics.every(topic =>
    partitionsOf(image, topic).every(({ leader, isr, elr, replicas }) => {
      const canBeLed = [...isr, ...elr].some(id => ids.has(id));
      if (!canBeLed) return true;
      if (leader === NO_NODE || !ids.has(leader) || isr.some(id => !ids.has(id))) return false;
      const alive = replicas.filter(id => ids.has(id) && world.isBroker(id));
      return isr.length >= Math.min(topic.minIsr, alive.length);
    }),
  );
}

/** Whether these nodes have a majority of the voters, under the directories that they have. */
export function hasMajority(core: readonly WorldNode[], controllers: readonly WorldNode[]): boolean {
  const newest = controllers
    .map(node => node.lastQuorum)
    .filter(quorum => quorum !== undefined)
    .map(quorum => quorum.status)
    .sort((left, right) => Number(right.logEndOffset - left.logEndOffset))[0];
  if (newest === undefined) return true;
  const { voters } = newest.voters;
  const inside = voters.filter(({ key }) =>
    core.some(({ id, directoryId }) => id === key.id && (key.directoryId ?? directoryId) === directoryId),
  );
  return inside.length > voters.length / 2;
}

/** Whether every node serves, and every replica of every partition is in sync. */
export function isWhole(world: World, topics: readonly WorkloadTopic[]): boolean {
  const image = agreedImage(world.nodes);
  if (image === undefined) return false;
  return topics.every(topic => {
    const partitions = partitionsOf(image, topic);
    return (
      partitions.length > 0 &&
      partitions.every(
        ({ leader, isr, replicas, addingReplicas }) =>
          leader !== NO_NODE && isr.length === replicas.length && addingReplicas.length === 0,
      )
    );
  });
}

function partitionsOf(image: MetadataImage, topic: WorkloadTopic) {
  return image.topics.byName(topic.name)?.partitions ?? [];
}

/** The metadata of the nodes, when they serve, have the same leader and have heard of all that it has committed. */
function agreedImage(nodes: readonly WorldNode[]): MetadataImage | undefined {
  if (!nodes.every(node => node.isServing && !node.isStopping)) return undefined;
  const [first, ...others] = nodes.map(node => node.services!);
  const { leaderId, epoch } = first!.quorum.leaderAndEpoch;
  if (leaderId === undefined || !nodes.some(({ id }) => id === leaderId)) return undefined;
  for (const { quorum } of others) {
    if (quorum.leaderAndEpoch.leaderId !== leaderId || quorum.leaderAndEpoch.epoch !== epoch)
      return undefined;
  }
  const leader = nodes.find(({ id }) => id === leaderId)!.services!;
  return leader.metadata.image;
}
