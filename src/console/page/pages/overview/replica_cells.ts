import type { ReplicaMap } from '../../../api/cluster.ts';

/** What a broker is for a partition. */
export const Cell = { none: 0, leader: 1, follower: 2, behind: 3, gone: 4 } as const;

export interface BrokerCells {
  readonly broker: number;
  /** A {@link Cell} a partition, in the order of the map. */
  readonly cells: Uint8Array;
  readonly leads: number;
  readonly inSync: number;
  readonly behind: number;
}

/** For each broker what it is for each partition: a replica of a broker that is gone is `gone`. */
export function cellsOf(map: ReplicaMap, fenced: ReadonlySet<number>): BrokerCells[] {
  const inOrder = map.brokers.map(broker => ({
    broker,
    cells: new Uint8Array(map.partitions.length),
    leads: 0,
    inSync: 0,
    behind: 0,
  }));
  const byBroker = new Map(inOrder.map(each => [each.broker, each]));
  for (const [at, { leader, replicas, isr }] of map.partitions.entries()) {
    for (const replica of replicas) {
      const broker = byBroker.get(replica);
      if (broker === undefined) continue;
      const isInSync = isr.includes(replica);
      if (isInSync) broker.inSync++;
      else broker.behind++;
      if (replica === leader) {
        broker.leads++;
        broker.cells[at] = Cell.leader;
      } else if (fenced.has(replica)) broker.cells[at] = Cell.gone;
      else broker.cells[at] = isInSync ? Cell.follower : Cell.behind;
    }
  }
  return inOrder;
}

export interface CellGrid {
  /** Of a cell, with the gap behind it. */
  readonly size: number;
  readonly columns: number;
  readonly rows: number;
}

const MAX_CELL = 15;
const MIN_CELL = 4;
const WANTED_HEIGHT = 190;

/** The largest cells that leave the grid low. */
export function gridFor(count: number, width: number): CellGrid {
  for (let size = MAX_CELL; ; size--) {
    const columns = Math.max(1, Math.floor(width / size));
    const rows = Math.max(1, Math.ceil(count / columns));
    if (size === MIN_CELL || rows * size <= WANTED_HEIGHT) return { size, columns, rows };
  }
}
