/*
 * npm run bench [-- OPTIONS]: what a node or three cost under load, on their own or beside Apache Kafka in the same
 * run: every phase is run against each of them in turn, so that both see the same machine.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { javaClassPath } from '../conformance/clients.ts';
import { MissingTool } from '../conformance/runner/toolchain.ts';
import { BenchCluster, type BenchEngine, kafkaEngine, odradekEngine } from './bench/bench_cluster.ts';
import { inFolder } from './bench/in_folder.ts';
import { JavaLoad } from './bench/java_load.ts';
import type { Load } from './bench/load.ts';
import { deleteTopic } from './bench/own_client.ts';
import { OwnLoad } from './bench/own_load.ts';
import { makePhases, makeTopic, type Phase } from './bench/phases.ts';
import { Report } from './bench/report.ts';
import { makeWidePhases } from './bench/wide_phases.ts';

const USAGE = `npm run bench [-- OPTIONS]
  --nodes N         nodes of a cluster: 1 (the default) or 3
  --beside-kafka    the same work against Apache Kafka in the same run (needs Java and Maven, or --kafka-libs)
  --kafka-libs DIR  a folder with Apache Kafka's jars, instead of fetching them with Maven
  --load java|own   who produces and consumes: Kafka's performance tools (the default where Java is there), or
                    prepared batches over this project's own codec
  --runs N          how often; the report has the medians (3)
  --mb N            megabytes that each phase moves (500; --quick 100)
  --wide            many partitions, small batches and idle consumers, instead of large amounts
  --quick           one run of 100 MB a phase
  --only TEXT       phases whose name contains it; the topic is made and filled all the same
  --program FILE    another build's bin/odradek
  --json            the report as JSON, with the values of all runs`;

function readOptions() {
  try {
    return parseArgs({
      options: {
        nodes: { type: 'string', default: '1' },
        'beside-kafka': { type: 'boolean', default: false },
        'kafka-libs': { type: 'string' },
        load: { type: 'string' },
        runs: { type: 'string' },
        mb: { type: 'string' },
        wide: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        program: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return misused((error as Error).message);
  }
}

function misused(text: string): never {
  console.error(`${text}\n\n${USAGE}`);
  process.exit(2);
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= least
    ? value
    : misused(`--${name} is a number from ${least} on, not ${text}`);
}

const options = readOptions();
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
if (options.load !== undefined && !['java', 'own'].includes(options.load)) {
  misused(`--load is java or own, not ${options.load}`);
}
const nodeCount = wholeNumber('nodes', options.nodes, 1);
const runs = wholeNumber('runs', options.runs ?? (options.quick ? '1' : '3'), 1);
const megabytes = wholeNumber('mb', options.mb ?? (options.quick ? '100' : '500'), 1);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-bench-'));
const loggingFile = path.join(folder, 'log4j2.properties');

function progress(text: string): void {
  console.error(text);
}

/** Where Java finds Kafka's classes; undefined where there is no Java, or no Maven to fetch them. */
async function findKafka(): Promise<string | undefined> {
  if (options.load === 'own' && !options['beside-kafka']) return undefined;
  if (options['kafka-libs'] !== undefined) return path.join(options['kafka-libs'], '*');
  const cache = path.join(import.meta.dirname, '../conformance/.cache');
  fs.mkdirSync(cache, { recursive: true });
  try {
    return await javaClassPath({ cache, logPath: path.join(folder, 'build.log'), progress });
  } catch (error) {
    if (!(error instanceof MissingTool)) throw error;
    if (options['beside-kafka'] || options.load === 'java') misused(error.message);
    progress(`${error.message}; without it this project's own load is used`);
    return undefined;
  }
}

async function main(): Promise<void> {
  fs.writeFileSync(
    loggingFile,
    'rootLogger.level=error\nrootLogger.appenderRef.out.ref=out\nappender.out.type=Console\nappender.out.name=out\n',
  );
  const classPath = await findKafka();
  const load =
    classPath === undefined || options.load === 'own' || options.wide
      ? new OwnLoad()
      : new JavaLoad(classPath, loggingFile);
  const program = path.resolve(options.program ?? path.join(import.meta.dirname, '../bin/odradek'));
  const engines: BenchEngine[] = [odradekEngine(program)];
  if (options['beside-kafka']) engines.push(kafkaEngine(classPath!, loggingFile));
  const report = new Report(engines.map(engine => engine.name));
  for (let run = 1; run <= runs; run++) await benchOnce(engines, load, { run, report });
  if (options.json) console.log(JSON.stringify({ ...circumstances(load), report }, undefined, 2));
  else console.log(`\n${describe(load)}\n\n${report.table()}`);
}

async function benchOnce(
  engines: readonly BenchEngine[],
  load: Load,
  { run, report }: { readonly run: number; readonly report: Report },
): Promise<void> {
  const clusters: BenchCluster[] = [];
  const topic = `bench-${run}`;
  try {
    for (const engine of engines) {
      progress(
        `run ${run} of ${runs}: ${engine.name} starts ${nodeCount === 1 ? 'a node' : `${nodeCount} nodes`}`,
      );
      const into = path.join(folder, `${engine.name}-${run}`);
      const cluster = await BenchCluster.start(engine, nodeCount, into);
      clusters.push(cluster);
      const { readySeconds, formatSeconds } = cluster.startTimes;
      report.note(engine.name, { what: 'ready after the command', unit: 's' }, readySeconds);
      if (engines.length > 1)
        report.note(engine.name, { what: 'formatting before it', unit: 's' }, formatSeconds);
      await makeTopic(cluster, topic);
    }
    for (const phase of phasesOf(load)) {
      for (const cluster of clusters) {
        progress(`run ${run} of ${runs}: ${phase.name}, ${cluster.engine.name}`);
        const { name } = cluster.engine;
        await phase.run({ bootstrap: cluster.bootstrap, topic }, cluster, (measure, value) =>
          report.note(name, measure, value),
        );
      }
    }
    for (const { bootstrap } of clusters) await deleteTopic(bootstrap[0]!, topic);
  } finally {
    await Promise.all(clusters.map(cluster => cluster.stop()));
    for (const engine of engines) {
      fs.rmSync(path.join(folder, `${engine.name}-${run}`), { recursive: true, force: true });
    }
  }
}

function phasesOf(load: Load): Phase[] {
  const { only } = options;
  const phases = options.wide ? makeWidePhases() : makePhases({ load, megabytes });
  if (only === undefined) return phases;
  const chosen = phases.filter(({ name }) => name.includes(only));
  if (chosen.length > 0) return phases.filter(phase => phase.name === 'warm up' || chosen.includes(phase));
  return misused(
    `--only: no phase has ${only} in its name; there are ${phases.map(({ name }) => name).join('; ')}`,
  );
}

function circumstances(load: Load) {
  return {
    node: process.version,
    machine: `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown'}`,
    system: `${os.platform()} ${os.release()} ${os.arch()}`,
    nodes: nodeCount,
    runs,
    megabytes,
    load: load.name,
  };
}

function describe(load: Load): string {
  const { machine, system } = circumstances(load);
  const times = runs === 1 ? 'one run' : `medians of ${runs} runs (least–most)`;
  const size = options.wide ? '' : `${megabytes} MB a phase, `;
  return `${nodeCount === 1 ? 'One node' : `${nodeCount} nodes`}, ${size}${times}; load by ${load.name}.
Node ${process.version}, ${machine}, ${system}; other programs: load ${os.loadavg()[0]!.toFixed(1)} at the end.`;
}

await inFolder(folder, main);
