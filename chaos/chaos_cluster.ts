/* Brokers that are controllers too, one on each host of a lab, with what the faults need to reach into them. */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { NetworkLab } from './network_lab.ts';
import { NodeProcess } from './node_process.ts';

const BROKER_PORT = 9092;
const CONTROLLER_PORT = 9093;
/** The file system that can be filled. */
const SMALL_DISK_BYTES = 512 * 1024 * 1024;
const BALLAST = 'ballast';
/** What a torn tail loses at most: within one segment, and less than a second of work. */
const MAX_TORN_BYTES = 16_384;

export interface ChaosClusterOptions {
  readonly lab: NetworkLab;
  readonly brokers: number;
  readonly folder: string;
  /** Starts `serve`; the file of its settings is added. */
  readonly program: readonly [file: string, ...args: string[]];
  readonly settings?: readonly string[];
}

/** The name of a broker's host in the lab. */
export const hostOf = (id: number): string => `b${id}`;

export class ChaosCluster {
  readonly lab: NetworkLab;
  readonly nodes: readonly NodeProcess[];
  readonly #folder: string;
  #hasSmallDisk = false;

  private constructor(lab: NetworkLab, folder: string, nodes: readonly NodeProcess[]) {
    this.lab = lab;
    this.#folder = folder;
    this.nodes = nodes;
  }

  /** Lays the cluster out and waits until all nodes are ready. */
  static async start({
    lab,
    brokers,
    folder,
    program,
    settings = [],
  }: ChaosClusterOptions): Promise<ChaosCluster> {
    const ids = Array.from({ length: brokers }, (_, index) => index + 1);
    const voters = ids.map(id => `${id}@${lab.address(hostOf(id))}:${CONTROLLER_PORT}`).join();
    mkdirSync(folder, { recursive: true });
    const nodes = ids.map(id => {
      const file = join(folder, `${id}.properties`);
      const dataFolder = join(folder, `data${id}`);
      mkdirSync(dataFolder, { recursive: true });
      writeFileSync(
        file,
        propertiesOf({ id, voters, address: lab.address(hostOf(id)), dataFolder, settings }),
      );
      const [command, ...args] = program;
      return new NodeProcess({
        id,
        command: lab.on(hostOf(id), { file: command, args: [...args, '-c', file] }),
        logPath: join(folder, `${id}.log`),
      });
    });
    const cluster = new ChaosCluster(lab, folder, nodes);
    cluster.#mountSmallDisk();
    await Promise.all(nodes.map(node => node.start()));
    return cluster;
  }

  get bootstrap(): string {
    return this.nodes.map(({ id }) => `${this.lab.address(hostOf(id))}:${BROKER_PORT}`).join();
  }

  /** The broker whose disk can be filled; undefined where no file system could be mounted for it. */
  get nodeOnSmallDisk(): NodeProcess | undefined {
    return this.#hasSmallDisk ? this.nodes.at(-1) : undefined;
  }

  #mountSmallDisk(): void {
    const target = this.#dataOf(this.nodes.at(-1)!.id);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK_BYTES}`, 'tmpfs', target]);
    this.#hasSmallDisk = mounted.status === 0;
  }

  /** Fills the small disk to its last byte. */
  fillDisk(): void {
    const file = openSync(join(this.#dataOf(this.nodes.at(-1)!.id), BALLAST), 'w');
    const block = Buffer.alloc(1024 * 1024, 1);
    try {
      for (;;) if (writeSync(file, block) < block.length) break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  emptyDisk(): void {
    rmSync(join(this.#dataOf(this.nodes.at(-1)!.id), BALLAST), { force: true });
  }

  /**
   * Cuts the end off the last segment of some partitions of a node that is down, as if its disk had lost it.
   * @param choose from 0 to below its argument
   * @returns what was cut, in words
   */
  tearTails(
    id: number,
    { topic, choose }: { readonly topic: string; readonly choose: (below: number) => number },
  ): string[] {
    const torn: string[] = [];
    for (const partition of readdirSync(this.#dataOf(id)).filter(name => name.startsWith(`${topic}-`))) {
      const folder = join(this.#dataOf(id), partition);
      const last = readdirSync(folder)
        .filter(name => name.endsWith('.log'))
        .sort()
        .at(-1);
      if (last === undefined || choose(2) === 0) continue;
      const path = join(folder, last);
      const { size } = statSync(path);
      const cut = Math.min(size, 1 + choose(MAX_TORN_BYTES));
      truncateSync(path, size - cut);
      torn.push(`${partition}: ${cut} of ${size} bytes`);
    }
    return torn;
  }

  /** Ends all processes and takes the small disk away. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(node => node.end('SIGTERM')));
    this.unmount();
  }

  unmount(): void {
    const data = this.#dataOf(this.nodes.at(-1)!.id);
    if (this.#hasSmallDisk && existsSync(data)) spawnSync('umount', [data]);
    this.#hasSmallDisk = false;
  }

  #dataOf(id: number): string {
    return join(this.#folder, `data${id}`);
  }
}

interface NodePlace {
  readonly id: number;
  readonly voters: string;
  readonly address: string;
  readonly dataFolder: string;
  readonly settings: readonly string[];
}

function propertiesOf({ id, voters, address, dataFolder, settings }: NodePlace): string {
  return `${[
    'process.roles=broker,controller',
    `node.id=${id}`,
    `controller.quorum.voters=${voters}`,
    `listeners=PLAINTEXT://${address}:${BROKER_PORT},CONTROLLER://${address}:${CONTROLLER_PORT}`,
    `advertised.listeners=PLAINTEXT://${address}:${BROKER_PORT}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    `log.dirs=${dataFolder}`,
    'default.replication.factor=3',
    'min.insync.replicas=2',
    'offsets.topic.replication.factor=3',
    'offsets.topic.num.partitions=5',
    'group.initial.rebalance.delay.ms=0',
    'auto.create.topics.enable=false',
    'log.segment.bytes=1048576',
    'replica.lag.time.max.ms=3000',
    ...settings,
  ].join('\n')}\n`;
}
