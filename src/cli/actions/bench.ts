import { createTopics, deleteTopics } from '../../client/admin/topics.ts';
import type { ClusterClient } from '../../client/cluster_client.ts';
import type { ProducerOptions } from '../../client/producer/producer_options.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { consumeLoad, endToEndLoad, type LoadOptions, type LoadResult, produceLoad } from '../bench/load.ts';
import { takeClientSetting } from '../client_settings.ts';
import type { CommandContext } from '../command_context.ts';
import { table } from '../output/blocks.ts';
import { formatCount } from '../output/units.ts';
import { parseCount } from '../parse.ts';
import type { Action } from '../run_action.ts';

interface Options {
  readonly seconds: string;
  readonly size: string;
  readonly partitions: string;
  readonly replicas?: string;
  readonly acks: string;
  readonly compression: string;
  readonly rate?: string;
}

/** `--replicas` for the cluster's default. */
const DEFAULT = -1;
const BYTES_PER_MB = 1_000_000;

export const bench: Action<[], Options> = async (context, _args, options) => {
  const numbers = parseNumbers(options);
  if (failed(numbers)) return numbers;
  const settings = await context.settings();
  if (failed(settings)) return settings;
  for (const [key, value] of [
    ['acks', options.acks],
    ['compression.type', options.compression],
  ] as const) {
    const problem = takeClientSetting(settings, { key, value, origin: key === 'acks' ? '--acks' : '-z' });
    if (problem !== undefined) return problem;
  }
  const client = await context.connect();
  if (failed(client)) return client;
  const topic = `odradek-bench-${Date.now().toString(36)}`;
  const created = await createTopics(client, [
    { name: topic, partitionCount: numbers.partitions, replicationFactor: numbers.replicas, configs: {} },
  ]);
  const failure = failed(created) ? created : created[0]?.failure;
  if (failure !== undefined) return failure;
  const results = await run(context, client, { topic, producer: settings.producer, ...numbers });
  const deleted = await deleteTopics(client, [topic]);
  if (failed(deleted)) context.note(`odradek: the topic ${topic} was not deleted: ${deleted.message}`);
  if (failed(results)) return results;
  await show(context, results);
  return undefined;
};

interface Numbers {
  readonly seconds: number;
  readonly recordBytes: number;
  readonly partitions: number;
  readonly replicas: number;
  readonly rate: number | undefined;
}

function parseNumbers({ partitions, rate, replicas, seconds, size }: Options): Numbers | Failure {
  const parsed = {
    seconds: parseCount(seconds, '--seconds'),
    recordBytes: parseCount(size, '--size'),
    partitions: parseCount(partitions, '-p'),
    replicas: replicas === undefined ? DEFAULT : parseCount(replicas, '-r'),
    rate: rate === undefined ? undefined : parseCount(rate, '--rate'),
  };
  return Object.values(parsed).find(failed) ?? (parsed as Numbers);
}

async function run(
  context: CommandContext,
  client: ClusterClient,
  given: Numbers & { readonly topic: string; readonly producer: Partial<ProducerOptions> },
): Promise<LoadResult[] | Failure> {
  let isInterrupted = false;
  context.handleInterrupts();
  void context.interrupted.then(() => {
    isInterrupted = true;
  });
  const part = (what: string): LoadOptions => ({
    ...given,
    isInterrupted: () => isInterrupted,
    progress: records => context.progress.show(`${what}: ${formatCount(records)} records`),
  });
  const failure = await client.waitForTopic(given.topic);
  if (failure !== undefined) return failure;
  const produced = await produceLoad(client, part('produce'));
  if (failed(produced)) return produced;
  const consumed = await consumeLoad(client, part('consume'), produced.records);
  if (failed(consumed)) return consumed;
  const endToEnd = await endToEndLoad(client, part('end to end'));
  context.progress.end();
  return failed(endToEnd) ? endToEnd : [produced, consumed, endToEnd];
}

async function show({ output }: CommandContext, results: readonly LoadResult[]): Promise<void> {
  const rows = results.map(({ bytes, elapsedMs, failures, latencies, records, what }) => ({
    what,
    records,
    failures,
    seconds: round(elapsedMs / 1_000),
    recordsPerSecond: Math.round(records / (elapsedMs / 1_000)),
    megabytesPerSecond: round(bytes / BYTES_PER_MB / (elapsedMs / 1_000)),
    latencyMs:
      latencies === undefined
        ? null
        : {
            mean: round(latencies.meanMs),
            p50: round(latencies.percentileMs(0.5)),
            p95: round(latencies.percentileMs(0.95)),
            p99: round(latencies.percentileMs(0.99)),
            max: round(latencies.maxMs),
          },
  }));
  const latency = (name: 'mean' | 'p50' | 'p95' | 'p99' | 'max') => ({
    header: `${name.toUpperCase()} MS`,
    value: (row: (typeof rows)[number]) => row.latencyMs?.[name] ?? null,
    isRight: true,
    isWide: name === 'mean',
  });
  const block = table(
    [
      { header: 'LOAD', value: row => row.what },
      { header: 'RECORDS', value: row => formatCount(row.records), isRight: true },
      { header: 'SECONDS', value: row => row.seconds, isRight: true, isWide: true },
      { header: 'RECORDS/S', value: row => formatCount(row.recordsPerSecond), isRight: true },
      { header: 'MB/S', value: row => row.megabytesPerSecond, isRight: true },
      latency('mean'),
      latency('p50'),
      latency('p95'),
      latency('p99'),
      latency('max'),
      {
        header: 'FAILED',
        value: (row, paint) => (row.failures > 0 ? paint.bad(String(row.failures)) : 0),
        isRight: true,
      },
    ],
    rows,
    { empty: 'None' },
  );
  await output.show(rows, block);
}

const round = (value: number): number => Math.round(value * 100) / 100;
