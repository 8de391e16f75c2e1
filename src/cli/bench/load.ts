import { randomBytes } from 'node:crypto';
import type { ClusterClient } from '../../client/cluster_client.ts';
import { Consumer } from '../../client/consumer/consumer.ts';
import { Producer } from '../../client/producer/producer.ts';
import type { ProducerOptions } from '../../client/producer/producer_options.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { asPartitionIndex } from '../../model/ids.ts';
import { Latencies } from './latencies.ts';

export interface LoadOptions {
  readonly topic: string;
  readonly partitions: number;
  readonly recordBytes: number;
  readonly seconds: number;
  /** Records a second; as many as there can be without it. */
  readonly rate: number | undefined;
  readonly producer: Partial<ProducerOptions>;
  /** Called now and then, with the records so far. */
  readonly progress: (records: number) => void;
  readonly isInterrupted: () => boolean;
}

/** What one part of a load came to. */
export interface LoadResult {
  readonly what: string;
  readonly records: number;
  readonly bytes: number;
  readonly elapsedMs: number;
  readonly failures: number;
  /** Of a record, from sending it to its acknowledgement or to its reader; undefined where it says nothing. */
  readonly latencies: Latencies | undefined;
}

/** Records that may be on their way. */
const MAX_IN_FLIGHT = 5_000;
/** How often the pace is looked at. */
const TICK_MS = 5;
/** Values are cut out of so many random bytes, so that compression has its usual work. */
const POOL_BYTES = 1 << 20;
const POLL_MS = 500;

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** Sends as many records as asked for, or as there can be, and measures each acknowledgement. */
export async function produceLoad(
  client: ClusterClient,
  options: LoadOptions,
): Promise<LoadResult | Failure> {
  const { isInterrupted, partitions, progress, rate, recordBytes, seconds, topic } = options;
  const producer = new Producer(client, options.producer);
  const pool = Buffer.from(randomBytes(POOL_BYTES / 2).toString('hex'));
  const latencies = new Latencies();
  const startedMs = performance.now();
  let [sent, acknowledged, failures] = [0, 0, 0];
  let firstFailure: Failure | undefined;
  while (performance.now() - startedMs < seconds * 1_000 && !isInterrupted()) {
    const due = rate === undefined ? Infinity : ((performance.now() - startedMs) / 1_000) * rate;
    const room = MAX_IN_FLIGHT - (sent - acknowledged - failures);
    for (let count = Math.min(room, 1_000, Math.floor(due - sent)); count > 0; count--) {
      const at = (sent * 8_191) % Math.max(1, pool.length - recordBytes);
      const beganMs = performance.now();
      const partition = asPartitionIndex(sent % partitions);
      sent++;
      const value =
        recordBytes <= pool.length ? pool.subarray(at, at + recordBytes) : Buffer.alloc(recordBytes, pool);
      void producer.send({ topic, partition, key: null, value }).then(outcome => {
        if (failed(outcome)) {
          failures++;
          firstFailure ??= outcome;
        } else {
          acknowledged++;
          latencies.add(performance.now() - beganMs);
        }
      });
    }
    progress(acknowledged);
    await (rate === undefined && room > 1_000 ? new Promise(setImmediate) : sleep(TICK_MS));
  }
  await producer.close();
  if (acknowledged === 0 && firstFailure !== undefined) return firstFailure;
  return {
    what: 'produce',
    records: acknowledged,
    bytes: acknowledged * recordBytes,
    elapsedMs: performance.now() - startedMs,
    failures,
    // Without acknowledgements there is nothing to measure.
    latencies: options.producer.acks === 0 ? undefined : latencies,
  };
}

/** Reads what was produced, up to so many records. */
export async function consumeLoad(
  client: ClusterClient,
  options: LoadOptions,
  wanted: number,
): Promise<LoadResult | Failure> {
  const consumer = new Consumer(client);
  consumer.assign(
    Array.from({ length: options.partitions }, (_, index) => ({
      topic: options.topic,
      partition: asPartitionIndex(index),
      start: 'earliest' as const,
    })),
  );
  const startedMs = performance.now();
  let [records, bytes] = [0, 0];
  while (
    records < wanted &&
    performance.now() - startedMs < options.seconds * 1_000 &&
    !options.isInterrupted()
  ) {
    const polled = await consumer.poll({ timeoutMs: POLL_MS, maxRecords: 10_000 });
    if (failed(polled)) return polled;
    records += polled.length;
    for (const { value } of polled) bytes += value?.length ?? 0;
    options.progress(records);
  }
  const elapsedMs = performance.now() - startedMs;
  consumer.close();
  return { what: 'consume', records, bytes, elapsedMs, failures: 0, latencies: undefined };
}

/** Sends one record after the other, and measures when each is read. */
export async function endToEndLoad(
  client: ClusterClient,
  options: LoadOptions,
): Promise<LoadResult | Failure> {
  const { isInterrupted, progress, recordBytes, seconds, topic } = options;
  const partition = asPartitionIndex(0);
  const producer = new Producer(client, { ...options.producer, lingerMs: 0 });
  const consumer = new Consumer(client);
  consumer.assign([{ topic, partition, start: 'latest' }]);
  const positioned = await consumer.poll({ timeoutMs: POLL_MS });
  if (failed(positioned)) return positioned;
  const latencies = new Latencies();
  const startedMs = performance.now();
  const value = Buffer.alloc(recordBytes, 'x');
  let records = 0;
  while (performance.now() - startedMs < seconds * 1_000 && !isInterrupted()) {
    const beganMs = performance.now();
    const sent = producer.send({ topic, partition, key: null, value });
    for (let read = 0; read === 0; ) {
      const polled = await consumer.poll({ timeoutMs: POLL_MS });
      if (failed(polled)) return polled;
      read = polled.length;
      if (read === 0) {
        const outcome = await sent;
        if (failed(outcome)) return outcome;
      }
    }
    latencies.add(performance.now() - beganMs);
    records++;
    progress(records);
  }
  await producer.close();
  consumer.close();
  const elapsedMs = performance.now() - startedMs;
  return { what: 'end to end', records, bytes: records * recordBytes, elapsedMs, failures: 0, latencies };
}
