import { batchesOf, type StoredBatch } from '../stored_batches.ts';
import type { World } from '../world/world.ts';

/**
 * Holds the replicas of each partition against each other, as they are in the files.
 * @returns what differs between two that are both in sync
 */
export function compareReplicas(world: World): string | undefined {
  const { image } = world.controllers[0]!.services!.metadata;
  let difference: string | undefined;
  image.topics.forEachPartition(({ isr }, index, topic) => {
    const name = `${topic.name}-${index}`;
    let first: { readonly id: number; readonly batches: readonly StoredBatch[] } | undefined;
    for (const id of isr) {
      const batches = batchesOf(world.node(id).disk, `/data/${name}`);
      if (first === undefined) first = { id, batches };
      else difference ??= compare(name, first, { id, batches });
    }
  });
  return difference;
}

interface Replica {
  readonly id: number;
  readonly batches: readonly StoredBatch[];
}

function compare(name: string, left: Replica, right: Replica): string | undefined {
  // A replica may have deleted what is old, or not have the last yet.
  const start = maximum(left.batches[0]?.baseOffset ?? 0n, right.batches[0]?.baseOffset ?? 0n);
  const end = minimum(left.batches.at(-1)?.baseOffset ?? -1n, right.batches.at(-1)?.baseOffset ?? -1n);
  const within = ({ batches }: Replica) =>
    batches.filter(({ baseOffset }) => baseOffset >= start && baseOffset <= end);
  const [a, b] = [within(left), within(right)];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [one, other] = [a[at], b[at]];
    if (one !== undefined && other !== undefined) {
      const isSame =
        one.baseOffset === other.baseOffset && one.crc === other.crc && one.leaderEpoch === other.leaderEpoch;
      if (isSame) continue;
    }
    return `${name} is not the same at nodes ${left.id} and ${right.id}: ${describe(one)} and ${describe(other)}`;
  }
  return undefined;
}

function describe(batch: StoredBatch | undefined): string {
  return batch === undefined
    ? 'nothing'
    : `offset ${batch.baseOffset} of epoch ${batch.leaderEpoch} with checksum ${batch.crc}`;
}

const maximum = (left: bigint, right: bigint) => (left > right ? left : right);
const minimum = (left: bigint, right: bigint) => (left < right ? left : right);
