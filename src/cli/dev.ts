import path from 'node:path';
import process from 'node:process';
import { firstTaken, freePorts } from '../cluster/free_ports.ts';
import { LocalBroker } from '../cluster/local_broker.ts';
import {
  folderProblem,
  HTTP_BELOW,
  LOCAL_HOST,
  type LocalNode,
  layOut,
  writeSettings,
} from '../cluster/local_layout.ts';
import { ExitCode } from './exit_codes.ts';

export interface DevOptions {
  readonly brokers: string;
  readonly port: string;
  readonly data: string;
  readonly override: readonly string[];
}

const MOST_BROKERS = 9;

/**
 * Runs a cluster on this machine, each broker in a process of its own, until Ctrl-C.
 * @returns the exit code
 */
export async function dev(options: DevOptions): Promise<ExitCode> {
  const brokers = wholeNumber(options.brokers, 1, MOST_BROKERS);
  const port = wholeNumber(options.port, 1, 65_000);
  if (brokers === undefined)
    return complain(`--brokers is a number from 1 to ${MOST_BROKERS}`, ExitCode.misused);
  if (port === undefined) return complain('--port is a number from 1 to 65000', ExitCode.misused);
  const folder = path.resolve(options.data);
  const usual = Array.from({ length: brokers }, (_, index) => port - HTTP_BELOW + index);
  const isTaken = port <= HTTP_BELOW || (await firstTaken(LOCAL_HOST, usual)) !== undefined;
  // The brokers ask each other by what is in their settings: any free port would not be there.
  const httpPorts = isTaken ? await freePorts(LOCAL_HOST, brokers) : usual;
  const layout = { brokers, port, folder, overrides: options.override, httpPorts };
  const problem = folderProblem(layout);
  if (problem !== undefined) return complain(problem, ExitCode.failed);
  const nodes = layOut(layout);
  const taken = await firstTaken(
    LOCAL_HOST,
    nodes.flatMap(node => [node.port, node.controllerPort]),
  );
  if (taken !== undefined) {
    const text = `something listens on ${LOCAL_HOST}:${taken} already. Stop it, or give this cluster other ports with --port`;
    return complain(text, ExitCode.failed);
  }
  say(`Odradek starts ${brokers} broker${brokers === 1 ? '' : 's'}, with everything in ${shown(folder)}`);
  try {
    writeSettings(nodes, layout);
  } catch (error) {
    return complain(`cannot write the settings into ${folder}: ${(error as Error).message}`, ExitCode.failed);
  }
  return await new LocalCluster(nodes).run();
}

/** What the controller says of a broker whose listener refuses. */
const GONE = 'its process is gone';

/** The brokers, from their start to their end. */
class LocalCluster {
  readonly #brokers: readonly LocalBroker[];
  #isStopping = false;
  /** All of them have served. */
  #isReady = false;
  /** When the broker was lost that the others are about to notice. */
  #lostAtMs: number | undefined;
  /** Brokers that the others have seen to be gone before the system told of their end. */
  readonly #noticedFirst = new Set<number>();

  constructor(nodes: readonly LocalNode[]) {
    const program = [path.resolve(process.argv[1]!)];
    this.#brokers = nodes.map(node => {
      const broker: LocalBroker = new LocalBroker(node, program, {
        logged: (message, fields) => this.#logged(node, message, fields),
        ended: how => this.#ended(broker, how),
      });
      return broker;
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.#stop());
  }

  async run(): Promise<ExitCode> {
    const failed = new Promise<string>(resolve => {
      for (const { node, started } of this.#brokers)
        void started.then(outcome => {
          if ('error' in outcome) resolve(`broker ${node.id} does not start: ${outcome.error}`);
        });
    });
    const all = Promise.all(this.#brokers.map(broker => broker.started));
    // The others would wait for one that does not start.
    const outcome = await Promise.race([failed, all]);
    const isFailure = typeof outcome === 'string' && !this.#isStopping;
    if (isFailure) {
      process.stderr.write(`odradek: ${outcome}\n`);
      this.#stop();
    } else if (typeof outcome !== 'string' && !this.#isStopping) {
      this.#tell(outcome.map(started => ('http' in started ? started.http : '')));
    }
    await Promise.all(this.#brokers.map(broker => broker.ended));
    return isFailure ? ExitCode.failed : ExitCode.ok;
  }

  #tell(http: readonly string[]): void {
    this.#isReady = true;
    const rows = this.#brokers.map(({ node, pid }, at) => [
      String(node.id),
      `${LOCAL_HOST}:${node.port}`,
      `http://${http[at]}`,
      String(pid),
      shown(node.logFile),
    ]);
    // Not the first one: commands ask that, unless they are told of another.
    const victim = this.#brokers[1];
    const all = this.#brokers.map(({ node }) => `${LOCAL_HOST}:${node.port}`).join(',');
    say(`\n${table(['broker', 'listens on', 'console, metrics', 'pid', 'log'], rows)}\n
Clients find the cluster at any of them: bootstrap.servers=${all}
The console of all is at each: http://${http[0]}/console/`);
    if (victim !== undefined) {
      say(`
Watch a promotion, from another terminal:

  kill -9 ${victim.pid}     ends broker ${victim.node.id}: what it led has other leaders in a fraction of a second, and clients go on
  ${restart(victim.node)}     starts it again`);
    }
    say('\nCtrl-C stops all.');
  }

  #logged(node: LocalNode, message: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.#isStopping) return;
    if (message === 'this node is the active controller') say(`broker ${node.id} is the active controller`);
    if (message === 'fencing brokers')
      this.#fenced(fields['brokers'] as readonly number[], String(fields['why']));
  }

  /** The others may see that a process is gone before the system tells its parent: then the end is told first. */
  #fenced(ids: readonly number[], why: string): void {
    const isUntold = (id: number) => this.#brokers.some(({ node, isRunning }) => node.id === id && isRunning);
    for (const id of why === GONE ? ids.filter(isUntold) : []) this.#noticedFirst.add(id);
    const told = ids.filter(id => !this.#noticedFirst.has(id));
    if (told.length > 0) this.#tellPromotion(told.join(), why);
  }

  #tellPromotion(ids: string, why: string): void {
    const took =
      this.#lostAtMs === undefined ? '' : `, ${Math.round(performance.now() - this.#lostAtMs)} ms later`;
    say(`others lead what broker ${ids} led${took}: ${why}`);
  }

  #ended(broker: LocalBroker, how: string): void {
    if (this.#isStopping || !this.#isReady) return;
    this.#lostAtMs = performance.now();
    const left = this.#brokers.filter(each => each.isRunning).length;
    const rest = left === 0 ? 'no broker is left' : `${left} left. Start it again: ${restart(broker.node)}`;
    say(`broker ${broker.node.id} (pid ${broker.pid}) ${how}; ${rest}`);
    if (this.#noticedFirst.delete(broker.node.id)) this.#tellPromotion(String(broker.node.id), GONE);
  }

  #stop(): void {
    if (!this.#isStopping) say('\nstopping all brokers; Ctrl-C again ends them at once');
    this.#isStopping = true;
    for (const broker of this.#brokers) broker.stop();
  }
}

const restart = ({ configFile }: LocalNode) =>
  `node ${shown(process.argv[1]!)} serve -c ${shown(configFile)}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map(row => row[at]!.length)));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join('  ')}`;
  return [head, ...rows].map(cells => line(cells).trimEnd()).join('\n');
}

/** A path as short as it can be said from here. */
function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative === '' || relative.startsWith('..') ? file : relative;
}

function wholeNumber(text: string, least: number, most: number): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= least && value <= most ? value : undefined;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function complain(text: string, code: ExitCode): ExitCode {
  process.stderr.write(`odradek: ${text}\n`);
  return code;
}
