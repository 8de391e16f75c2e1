import type { AnomalyType, Findings } from './anomaly.ts';
import { Graph } from './graph.ts';
import type { Operation } from './history.ts';
import type { KeyLog } from './key_log.ts';
import type { KeyLogs } from './key_logs.ts';

/** Which orders count beside the order of data, each with all before it. */
const ORDERS = ['', '-process', '-realtime'] as const;

/**
 * Operations that would each have to come before the other. What comes before what: a record's writer before its
 * readers, and with `writeOrder` also before the writer of the next record of the key; then the order of each process,
 * then real time: what had ended before what had not begun.
 */
export function checkCycles(
  operations: readonly Operation[],
  logs: KeyLogs,
  { findings, writeOrder }: { readonly findings: Findings; readonly writeOrder: boolean },
): void {
  const reported = new Set<number>();
  const graphOf = (order: (typeof ORDERS)[number]): Graph => {
    // Behind the operations come the points in time.
    const graph = new Graph(2 * operations.length);
    addReads(graph, operations, logs);
    if (writeOrder) for (const log of logs) addWriteOrder(graph, log);
    if (order !== '') addProcesses(graph, operations);
    if (order === '-realtime') addRealTime(graph, operations);
    return graph;
  };
  // All orders together have every edge of the others: without a cycle there, there is none.
  if (graphOf('-realtime').cycles().length === 0) return;
  for (const order of ORDERS) {
    const graph = graphOf(order);
    for (const component of graph.cycles()) {
      const members = component.filter(node => node < operations.length);
      if (members.some(node => reported.has(node))) continue;
      for (const node of members) reported.add(node);
      const way = graph.shortestCycle(Math.min(...members.slice(0, 10_000)), new Set(component));
      const cycle = way.filter(node => node < operations.length);
      const isRead = cycle.some((node, at) =>
        hasRead(operations[cycle[(at + 1) % cycle.length]!]!, operations[node]!, logs),
      );
      const type: AnomalyType = `${isRead ? 'G1c' : 'G0'}${order}`;
      findings.add(type, undefined, () => ({
        text: `${members.length} operations come before each other; shortest: ${[...cycle, cycle[0]].join(' → ')}`,
        operations: cycle.map(node => operations[node]!),
      }));
    }
  }
}

function addReads(graph: Graph, operations: readonly Operation[], logs: KeyLogs): void {
  for (const reader of operations) {
    if (reader.outcome !== 'ok') continue;
    let lastWriter: Operation | undefined;
    for (const writer of writersReadBy(reader, logs)) {
      if (writer !== reader && writer !== lastWriter) graph.add(writer.index, reader.index);
      lastWriter = writer;
    }
  }
}

function hasRead(reader: Operation, writer: Operation, logs: KeyLogs): boolean {
  if (reader.outcome !== 'ok') return false;
  for (const each of writersReadBy(reader, logs)) if (each === writer) return true;
  return false;
}

function* writersReadBy(reader: Operation, logs: KeyLogs): Iterable<Operation> {
  for (const { key, records } of reader.polls) {
    const { writers } = logs.get(key)!;
    for (const [, value] of records) {
      const writer = writers.get(value);
      if (writer !== undefined) yield writer;
    }
  }
}

function addWriteOrder(graph: Graph, log: KeyLog): void {
  let before: Operation | undefined;
  for (const offset of log.offsets) {
    const writer = log.writers.get(log.sightings(offset)[0]!.value);
    if (writer === undefined) continue;
    if (before !== undefined && before !== writer) graph.add(before.index, writer.index);
    before = writer;
  }
}

function addProcesses(graph: Graph, operations: readonly Operation[]): void {
  const last = new Map<string, Operation>();
  for (const operation of operations) {
    if (operation.outcome === 'fail') continue;
    const before = last.get(operation.process);
    if (before !== undefined) graph.add(before.index, operation.index);
    // What nobody knows the end of may still happen after what its process did next.
    if (operation.outcome === 'ok') last.set(operation.process, operation);
  }
}

/**
 * One node for each completion, in a chain: an operation leads to that of its own, and begins behind the last one
 * before it. So there are as many edges as operations, and not as many as pairs of them.
 */
function addRealTime(graph: Graph, operations: readonly Operation[]): void {
  const completed = operations
    .filter(({ outcome, completedAt }) => outcome === 'ok' && completedAt < Infinity)
    .sort((left, right) => left.completedAt - right.completedAt);
  let next = 0;
  const point = (place: number) => operations.length + place;
  for (const operation of operations) {
    for (; next < completed.length && completed[next]!.completedAt < operation.invokedAt; next++) {
      graph.add(completed[next]!.index, point(next));
      if (next > 0) graph.add(point(next - 1), point(next));
    }
    if (next > 0 && operation.outcome !== 'fail') graph.add(point(next - 1), operation.index);
  }
}
