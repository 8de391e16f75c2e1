import type { Delivered, DeliveryFailure, ProducerRecord } from '../../client/producer/delivery.ts';
import { Producer } from '../../client/producer/producer.ts';
import type { ProducerOptions } from '../../client/producer/producer_options.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { takeClientSetting } from '../client_settings.ts';
import type { CommandContext } from '../command_context.ts';
import { ExitCode, Misuse } from '../exit_codes.ts';
import { hintFor } from '../hints.ts';
import { formatCount } from '../output/units.ts';
import { parseCount, parsePairs, parseTime } from '../parse.ts';
import { parseDelimiter } from '../records/record_format.ts';
import { type InputOptions, jsonToRecord, pieceToRecord, splitStream } from '../records/record_input.ts';
import type { Action } from '../run_action.ts';

interface Options {
  readonly value: readonly string[];
  readonly key?: string;
  readonly keyDelimiter?: string;
  readonly delimiter: string;
  readonly partition?: string;
  readonly header: readonly string[];
  readonly timestamp?: string;
  readonly json?: boolean;
  readonly emptyAsNull?: boolean;
  readonly tombstone?: boolean;
  readonly compression?: string;
  readonly acks?: string;
}

/** Records that are on their way; reading goes on when there are fewer. */
const MAX_PENDING = 20_000;

export const produce: Action<[topic: string], Options> = async (context, [topic], options) => {
  const input = parseInput(topic, options);
  if (failed(input)) return input;
  const producerOptions = await readProducerOptions(context, options);
  if (failed(producerOptions)) return producerOptions;
  const client = await context.connect({ allowAutoTopicCreation: true });
  if (failed(client)) return client;
  const unknown = await client.waitForTopic(topic, client.timeouts.requestTimeoutMs);
  if (unknown !== undefined) return unknown;
  const producer = new Producer(client, producerOptions);
  context.handleInterrupts();
  const ledger = new Ledger(context, topic);
  const misuse = await sendAll(context, input, { options, producer, ledger });
  await producer.close();
  await ledger.end();
  return misuse ?? ledger.report();
};

function parseInput(topic: string, options: Options): (InputOptions & { delimiter: Buffer }) | Misuse {
  const { key, tombstone = false, json = false } = options;
  if (tombstone && key === undefined) return new Misuse('--tombstone needs the key that it is for (-k)');
  if (tombstone && options.value.length > 0) return new Misuse('A tombstone has no value: leave --value out');
  if (json && options.keyDelimiter !== undefined) return new Misuse('--json has the keys: leave -K out');
  const headers = parsePairs(options.header, '-H');
  if (failed(headers)) return headers;
  const partition = options.partition === undefined ? undefined : parseCount(options.partition, '-p', 0);
  if (failed(partition)) return partition;
  const timestamp = options.timestamp === undefined ? undefined : parseTime(options.timestamp, Date.now());
  if (failed(timestamp)) return timestamp;
  const keyDelimiter = options.keyDelimiter === undefined ? undefined : parseDelimiter(options.keyDelimiter);
  if (failed(keyDelimiter)) return new Misuse(`-K: ${keyDelimiter.message}`);
  const delimiter = parseDelimiter(options.delimiter);
  if (failed(delimiter)) return new Misuse(`-D: ${delimiter.message}`);
  if (delimiter.length === 0 || keyDelimiter?.length === 0)
    return new Misuse('A delimiter (-D, -K) must not be empty');
  return {
    topic,
    key: key === undefined ? null : Buffer.from(key),
    keyDelimiter,
    delimiter,
    partition,
    headers: Object.entries(headers).map(([name, value]) => ({ key: name, value: Buffer.from(value) })),
    timestamp,
    areEmptyNull: options.emptyAsNull === true,
  };
}

async function readProducerOptions(
  context: CommandContext,
  { acks, compression }: Options,
): Promise<Partial<ProducerOptions> | Failure> {
  const settings = await context.settings();
  if (failed(settings)) return settings;
  const given = { acks, 'compression.type': compression };
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const origin = key === 'acks' ? '--acks' : '-z';
    const problem = takeClientSetting(settings, { key, value, origin });
    if (problem !== undefined) return problem;
  }
  const { producer } = settings;
  if (producer.isIdempotent === true && (producer.acks ?? -1) !== -1) {
    return new Misuse('enable.idempotence=true needs acks=all');
  }
  return producer;
}

interface Sending {
  readonly options: Options;
  readonly producer: Producer;
  readonly ledger: Ledger;
}

/** Sends what there is to send; what of the input is no record ends it. */
async function sendAll(
  context: CommandContext,
  input: InputOptions & { delimiter: Buffer },
  { ledger, options, producer }: Sending,
): Promise<Misuse | undefined> {
  if (options.tombstone === true) {
    const record = pieceToRecord(Buffer.alloc(0), { ...input, keyDelimiter: undefined, areEmptyNull: true });
    if (failed(record)) return record;
    await ledger.add(record, producer);
    return undefined;
  }
  const pieces =
    options.value.length > 0
      ? options.value.map(value => Buffer.from(value))
      : splitStream(untilInterrupted(context), input.delimiter);
  if (options.value.length === 0 && context.terminal.stdin.isTTY === true) {
    context.note('Each line is a record; Ctrl-D ends the input.');
  }
  for await (const piece of pieces) {
    if (failed(piece)) return piece;
    const record = options.json === true ? jsonToRecord(piece, input) : pieceToRecord(piece, input);
    if (failed(record)) return record;
    await ledger.add(record, producer);
  }
  return undefined;
}

/** The input, until it ends or the user does. */
async function* untilInterrupted(context: CommandContext): AsyncGenerator<Buffer | string> {
  const chunks = context.terminal.stdin[Symbol.asyncIterator]();
  const interrupted = context.interrupted.then(() => ({ done: true as const, value: '' }));
  for (;;) {
    const next = await Promise.race([chunks.next(), interrupted]);
    if (next.done === true) return;
    yield next.value;
  }
}

/** What became of the records. */
class Ledger {
  readonly #context: CommandContext;
  readonly #topic: string;
  /** In the order of the input; at most {@link MAX_PENDING}. */
  readonly #pending: Promise<Delivered | DeliveryFailure>[] = [];
  #delivered = 0;
  #failed = 0;
  #perhaps = 0;
  #firstFailure: DeliveryFailure | undefined;

  constructor(context: CommandContext, topic: string) {
    this.#context = context;
    this.#topic = topic;
  }

  async add(record: ProducerRecord, producer: Producer): Promise<void> {
    this.#pending.push(producer.send(record));
    while (this.#pending.length >= MAX_PENDING) await this.#settleFirst();
  }

  async end(): Promise<void> {
    while (this.#pending.length > 0) await this.#settleFirst();
    this.#context.progress.end();
  }

  async #settleFirst(): Promise<void> {
    const outcomes = await Promise.all(this.#pending.splice(0, 1_000));
    for (const outcome of outcomes) {
      if (!failed(outcome)) {
        this.#delivered++;
        continue;
      }
      this.#failed++;
      if (outcome.mayBeWritten) this.#perhaps++;
      this.#firstFailure ??= outcome;
    }
    const { output, progress } = this.#context;
    progress.show(`${formatCount(this.#delivered)} records acknowledged`);
    if (!output.isForPrograms) return;
    await output.items(outcomes, { data: outcome => this.#data(outcome) });
  }

  #data(outcome: Delivered | DeliveryFailure): unknown {
    if (!failed(outcome)) return { topic: this.#topic, ...outcome };
    const { mayBeWritten, message, partition = null } = outcome;
    return { topic: this.#topic, partition, error: message, mayBeWritten };
  }

  report(): ExitCode {
    const { terminal } = this.#context;
    const note = (text: string): void => this.#context.note(text);
    if (this.#firstFailure === undefined) {
      if (terminal.stderr.isTTY === true) note(`${formatCount(this.#delivered)} records acknowledged`);
      return ExitCode.ok;
    }
    const perhaps =
      this.#perhaps > 0 ? ` (${formatCount(this.#perhaps)} of them may be written all the same)` : '';
    note(
      `odradek: ${formatCount(this.#failed)} of ${formatCount(this.#failed + this.#delivered)} records were not acknowledged${perhaps}: ${this.#firstFailure.message}`,
    );
    const hint = hintFor(this.#firstFailure);
    if (hint !== undefined) note(`Try: ${hint}`);
    return ExitCode.failed;
  }
}
