/* A lab with a cluster and clients at work in it, from its beginning to the verdict on what the clients saw. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { librdkafkaPython } from '../conformance/clients.ts';
import { killAll } from '../conformance/runner/children.ts';
import { MissingTool } from '../conformance/runner/toolchain.ts';
import { describeReport } from '../src/checker/describe_report.ts';
import { ChaosCluster, hostOf } from './chaos_cluster.ts';
import { ChaosClients } from './clients.ts';
import { NetworkLab, networkLabProblem } from './network_lab.ts';

export const TOPIC = 'chaos';
const PARTITIONS = 6;
/** For the cluster to get whole again, as Jepsen's final phase gives it. */
const HEAL_MS = 10_000;
const FINISH_TIMEOUT_MS = 300_000;
const CLIENTS = 'clients';
const here = import.meta.dirname;

export interface SessionOptions {
  readonly seed: number;
  readonly brokers: number;
  /** Keeps the folder whatever comes of it. */
  readonly keep: boolean;
  /** A machine that can't do it is a failure. */
  readonly requireAll: boolean;
}

export interface Session {
  readonly cluster: ChaosCluster;
  readonly clients: ChaosClients;
  /** Tells what happens, with the time since the start. */
  progress(text: string): void;
  /** Something that must not be. */
  problem(text: string): void;
}

const startedMs = performance.now();

function progress(text: string): void {
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  console.log(
    `${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}  ${text}`,
  );
}

/**
 * Runs `work` on a cluster with clients, heals, reads everything back, has the checker look at it, and ends the
 * process with `N passed, N failed`: one for each history, one for all problems together, and those of `work`.
 * @param work resolves to what it checked itself, each with what is wrong, undefined when nothing is
 */
export async function runSession(
  options: SessionOptions,
  work: (session: Session) => Promise<ReadonlyMap<string, string | undefined>>,
): Promise<never> {
  const folder = mkdtempSync(join(tmpdir(), 'odradek-chaos-'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  process.once('exit', killAll);
  let passed = 0;
  let failed = 0;
  const check = (name: string, wrong: string | undefined, good = '') => {
    if (wrong === undefined) passed++;
    else failed++;
    console.log(
      `${wrong === undefined ? 'ok' : 'FAILED'}  ${name}${(wrong ?? good) === '' ? '' : `: ${wrong ?? good}`}`,
    );
  };
  try {
    const python = await prepare(folder);
    await inLab({ ...options, folder, python }, work, check);
  } catch (error) {
    if (error instanceof MissingTool && !options.requireAll) {
      console.log(`skipped chaos: ${error.message}\n0 passed, 0 failed, 1 skipped`);
      process.exit(0);
    }
    check('run', (error as Error).message);
  }
  if (failed > 0 || options.keep) console.log(`Kept: ${folder}`);
  else rmSync(folder, { recursive: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
}

/** What the machine must have. @throws {MissingTool} */
async function prepare(folder: string): Promise<string> {
  const missing = networkLabProblem();
  if (missing !== undefined) throw new MissingTool(missing);
  const cache = join(here, '../conformance/.cache');
  mkdirSync(cache, { recursive: true });
  return await librdkafkaPython({ cache, logPath: join(folder, 'setup.log'), progress });
}

interface LabOptions extends SessionOptions {
  readonly folder: string;
  readonly python: string;
}

async function inLab(
  { seed, brokers, folder, python }: LabOptions,
  work: (session: Session) => Promise<ReadonlyMap<string, string | undefined>>,
  check: (name: string, wrong: string | undefined, good?: string) => void,
): Promise<void> {
  const lab = await NetworkLab.open([
    ...Array.from({ length: brokers }, (_, index) => hostOf(index + 1)),
    CLIENTS,
  ]);
  progress(`seed ${seed}, ${brokers} brokers; logs in ${folder}`);
  try {
    const program = [join(here, '../bin/odradek'), 'serve'] as const;
    const cluster = await ChaosCluster.start({ lab, brokers, folder, program });
    process.once('exit', () => cluster.unmount());
    const workload = { bootstrap: cluster.bootstrap, topic: TOPIC, partitions: PARTITIONS, seed };
    const args = [join(here, 'workload.py'), JSON.stringify(workload)];
    const clients = await ChaosClients.start(lab.on(CLIENTS, { file: python, args }), folder);
    const problems: string[] = [];
    const session = { cluster, clients, progress, problem: (text: string) => problems.push(text) };
    const checked = await work(session);
    progress('healing, then everything is read back');
    await heal(session);
    await clients.finish(FINISH_TIMEOUT_MS);
    problems.push(...clients.problems, ...cluster.nodes.flatMap(({ surprises }) => surprises));
    await cluster.stop();
    progress(`clients: ${JSON.stringify(clients.counts)}`);
    for (const [name, wrong] of checked) check(name, wrong);
    for (const [name, found] of clients.reports()) {
      const text = typeof found === 'string' ? found : describeReport(found);
      const isGood = typeof found !== 'string' && found.isValid;
      check(`history ${name}`, isGood ? undefined : text, text);
    }
    check('no other problem', problems.length === 0 ? undefined : problems.join('\n        '));
  } finally {
    await lab.close();
  }
}

/** Everything works again: processes, network and disks. */
async function heal({ cluster, problem }: Session): Promise<void> {
  await cluster.lab.heal();
  cluster.emptyDisk();
  for (const node of cluster.nodes) {
    node.resume();
    if (!node.isRunning) node.start().catch((error: Error) => problem(error.message));
  }
  await sleep(HEAL_MS);
}
