import type { World } from '../world/world.ts';
import type { WorldNode } from '../world/world_node.ts';

/**
 * Whether the node's disk is not needed: all nodes serve, its quorum has the same log everywhere, and each partition
 * is in sync on every replica. Who loses a disk while another is not yet filled again may lose the last copy, and no
 * system promises anything then.
 */
export function mayLoseDisk(world: World, node: WorldNode): boolean {
  if (world.nodes.length < 3) return false;
  if (!world.nodes.every(each => each.isServing && !each.isStopping)) return false;
  const [first] = world.controllers;
  const { highWatermark } = first!.services!.quorum;
  if (highWatermark === undefined) return false;
  for (const controller of world.controllers) {
    if (controller.services!.quorum.status.logEndOffset < highWatermark) return false;
  }
  if (world.isController(node.id) && world.controllers.length < 3) return false;
  let isWhole = true;
  for (const other of world.brokers) {
    other.services!.metadata.image.topics.forEachPartition(({ replicas, isr }) => {
      if (isr.length < replicas.length) isWhole = false;
    });
  }
  return isWhole;
}
