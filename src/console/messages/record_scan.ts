import { type ConsumedRecord, Consumer } from '../../client/consumer/consumer.ts';
import { within } from '../../client/log_bounds.ts';
import { partitionKey, type TopicPartition } from '../../client/topic_partition.ts';
import { failed } from '../../model/failure.ts';
import { asOffset, type Offset } from '../../model/ids.ts';
import type { Clock } from '../../model/ports.ts';
import type { Scan } from '../api/messages.ts';
import type { ConsoleNode } from '../console_node.ts';
import { findBounds, offsetsAt } from '../log_bounds.ts';
import { Refusal } from '../refusal.ts';
import type { MessageRequest, Place } from './message_query.ts';
import { Pacer } from './pacer.ts';

/** A partition that is scanned. */
interface Scanned {
  readonly target: TopicPartition;
  readonly start: Offset;
  /** Exclusive. */
  readonly end: Offset;
  next: Offset;
  /** Fetched, and not given out; in their order from {@link at} on. */
  records: ConsumedRecord[];
  at: number;
  /** Its leader did not answer in time: the others go on without it. */
  isStalled: boolean;
}

/** Of one broker in memory, and of one partition in one fetch. */
const FETCH_LIMITS = {
  fetchMaxBytes: 4 * 1024 * 1024,
  maxPartitionFetchBytes: 1024 * 1024,
  fetchMaxWaitMs: 250,
};
const POLL_MS = 500;
const MOST_FAILURES = 3;

/**
 * Reads partitions from one place to another, and gives their records out by time where several have some: each in its
 * own order. Whoever reads must call {@link close}.
 */
export class RecordScan {
  scannedRecords = 0;
  scannedBytes = 0;
  problem: string | null = null;
  /** Partitions whose leaders did not say where they begin and end. */
  #missing = 0;
  readonly #consumer: Consumer;
  readonly #partitions: Map<string, Scanned>;
  readonly #pacer: Pacer;
  readonly #clock: Clock;
  readonly #patienceMs: number;
  #failures = 0;
  /** When the last records came. */
  #filledMs: number;

  private constructor(node: ConsoleNode, request: MessageRequest, partitions: readonly Scanned[]) {
    this.#clock = node.ports.clock;
    this.#pacer = new Pacer(this.#clock);
    this.#filledMs = this.#clock.monotonicMs();
    this.#patienceMs = request.patienceMs;
    this.#partitions = new Map(partitions.map(each => [partitionKey(each.target), each]));
    this.#consumer = new Consumer(node.client, {
      ...FETCH_LIMITS,
      isolationLevel: request.isolationLevel,
      offsetReset: 'earliest',
    });
    const open = partitions.filter(({ end, next }) => next < end);
    this.#consumer.assign(open.map(({ next, target }) => ({ ...target, start: { offset: next } })));
  }

  /** @throws {Refusal} when no partition says where it begins and ends */
  static async open(node: ConsoleNode, request: MessageRequest): Promise<RecordScan> {
    const { cursor, partitions } = request;
    if (cursor !== undefined) return new RecordScan(node, request, parseCursor(cursor, partitions));
    const { problem, scanned } = await findRanges(node, request);
    const scan = new RecordScan(node, request, scanned);
    scan.problem = problem;
    scan.#missing = partitions.length - scanned.length;
    return scan;
  }

  /** Everything was given out, but for partitions that could not be read. */
  get isDone(): boolean {
    for (const each of this.#partitions.values()) if (!isFinished(each) && !each.isStalled) return false;
    return true;
  }

  /** Everything was given out, of every partition. */
  get isComplete(): boolean {
    return this.cursor === null && this.#missing === 0;
  }

  get hasFailed(): boolean {
    return this.#failures >= MOST_FAILURES;
  }

  /** The next record; undefined at the end, when the time is over, or when it has failed. */
  async next(isTimeOver: () => boolean): Promise<ConsumedRecord | undefined> {
    for (;;) {
      await this.#pacer.rest();
      const first = this.#first();
      if (first !== undefined) return this.#give(first);
      if (this.isDone || this.hasFailed || isTimeOver()) return undefined;
      await this.#fill();
    }
  }

  close(): void {
    this.#consumer.close();
  }

  /** Where it stands, for the next step; null at the end. */
  get cursor(): string | null {
    const open = [...this.#partitions.values()].filter(each => !isFinished(each));
    if (open.length === 0) return null;
    const text = open.map(({ end, next, start, target }) => [target.partition, start, next, end].join('.'));
    return text.join('_');
  }

  get partitions(): Scan['partitions'] {
    return Array.from(this.#partitions.values(), ({ end, next, start, target }) => ({
      partition: target.partition,
      startOffset: String(start),
      endOffset: String(end),
      nextOffset: String(next),
    }));
  }

  get remainingRecords(): bigint {
    let sum = 0n;
    for (const { end, next } of this.#partitions.values()) if (next < end) sum += end - next;
    return sum;
  }

  /** That whose next record is the oldest; undefined while one that may have an older one has to be waited for. */
  #first(): Scanned | undefined {
    let first: Scanned | undefined;
    for (const each of this.#partitions.values()) {
      const record = each.records[each.at];
      if (record === undefined) {
        if (isFinished(each) || each.isStalled) continue;
        return undefined;
      }
      if (first === undefined || record.timestamp < first.records[first.at]!.timestamp) first = each;
    }
    return first;
  }

  #give(from: Scanned): ConsumedRecord {
    const record = from.records[from.at]!;
    from.at++;
    from.next = asOffset(record.offset + 1n);
    if (from.at === from.records.length) this.#emptied(from);
    this.scannedRecords++;
    this.scannedBytes += sizeOf(record);
    return record;
  }

  #emptied(from: Scanned): void {
    from.records = [];
    from.at = 0;
    this.#consumer.resume(from.target);
  }

  async #fill(): Promise<void> {
    const polled = await this.#consumer.poll({ timeoutMs: POLL_MS });
    if (failed(polled)) {
      this.#failures++;
      this.problem = polled.message;
      return;
    }
    for (const record of polled) {
      const scanned = this.#partitions.get(partitionKey(record))!;
      scanned.isStalled = false;
      if (record.offset < scanned.next || record.offset >= scanned.end) continue;
      // What it has is given out before more of it is fetched.
      if (scanned.records.length === 0) this.#consumer.pause(scanned.target);
      scanned.records.push(record);
    }
    if (polled.length > 0) this.#filledMs = this.#clock.monotonicMs();
    for (const each of this.#partitions.values()) this.#settleEmpty(each);
  }

  /** Behind the last record there may be what is none, such as the end of a transaction. */
  #settleEmpty(each: Scanned): void {
    if (each.records.length > 0 || isFinished(each)) return;
    const position = this.#consumer.position(each.target);
    if (position !== undefined && position > each.next) each.next = position < each.end ? position : each.end;
    if (isFinished(each) || this.#clock.monotonicMs() - this.#filledMs < this.#patienceMs) return;
    each.isStalled = true;
    this.problem = `${partitionKey(each.target)} can not be read at the moment: its leader does not answer`;
  }
}

function isFinished({ at, end, next, records }: Scanned): boolean {
  return next >= end && at >= records.length;
}

/** Key, value and headers, in bytes. */
export function sizeOf({ headers, key, value }: ConsumedRecord): number {
  let size = (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) size += header.key.length + (header.value?.length ?? 0);
  return size;
}

async function findRanges(
  node: ConsoleNode,
  { from, isolationLevel, partitions, until }: MessageRequest,
): Promise<{ readonly scanned: Scanned[]; readonly problem: string | null }> {
  const { client } = node;
  const times = async (place: Place | undefined) =>
    place?.kind === 'time' ? await offsetsAt(client, partitions, place.timestampMs) : undefined;
  const [bounds, fromTimes, untilTimes] = await Promise.all([
    findBounds(client, partitions, isolationLevel),
    times(from),
    times(until),
  ]);
  const scanned: Scanned[] = [];
  let problem: string | null = null;
  for (const target of partitions) {
    const key = partitionKey(target);
    const limits = bounds.get(key);
    if (limits === undefined || failed(limits)) {
      problem = limits?.message ?? `The leader of ${key} did not answer`;
      continue;
    }
    const resolve = (place: Place, found: typeof fromTimes): Offset => {
      const atTime = found?.get(key);
      const wanted = offsetOf(place, {
        ...limits,
        atTime: atTime === undefined || failed(atTime) ? -1n : atTime.offset,
      });
      return within(wanted, limits);
    };
    const start = resolve(from, fromTimes);
    const end = until === undefined ? limits.latest : resolve(until, untilTimes);
    scanned.push({ target, start, end, next: start, records: [], at: 0, isStalled: false });
  }
  if (scanned.length === 0 && problem !== null) throw new Refusal(503, problem);
  return { scanned, problem };
}

function offsetOf(
  place: Place,
  {
    atTime,
    earliest,
    latest,
  }: { readonly earliest: bigint; readonly latest: bigint; readonly atTime: bigint },
): bigint {
  switch (place.kind) {
    case 'start':
      return earliest;
    case 'end':
      return latest;
    case 'offset':
      return place.offset;
    case 'beforeEnd':
      return latest - place.count;
    case 'time':
      // Nothing is as young as that.
      return atTime < 0n ? latest : atTime;
  }
}

function parseCursor(cursor: string, partitions: readonly TopicPartition[]): Scanned[] {
  const byIndex = new Map(partitions.map(target => [Number(target.partition), target]));
  return cursor.split('_').map(part => {
    const match = /^(\d{1,9})\.(\d{1,19})\.(\d{1,19})\.(\d{1,19})$/.exec(part);
    const target = byIndex.get(Number(match?.[1]));
    if (match === null || target === undefined) {
      throw new Refusal(400, 'cursor is none of this query: begin again without it');
    }
    const [start, next, end] = match.slice(2).map(digits => asOffset(BigInt(digits))) as [
      Offset,
      Offset,
      Offset,
    ];
    return { target, start, end, next, records: [], at: 0, isStalled: false };
  });
}
