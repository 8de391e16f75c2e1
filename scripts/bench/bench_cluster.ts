import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { type Command, end, hasEnded, signalGroup, start } from '../../conformance/runner/children.ts';
import { metadataOf } from './own_client.ts';
import { costOf, type ProcessCost } from './process_cost.ts';

const READY_TIMEOUT_MS = 90_000;
const READY_POLL_MS = 5;
const STOP_PATIENCE_MS = 20_000;

/** What runs a node. */
export interface BenchEngine {
  readonly name: string;
  /** What has to be run once before a node's first start. */
  format?(file: string): Command;
  serve(file: string): Command;
}

export function odradekEngine(program: string): BenchEngine {
  return { name: 'Odradek', serve: file => ({ file: program, args: ['serve', '-c', file] }) };
}

/** Apache Kafka with the heap of its own start script, and no log but errors. */
export function kafkaEngine(classPath: string, loggingFile: string): BenchEngine {
  const java = (heap: string, ...args: string[]): Command => ({
    file: 'java',
    args: ['-cp', classPath, `-Dlog4j2.configurationFile=${loggingFile}`, heap, ...args],
  });
  return {
    name: 'Kafka',
    format: file =>
      java('-Xmx256m', 'kafka.tools.StorageTool', 'format', '-t', 'AAAAAAAAAAAAAAAAAAAAAQ', '-c', file),
    serve: file => java('-Xmx1g', 'kafka.Kafka', file),
  };
}

export interface StartTimes {
  /** From the command to the answer that names all brokers. */
  readonly readySeconds: number;
  /** What came before it: 0 where nothing has to be formatted. */
  readonly formatSeconds: number;
}

/** Some nodes on this machine, brokers and controllers at once, all from the same server.properties. */
export class BenchCluster {
  readonly engine: BenchEngine;
  readonly nodeCount: number;
  readonly bootstrap: readonly { readonly host: string; readonly port: number }[];
  readonly startTimes: StartTimes;
  readonly #folder: string;
  #children: readonly ChildProcess[];

  private constructor(
    engine: BenchEngine,
    ports: readonly number[],
    { folder, children, startTimes }: { folder: string; children: ChildProcess[]; startTimes: StartTimes },
  ) {
    this.engine = engine;
    this.nodeCount = ports.length;
    this.bootstrap = ports.map(port => ({ host: '127.0.0.1', port }));
    this.#folder = folder;
    this.#children = children;
    this.startTimes = startTimes;
  }

  /** Starts `nodeCount` nodes in `folder`, which is made, and waits until each names all of them. */
  static async start(engine: BenchEngine, nodeCount: number, folder: string): Promise<BenchCluster> {
    fs.mkdirSync(folder, { recursive: true });
    const ports = await freePorts(2 * nodeCount);
    const files = layOut(folder, nodeCount, ports);
    const formatStartedMs = performance.now();
    for (const file of files) if (engine.format !== undefined) await run(engine.format(file), folder);
    const formatSeconds = engine.format === undefined ? 0 : (performance.now() - formatStartedMs) / 1e3;
    const brokerPorts = ports.slice(0, nodeCount);
    const { children, readySeconds } = await launch(engine, folder, brokerPorts);
    const startTimes = { readySeconds, formatSeconds };
    return new BenchCluster(engine, brokerPorts, { folder, children, startTimes });
  }

  /** Ends all nodes and starts them again; returns the seconds until each names all of them. */
  async restart(): Promise<number> {
    await this.stop();
    const ports = this.bootstrap.map(({ port }) => port);
    const { children, readySeconds } = await launch(this.engine, this.#folder, ports);
    this.#children = children;
    return readySeconds;
  }

  /** Sends a signal to the node that listens there. */
  signal({ port }: { readonly port: number }, signal: NodeJS.Signals): void {
    signalGroup(this.#children[this.#indexOf(port)]!, signal);
  }

  #indexOf(port: number): number {
    return this.bootstrap.findIndex(endpoint => endpoint.port === port);
  }

  /** Starts the node again that listened there, when its process is gone, and waits until it names all. */
  async startAgain({ port }: { readonly port: number }): Promise<void> {
    const index = this.#indexOf(port);
    const gone = this.#children[index]!;
    if (!hasEnded(gone)) await once(gone, 'exit');
    const startedMs = performance.now();
    const child = startNode(this.engine, this.#folder, index);
    this.#children = this.#children.with(index, child);
    await untilReady(port, this.nodeCount, { child, folder: this.#folder, startedMs });
  }

  get address(): string {
    return this.bootstrap.map(({ host, port }) => `${host}:${port}`).join(',');
  }

  get replicationFactor(): number {
    return Math.min(3, this.nodeCount);
  }

  cost(): ProcessCost {
    return costOf(this.#children.map(child => child.pid!));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map(child => end(child, { patienceMs: STOP_PATIENCE_MS })));
  }
}

function layOut(folder: string, nodeCount: number, ports: readonly number[]): string[] {
  const controllerPort = (index: number) => ports[nodeCount + index];
  const ids = Array.from({ length: nodeCount }, (_, index) => index);
  const voters = ids.map(index => `${index + 1}@127.0.0.1:${controllerPort(index)}`).join(',');
  const replicas = Math.min(3, nodeCount);
  return ids.map(index => {
    const file = path.join(folder, `${index + 1}.properties`);
    fs.writeFileSync(
      file,
      `process.roles=broker,controller
node.id=${index + 1}
controller.quorum.voters=${voters}
listeners=PLAINTEXT://127.0.0.1:${ports[index]},CONTROLLER://127.0.0.1:${controllerPort(index)}
advertised.listeners=PLAINTEXT://127.0.0.1:${ports[index]}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=${path.join(folder, `data${index + 1}`)}
offsets.topic.replication.factor=${replicas}
transaction.state.log.replication.factor=${replicas}
transaction.state.log.min.isr=${Math.min(2, replicas)}
default.replication.factor=${replicas}
min.insync.replicas=${Math.min(2, replicas)}
group.initial.rebalance.delay.ms=0
`,
    );
    return file;
  });
}

function startNode(engine: BenchEngine, folder: string, index: number): ChildProcess {
  const log = fs.openSync(path.join(folder, `${index + 1}.log`), 'a');
  const child = start(engine.serve(path.join(folder, `${index + 1}.properties`)), ['ignore', log, log]);
  fs.closeSync(log);
  return child;
}

async function launch(engine: BenchEngine, folder: string, ports: readonly number[]) {
  const startedMs = performance.now();
  const children = ports.map((_, index) => startNode(engine, folder, index));
  for (const [index, port] of ports.entries()) {
    await untilReady(port, ports.length, { child: children[index]!, folder, startedMs });
  }
  return { children, readySeconds: (performance.now() - startedMs) / 1e3 };
}

async function run(command: Command, folder: string): Promise<void> {
  const log = fs.openSync(path.join(folder, 'format.log'), 'a');
  const [code] = await once(start(command, ['ignore', log, log]), 'exit');
  fs.closeSync(log);
  if (code !== 0) throw new Error(`${command.file} ended with ${code}: see ${folder}/format.log`);
}

interface Starting {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly startedMs: number;
}

async function untilReady(
  port: number,
  nodeCount: number,
  { child, folder, startedMs }: Starting,
): Promise<void> {
  for (;;) {
    const brokers = await metadataOf({ host: '127.0.0.1', port }).catch(() => undefined);
    if (brokers !== undefined && brokers.length >= nodeCount) return;
    if (hasEnded(child)) throw new Error(`A node ended before it was ready: see its log in ${folder}`);
    if (performance.now() - startedMs > READY_TIMEOUT_MS) {
      throw new Error(`A node was not ready after ${READY_TIMEOUT_MS / 1e3} s: see its log in ${folder}`);
    }
    await new Promise(resolve => setTimeout(resolve, READY_POLL_MS));
  }
}

/** Ports that are free, all held until all are known. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ports.push((server.address() as net.AddressInfo).port);
  }
  for (const server of servers) await once(server.close(), 'close');
  return ports;
}
