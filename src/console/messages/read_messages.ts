import { MAX_SCAN_BYTES, MAX_SHOWN_CHARACTERS } from '../../model/limits.ts';
import type { Message, Messages, Scan } from '../api/messages.ts';
import type { ConsoleNode } from '../console_node.ts';
import type { MessageRequest } from './message_query.ts';
import { messageView, shownCharacters, timestampTypeOf } from './message_view.ts';
import { RecordScan } from './record_scan.ts';

/** One step of a scan: what is not found by then, the next one goes on for. */
const STEP_MS = 2_000;

/** Reads until there are as many records as wanted, or the step is over. */
export async function readMessages(node: ConsoleNode, request: MessageRequest): Promise<Messages> {
  const { clock } = node.ports;
  const { filter, limit } = request;
  const scan = await RecordScan.open(node, request);
  const shown = {
    forms: request.forms,
    maxChars: request.maxChars,
    timestampType: timestampTypeOf(node.image, request.partitions[0]?.topic ?? ''),
  };
  const endsMs = clock.monotonicMs() + STEP_MS;
  const isTimeOver = () => clock.monotonicMs() >= endsMs;
  // The last of each partition are wanted: of all of them, the newest.
  const isNewestWanted =
    request.from.kind === 'beforeEnd' && filter === undefined && request.cursor === undefined;
  const found = new FoundMessages(limit, isNewestWanted);
  let stoppedBecause: Scan['stoppedBecause'] | undefined;
  try {
    while (stoppedBecause === undefined) {
      const record = await scan.next(isTimeOver);
      if (record === undefined) stoppedBecause = whyNothingCame(scan);
      else if (filter === undefined || filter(record)) found.add(messageView(record, shown));
      if (record === undefined) break;
      if (found.isFull) stoppedBecause = scan.cursor === null ? 'end' : 'limit';
      else if (scan.scannedBytes >= MAX_SCAN_BYTES || found.isLarge) stoppedBecause = 'bytes';
      else if (isTimeOver()) stoppedBecause = 'time';
    }
    const { cursor, partitions, problem, remainingRecords, scannedBytes, scannedRecords } = scan;
    return {
      messages: found.sorted(),
      scan: {
        scannedRecords,
        scannedBytes,
        remainingRecords: String(remainingRecords),
        stoppedBecause: stoppedBecause ?? 'end',
        cursor: stoppedBecause === 'end' ? null : cursor,
        problem,
        partitions,
      },
    };
  } finally {
    scan.close();
  }
}

/** A partition that did not answer is not read to its end, though nothing is left but that. */
function whyNothingCame(scan: RecordScan): Scan['stoppedBecause'] {
  if (scan.cursor === null) return 'end';
  return scan.isDone || scan.hasFailed ? 'failed' : 'time';
}

/** The first records that were found, or the newest of all. */
class FoundMessages {
  readonly #limit: number;
  readonly #keepsNewest: boolean;
  #messages: Message[] = [];
  #characters = 0;

  constructor(limit: number, keepsNewest: boolean) {
    this.#limit = limit;
    this.#keepsNewest = keepsNewest;
  }

  add(message: Message): void {
    this.#messages.push(message);
    this.#characters += shownCharacters(message);
    if (this.#keepsNewest && (this.#messages.length >= 2 * this.#limit || this.isLarge)) this.#cut();
  }

  #cut(): void {
    this.#messages = this.sorted();
    this.#characters = this.#messages.reduce((sum, message) => sum + shownCharacters(message), 0);
  }

  get isFull(): boolean {
    return !this.#keepsNewest && this.#messages.length >= this.#limit;
  }

  get isLarge(): boolean {
    return this.#characters > MAX_SHOWN_CHARACTERS;
  }

  /** By time, then partition and offset. */
  sorted(): Message[] {
    const sorted = this.#messages.sort(
      (left, right) =>
        left.timestampMs - right.timestampMs ||
        left.partition - right.partition ||
        (BigInt(left.offset) < BigInt(right.offset) ? -1 : 1),
    );
    return this.#keepsNewest ? sorted.slice(-this.#limit) : sorted;
  }
}
