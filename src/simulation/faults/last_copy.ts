import type { World } from '../world/world.ts';
import type { WorldNode } from '../world/world_node.ts';

/**
 * Whether the node's disk is not needed: all nodes serve, all controllers vote and have the same log, and each partition
 * is in sync on every other replica. Who loses a disk while another is not yet filled again may lose the last copy,
 * and no system promises anything then.
 */
export function mayLoseDisk(world: World, node: WorldNode): boolean {
  if (world.nodes.length < 3) return false;
  if (!world.nodes.every(each => each.isServing && !each.isStopping)) return false;
  const [first] = world.controllers;
  const { highWatermark } = first!.services!.quorum;
  if (highWatermark === undefined) return false;
  for (const controller of world.controllers) {
    const { logEndOffset, isVoter } = controller.services!.quorum.status;
    if (!isVoter || logEndOffset < highWatermark) return false;
  }
  if (world.isController(node.id) && world.controllers.length < 3) return false;
  let isWhole = true;
  for (const other of world.brokers) {
    other.services!.metadata.image.topics.forEachPartition(({ replicas, isr, elr }) => {
      const isNeeded = elr.length > 0 || replicas.some(id => id !== node.id && !isr.includes(id));
      if (isNeeded) isWhole = false;
    });
  }
  return isWhole;
}
