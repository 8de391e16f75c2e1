/*
 * npm run bench:failover [-- OPTIONS]: how long nothing is acknowledged when the leader of a partition goes, as
 * librdkafka's producer sees it. Three nodes, replication 3, acks=all; beside Apache Kafka each of them in turn.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { javaClassPath, librdkafkaPython } from '../conformance/clients.ts';
import { start } from '../conformance/runner/children.ts';
import { BenchCluster, type BenchEngine, kafkaEngine, odradekEngine } from './bench/bench_cluster.ts';
import { inFolder } from './bench/in_folder.ts';
import { activeController, createClient, createTopic, leadersOf } from './bench/own_client.ts';
import { Report } from './bench/report.ts';

const USAGE = `npm run bench:failover [-- OPTIONS]
  --signal KILL|TERM|STOP  what the leader gets: killed, stopped in order, hung for a while (KILL)
  --times N                how often (10)
  --beside-kafka           the same against Apache Kafka in the same run (needs Java and Maven, or --kafka-libs)
  --kafka-libs DIR         a folder with Apache Kafka's jars, instead of fetching them with Maven`;

const SIGNALS = { KILL: 'SIGKILL', TERM: 'SIGTERM', STOP: 'SIGSTOP' } as const;
const isSignal = (text: string): text is keyof typeof SIGNALS => text in SIGNALS;
/** Longer than anybody needs to find another leader. */
const PATIENCE_MS = { Odradek: 6_000, Kafka: 20_000 } as const;
/** A client that waits longer for an answer would measure its own patience with a node that hangs. */
const SOCKET_TIMEOUT_MS = 1_000;

const options = readOptions();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-bench-'));
const cache = path.join(import.meta.dirname, '../conformance/.cache');
const progress = (text: string) => console.error(text);

function misused(text: string): never {
  console.error(`${text}\n\n${USAGE}`);
  process.exit(2);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        signal: { type: 'string', default: 'KILL' },
        times: { type: 'string', default: '10' },
        'beside-kafka': { type: 'boolean', default: false },
        'kafka-libs': { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const { signal } = values;
    if (!isSignal(signal)) return misused(`--signal: KILL, TERM or STOP, not ${signal}`);
    if (!/^[1-9]\d?$/.test(values.times)) misused(`--times: from 1 to 99, not ${values.times}`);
    return { ...values, signal, times: Number(values.times) };
  } catch (error) {
    return misused((error as Error).message);
  }
}

interface Outcome {
  readonly gapMs: number;
  readonly failed: number;
  readonly lost: number;
  readonly doubled: number;
  readonly reordered: number;
}

/** Lets the leader of a new topic go while records are produced, and brings it back. */
async function failOver(cluster: BenchCluster, python: string, topic: string) {
  const { bootstrap } = cluster;
  const configs = { 'min.insync.replicas': '2' };
  await createTopic(bootstrap, topic, { partitions: 1, replicationFactor: 3, configs });
  const client = createClient();
  const { leaders } = await leadersOf(client, bootstrap[0]!, topic);
  const controller = await activeController(client, bootstrap[0]!);
  client.close();
  const leader = leaders[0]!.endpoint;
  const wasController = bootstrap[controller - 1]?.port === leader.port;
  const socketTimeoutMs = options.signal === 'STOP' ? SOCKET_TIMEOUT_MS : null;
  const order = JSON.stringify({ bootstrap: cluster.address, topic, socketTimeoutMs });
  const program = path.join(import.meta.dirname, 'bench/failover_load.py');
  const load = start({ file: python, args: [program, order] }, ['pipe', 'pipe', 'inherit']);
  const ended = once(load, 'exit');
  let outcome: Outcome | undefined;
  for await (const text of createInterface({ input: load.stdout! })) {
    const line = JSON.parse(text) as { readonly event: string } & Outcome;
    if (line.event === 'done') outcome = line;
    if (line.event !== 'ready') continue;
    cluster.signal(leader, SIGNALS[options.signal]);
    await sleep(PATIENCE_MS[cluster.engine.name as keyof typeof PATIENCE_MS]);
    load.stdin!.write('end\n');
  }
  await ended;
  if (outcome === undefined) throw new Error(`The producer ended before it said anything: see above`);
  if (options.signal === 'STOP') cluster.signal(leader, 'SIGCONT');
  else await cluster.startAgain(leader);
  return { ...outcome, wasController };
}

async function main(): Promise<void> {
  fs.mkdirSync(cache, { recursive: true });
  const workshop = { cache, logPath: path.join(folder, 'build.log'), progress };
  const python = await librdkafkaPython(workshop);
  const engines: BenchEngine[] = [odradekEngine(path.join(import.meta.dirname, '../bin/odradek'))];
  if (options['beside-kafka']) {
    const loggingFile = path.join(folder, 'log4j2.properties');
    fs.writeFileSync(loggingFile, 'rootLogger.level=off\n');
    const libs = options['kafka-libs'];
    const classPath = libs === undefined ? await javaClassPath(workshop) : path.join(libs, '*');
    engines.push(kafkaEngine(classPath, loggingFile));
  }
  const report = new Report(engines.map(({ name }) => name));
  const clusters: BenchCluster[] = [];
  for (const engine of engines) {
    progress(`${engine.name} starts three nodes`);
    clusters.push(await BenchCluster.start(engine, 3, path.join(folder, engine.name)));
  }
  let wrong = 0;
  for (let time = 1; time <= options.times; time++) {
    for (const cluster of clusters) {
      const { wasController, gapMs, ...found } = await failOver(cluster, python, `failover-${time}`);
      const { name } = cluster.engine;
      const { failed, lost, doubled, reordered } = found;
      wrong += failed + lost + doubled + reordered;
      progress(
        `${name} ${time} of ${options.times}: ${Math.round(gapMs)} ms${wasController ? ', the active controller too' : ''}; ${failed} failed, ${lost} lost, ${doubled} doubled, ${reordered} reordered`,
      );
      const what = `the leader gets SIG${options.signal}: longest time without an acknowledgement`;
      report.note(name, { what, unit: 'ms' }, gapMs);
      const other = wasController ? 'and is the active controller' : 'and is not the active controller';
      report.note(name, { what: `${what}, ${other}`, unit: 'ms' }, gapMs);
    }
  }
  await Promise.all(clusters.map(cluster => cluster.stop()));
  const load = os.loadavg()[0]!.toFixed(1);
  console.log(
    `\n${options.times} times, medians (least–most); Node ${process.version}; load ${load} at the end.`,
  );
  console.log(`Records that failed, were lost, doubled or reordered: ${wrong}.\n\n${report.table()}`);
  if (wrong > 0) process.exitCode = 1;
}

await inFolder(folder, main);
