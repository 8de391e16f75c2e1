import type { ClusterClient } from '../../client/cluster_client.ts';
import { type ConsumedRecord, Consumer, type PollOptions } from '../../client/consumer/consumer.ts';
import { GroupConsumer } from '../../client/group/group_consumer.ts';
import { partitionKey, type TopicPartition } from '../../client/topic_partition.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { asOffset, type Offset } from '../../model/ids.ts';
import type { ClientSettings } from '../client_settings.ts';
import type { CommandContext } from '../command_context.ts';
import { Misuse } from '../exit_codes.ts';
import { choosePartitions, findTopics } from '../find_topics.ts';
import { type Position, parseCount, parsePosition } from '../parse.ts';
import { parseFilter } from '../records/record_filter.ts';
import { parseRecordFormat, type RecordFormat } from '../records/record_format.ts';
import { recordData } from '../records/record_text.ts';
import { findBounds, type PartitionBounds, resolvePosition } from '../resolve_positions.ts';
import type { Action } from '../run_action.ts';

interface Options {
  readonly from: string;
  readonly to?: string;
  readonly partition?: string;
  readonly count?: string;
  readonly exitAtEnd?: boolean;
  readonly format?: string;
  readonly filter: readonly string[];
  readonly group?: string;
  readonly commit: boolean;
  readonly readCommitted?: boolean;
}

/** What the options ask for. */
interface Wish {
  readonly from: Position;
  readonly to: Position | undefined;
  readonly maxRecords: number;
  readonly format: RecordFormat;
  readonly isWanted: (record: ConsumedRecord) => boolean;
  readonly options: Options;
}

const DEFAULT_FORMAT = '%v\\n';
const WIDE_FORMAT = '%t\\t%p\\t%o\\t%d{iso}\\t%k\\t%v\\n';
const POLL_MS = 1_000;
const MAX_POLL_RECORDS = 1_000;

export const consume: Action<[topics: string[]], Options> = async (context, [topics], options) => {
  const wish = parseOptions(context, topics, options);
  if (failed(wish)) return wish;
  const settings = await context.settings();
  if (failed(settings)) return settings;
  if (options.readCommitted === true) settings.consumer.isolationLevel = 'read_committed';
  const client = await context.connect();
  if (failed(client)) return client;
  const source =
    options.group === undefined
      ? await openPartitions(client, topics, { settings, wish })
      : await openGroup(client, topics, { settings, wish });
  if (failed(source)) return source;
  context.handleInterrupts();
  void context.interrupted.then(() => source.interrupt());
  const failure = await readAll(context, source, wish);
  await source.close();
  return failure;
};

function parseOptions(context: CommandContext, topics: readonly string[], options: Options): Wish | Misuse {
  const { count, group, partition, to } = options;
  if (group !== undefined && (partition !== undefined || to !== undefined)) {
    return new Misuse('A group shares the partitions out by itself: leave -p and --to out, or the group');
  }
  if (group === undefined && !options.commit) return new Misuse('--no-commit is for groups: add -g');
  if (partition !== undefined && topics.length > 1) return new Misuse('-p is for one topic');
  const nowMs = Date.now();
  const from = parsePosition(options.from, nowMs);
  if (failed(from)) return from;
  const end = to === undefined ? undefined : parsePosition(to, nowMs);
  if (failed(end)) return end;
  const maxRecords = count === undefined ? Infinity : parseCount(count, '-n');
  if (failed(maxRecords)) return maxRecords;
  const defaultFormat = context.output.format === 'wide' ? WIDE_FORMAT : DEFAULT_FORMAT;
  const format = parseRecordFormat(options.format ?? defaultFormat);
  if (failed(format)) return format;
  const filters = options.filter.map(parseFilter);
  const wrong = filters.find(filter => filter instanceof Misuse);
  if (wrong instanceof Misuse) return wrong;
  const isWanted = (record: ConsumedRecord) =>
    (filters as ((each: ConsumedRecord) => boolean)[]).every(filter => filter(record));
  return { from, to: end, maxRecords, format, isWanted, options };
}

/** Where records come from, until there are no more. */
interface Source {
  poll(options: PollOptions): Promise<ConsumedRecord[] | Failure>;
  /** Whether nothing more is to come. */
  isAtEnd(): boolean;
  /** Whether the record is before the end that the user set. */
  isWithin(record: ConsumedRecord): boolean;
  interrupt(): void;
  close(): Promise<void>;
}

interface Opening {
  readonly settings: ClientSettings;
  readonly wish: Wish;
}

async function openPartitions(
  client: ClusterClient,
  topics: readonly string[],
  { settings, wish }: Opening,
): Promise<Source | Failure> {
  const found = await findTopics(client, topics);
  if (failed(found)) return found;
  const partitions: TopicPartition[] = [];
  for (const topic of found) {
    const chosen = choosePartitions(topic, wish.options.partition);
    if (failed(chosen)) return chosen;
    partitions.push(...chosen);
  }
  const bounds = await findBounds(client, partitions, settings.consumer.isolationLevel);
  if (failed(bounds)) return bounds;
  const starts = await resolvePosition(client, wish.from, bounds);
  if (failed(starts)) return starts;
  const to = wish.to ?? (wish.options.exitAtEnd === true ? ({ kind: 'latest' } as const) : undefined);
  const ends = to === undefined ? undefined : await findEnds(client, to, bounds);
  if (failed(ends)) return ends;
  const consumer = new Consumer(client, { offsetReset: 'earliest', ...settings.consumer });
  const endOffsets = new Map(partitions.map((target, index) => [partitionKey(target), ends?.[index]]));
  // A partition without anything to read is not fetched at all.
  const assignments = partitions.map((target, index) => ({ ...target, start: { offset: starts[index]! } }));
  consumer.assign(assignments.filter((_, index) => ends === undefined || starts[index]! < ends[index]!));
  let isInterrupted = false;
  return {
    poll: options => consumer.poll(options),
    isWithin: record => record.offset < (endOffsets.get(partitionKey(record)) ?? record.offset + 1n),
    isAtEnd: () => {
      if (ends === undefined) return isInterrupted;
      const open = consumer.assignment.filter(target => {
        const position = consumer.position(target);
        return position === undefined || position < endOffsets.get(partitionKey(target))!;
      });
      if (open.length < consumer.assignment.length) consumer.assign(open);
      return isInterrupted || open.length === 0;
    },
    interrupt: () => {
      isInterrupted = true;
      consumer.wake();
    },
    close: async () => consumer.close(),
  };
}

/** An offset that is not there yet is waited for. */
async function findEnds(
  client: ClusterClient,
  to: Position,
  bounds: readonly PartitionBounds[],
): Promise<Offset[] | Failure> {
  if (to.kind === 'offset') return bounds.map(() => asOffset(to.offset));
  return await resolvePosition(client, to, bounds);
}

async function openGroup(
  client: ClusterClient,
  topics: readonly string[],
  { settings, wish }: Opening,
): Promise<Source | Failure> {
  const found = await findTopics(client, topics);
  if (failed(found)) return found;
  const { from, options } = wish;
  if (from.kind !== 'earliest' && from.kind !== 'latest') {
    return new Misuse(
      'A group begins where it has committed, else at --from start or end; "odradek group seek" moves it',
    );
  }
  const consumer = new GroupConsumer(client, {
    commitsByItself: options.commit,
    ...settings.group,
    groupId: options.group!,
    topics,
    consumer: { offsetReset: from.kind, ...settings.consumer },
  });
  let isInterrupted = false;
  return {
    poll: pollOptions => consumer.poll(pollOptions),
    isWithin: () => true,
    isAtEnd: () => {
      if (options.exitAtEnd !== true) return isInterrupted;
      const { assignment } = consumer;
      const isDone = assignment.every(target => {
        const [position, end] = [consumer.consumer.position(target), consumer.consumer.endOffset(target)];
        return position !== undefined && end !== undefined && position >= end;
      });
      return isInterrupted || (assignment.length > 0 && isDone);
    },
    interrupt: () => {
      isInterrupted = true;
      consumer.consumer.wake();
    },
    close: () => consumer.close(),
  };
}

async function readAll(context: CommandContext, source: Source, wish: Wish): Promise<Failure | undefined> {
  let shown = 0;
  while (shown < wish.maxRecords && !source.isAtEnd()) {
    // With a filter more than what is wanted may have to be read; a group commits no more than what is shown.
    const left = wish.options.filter.length > 0 ? MAX_POLL_RECORDS : wish.maxRecords - shown;
    const records = await source.poll({ timeoutMs: POLL_MS, maxRecords: Math.min(MAX_POLL_RECORDS, left) });
    if (failed(records)) return records;
    const wanted = records
      .filter(record => source.isWithin(record) && wish.isWanted(record))
      .slice(0, wish.maxRecords - shown);
    await show(context, wanted, { wish, before: shown });
    shown += wanted.length;
  }
  return undefined;
}

async function show(
  { output }: CommandContext,
  records: readonly ConsumedRecord[],
  { before, wish }: { readonly wish: Wish; readonly before: number },
): Promise<void> {
  let number = before;
  // A format of the user's own counts more than the output's.
  if (wish.options.format !== undefined || !output.isForPrograms) {
    if (records.length === 0) return;
    await output.raw(Buffer.concat(records.map(record => wish.format.format(record, ++number))));
    return;
  }
  await output.items(records, { data: recordData });
}
