/* The node under test: started, killed with SIGKILL and started again on the same directory and ports, stopped. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, type WriteStream, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Command, end, hasEnded, signalGroup, start } from './children.ts';
import { expectReady, untilReady } from './ready.ts';

/** What runs the node: its command for a server.properties, and the line of its stdout that says it is ready. */
export interface Engine {
  readonly name: string;
  /** Runs once, before the first start. */
  prepare?(file: string): Promise<void>;
  command(file: string): Command;
  isReady(line: string): boolean;
}

const HOST = '127.0.0.1';
const READY_TIMEOUT_MS = 60_000;
const STOP_PATIENCE_MS = 20_000;

/** What the clients are run against. */
export interface NodeUnderTest {
  readonly bootstrap: string;
  /** Called when a process that was ready ends though nobody asked it to. */
  onDeath: ((what: string) => void) | undefined;
  ensureRunning(): Promise<void>;
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

export class Node implements NodeUnderTest {
  readonly #engine: Engine;
  readonly #file: string;
  readonly #log: WriteStream;
  readonly bootstrap: string;
  readonly logPath: string;
  #child: ChildProcess | undefined;
  /** The end of the process is wanted: it is being killed or stopped. */
  #ending = false;
  /** Called when a node that was ready ends though nobody asked it to. */
  onDeath: ((what: string) => void) | undefined;

  private constructor(engine: Engine, folder: string, port: number) {
    this.#engine = engine;
    this.#file = join(folder, 'server.properties');
    this.bootstrap = `${HOST}:${port}`;
    this.logPath = join(folder, 'node.log');
    this.#log = createWriteStream(this.logPath, { flags: 'a' });
  }

  /** Lays out `folder` and starts a node in it, the only one of its cluster unless told which place it has. */
  static async start(engine: Engine, folder: string, place?: Place): Promise<Node> {
    const { id, nodes } = place ?? { id: 1, nodes: await freePlaces(1) };
    mkdirSync(folder, { recursive: true });
    const node = new Node(engine, folder, nodes[id - 1]!.port);
    writeFileSync(node.#file, properties(id, nodes, folder));
    await engine.prepare?.(node.#file);
    await node.#launch();
    return node;
  }

  async #launch(): Promise<void> {
    this.#ending = false;
    const child = start(this.#engine.command(this.#file), ['ignore', 'pipe', 'pipe']);
    this.#child = child;
    const { isReady } = this.#engine;
    const started = await untilReady(child, { log: this.#log, isReady, timeoutMs: READY_TIMEOUT_MS });
    expectReady(started, { who: 'The node', logPath: this.logPath });
    child.once('exit', (code, signal) => {
      if (!this.#ending) this.onDeath?.(`The node ended with ${signal ?? code}; its log: ${this.logPath}`);
    });
  }

  /** Starts the node again if it is not there any more. */
  async ensureRunning(): Promise<void> {
    if (this.#child === undefined || hasEnded(this.#child)) await this.#launch();
  }

  /** SIGKILL, and at once a new start. */
  async killAndRestart(): Promise<void> {
    await this.kill();
    await this.#launch();
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const child = this.#child!;
    this.#ending = true;
    if (hasEnded(child)) return;
    const ended = once(child, 'exit');
    signalGroup(child, 'SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    this.#ending = true;
    if (this.#child !== undefined) await end(this.#child, { patienceMs: STOP_PATIENCE_MS });
    await new Promise(resolve => this.#log.end(resolve));
  }
}

/** The ports of a node: of its clients, and of its controller. */
interface Ports {
  readonly port: number;
  readonly controllerPort: number;
}

/** Which node of which cluster it is; ids begin with 1. */
export interface Place {
  readonly id: number;
  readonly nodes: readonly Ports[];
}

/** Ports that are free for so many nodes, all held until all are known. */
export async function freePlaces(count: number): Promise<Ports[]> {
  const servers = Array.from({ length: 2 * count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await once(server.listen(0, HOST), 'listening');
    ports.push((server.address() as { port: number }).port);
  }
  for (const server of servers) await once(server.close(), 'close');
  return Array.from({ length: count }, (_, at) => ({
    port: ports[2 * at]!,
    controllerPort: ports[2 * at + 1]!,
  }));
}

function properties(id: number, nodes: readonly Ports[], folder: string): string {
  const { port, controllerPort } = nodes[id - 1]!;
  const voters = nodes.map((node, at) => `${at + 1}@${HOST}:${node.controllerPort}`);
  const replicas = Math.min(3, nodes.length);
  const inSync = Math.min(2, replicas);
  return `process.roles=broker,controller
node.id=${id}
controller.quorum.voters=${voters}
listeners=PLAINTEXT://${HOST}:${port},CONTROLLER://${HOST}:${controllerPort}
advertised.listeners=PLAINTEXT://${HOST}:${port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=${join(folder, 'data')}
auto.create.topics.enable=false
default.replication.factor=${replicas}
min.insync.replicas=${inSync}
offsets.topic.replication.factor=${replicas}
transaction.state.log.replication.factor=${replicas}
transaction.state.log.min.isr=${inSync}
share.coordinator.state.topic.replication.factor=${replicas}
share.coordinator.state.topic.min.isr=${inSync}
group.initial.rebalance.delay.ms=0
`;
}
