import { once } from 'node:events';
import { start } from '../../conformance/runner/children.ts';
import {
  BATCH_BYTES,
  END_TO_END_RECORD_BYTES,
  type Latency,
  LINGER_MS,
  type Load,
  type LoadTarget,
  type ProducePlan,
  type Throughput,
} from './load.ts';

const TOOLS = 'org.apache.kafka.tools';

/** Kafka's own performance tools, each in a JVM of its own. */
export class JavaLoad implements Load {
  readonly name = "Kafka's performance tools (Java)";
  readonly #classPath: string;
  readonly #loggingFile: string;

  constructor(classPath: string, loggingFile: string) {
    this.#classPath = classPath;
    this.#loggingFile = loggingFile;
  }

  async produce(target: LoadTarget, plan: ProducePlan): Promise<Throughput> {
    const { records, recordBytes, acks, compression } = plan;
    const properties = [
      `acks=${acks}`,
      `linger.ms=${LINGER_MS}`,
      `batch.size=${BATCH_BYTES}`,
      `enable.idempotence=${acks === 'all'}`,
      ...(compression === undefined ? [] : [`compression.type=${compression}`]),
    ];
    const output = await this.#run('ProducerPerformance', [
      ...['--bootstrap-server', addressOf(target), '--topic', target.topic],
      ...['--num-records', String(records), '--record-size', String(recordBytes), '--throughput', '-1'],
      ...['--command-property', ...properties],
    ]);
    const totals = [...output.matchAll(/\(([\d.]+) MB\/sec\), [\d.]+ ms avg latency, .*95th/g)].at(-1);
    if (totals === undefined) throw new Error(`Kafka's producer said: ${output.slice(-600)}`);
    return { megabytes: (records * recordBytes) / 2 ** 20, megabytesPerSecond: Number(totals[1]) };
  }

  async consume(target: LoadTarget, records: number): Promise<Throughput> {
    const output = await this.#run('ConsumerPerformance', [
      ...['--bootstrap-server', addressOf(target), '--topic', target.topic],
      ...['--num-records', String(records), '--timeout', '60000'],
    ]);
    const row = output.split('\n').findLast(line => /^\d{4}-/.test(line));
    if (row === undefined) throw new Error(`Kafka's consumer said: ${output.slice(-600)}`);
    const fields = row.split(', ');
    return { megabytes: Number(fields[2]), megabytesPerSecond: Number(fields[8]) };
  }

  async endToEnd(target: LoadTarget, records: number): Promise<Latency> {
    const output = await this.#run('EndToEndLatency', [
      ...['--bootstrap-server', addressOf(target), '--topic', target.topic],
      ...['--num-records', String(records), '--producer-acks', 'all'],
      ...['--record-size', String(END_TO_END_RECORD_BYTES)],
    ]);
    const found = /50th = (\d+), 99th = (\d+)/.exec(output);
    if (found === null) throw new Error(`Kafka's end-to-end tool said: ${output.slice(-600)}`);
    return { p50Ms: Number(found[1]), p99Ms: Number(found[2]) };
  }

  async #run(tool: string, args: readonly string[]): Promise<string> {
    const jvm = ['-cp', this.#classPath, `-Dlog4j2.configurationFile=${this.#loggingFile}`, '-Xmx512m'];
    const child = start({ file: 'java', args: [...jvm, `${TOOLS}.${tool}`, ...args] }, [
      'ignore',
      'pipe',
      'pipe',
    ]);
    let output = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (data: Buffer) => {
        output += data;
      });
    }
    await once(child, 'close');
    return output;
  }
}

const addressOf = ({ bootstrap }: LoadTarget): string =>
  bootstrap.map(({ host, port }) => `${host}:${port}`).join(',');
