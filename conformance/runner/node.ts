/* The node under test: started, killed with SIGKILL and started again on the same directory and ports, stopped. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, type WriteStream, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Command, end, hasEnded, signalGroup, start } from './children.ts';

/** What runs the node: its command for a server.properties, and the line of its stdout that says it is ready. */
export interface Engine {
  readonly name: string;
  /** Runs once, before the first start. */
  prepare?(file: string): Promise<void>;
  command(file: string): Command;
  isReady(line: string): boolean;
}

const READY_TIMEOUT_MS = 60_000;
const STOP_PATIENCE_MS = 20_000;

export class Node {
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
    this.bootstrap = `127.0.0.1:${port}`;
    this.logPath = join(folder, 'node.log');
    this.#log = createWriteStream(this.logPath, { flags: 'a' });
  }

  /** Lays out `folder` and starts a node in it. */
  static async start(engine: Engine, folder: string): Promise<Node> {
    mkdirSync(folder, { recursive: true });
    const [port, controllerPort] = await freePorts();
    const node = new Node(engine, folder, port);
    writeFileSync(node.#file, properties({ port, controllerPort, folder }));
    await engine.prepare?.(node.#file);
    await node.#launch();
    return node;
  }

  async #launch(): Promise<void> {
    this.#ending = false;
    const child = start(this.#engine.command(this.#file), ['ignore', 'pipe', 'pipe']);
    this.#child = child;
    child.stderr!.pipe(this.#log, { end: false });
    await new Promise<void>((resolve, reject) => {
      const fail = (what: string) => reject(new Error(`The node ${what}; its log: ${this.logPath}`));
      const timer = setTimeout(
        () => fail(`was not ready after ${READY_TIMEOUT_MS / 1000} s`),
        READY_TIMEOUT_MS,
      );
      child.once('error', error => fail(`can't be started: ${error.message}`));
      child.once('exit', (code, signal) => fail(`ended with ${signal ?? code} before it was ready`));
      createInterface({ input: child.stdout! }).on('line', line => {
        this.#log.write(`${line}\n`);
        if (!this.#engine.isReady(line)) return;
        clearTimeout(timer);
        resolve();
      });
    });
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
    const child = this.#child!;
    this.#ending = true;
    if (!hasEnded(child)) {
      const ended = once(child, 'exit');
      signalGroup(child, 'SIGKILL');
      await ended;
    }
    await this.#launch();
  }

  async stop(): Promise<void> {
    this.#ending = true;
    if (this.#child !== undefined) await end(this.#child, { patienceMs: STOP_PATIENCE_MS });
    await new Promise(resolve => this.#log.end(resolve));
  }
}

/** Two ports that are free, both held until both are known. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ports.push((server.address() as { port: number }).port);
  }
  for (const server of servers) await once(server.close(), 'close');
  return [ports[0]!, ports[1]!];
}

function properties(at: { port: number; controllerPort: number; folder: string }): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${at.controllerPort}
listeners=PLAINTEXT://127.0.0.1:${at.port},CONTROLLER://127.0.0.1:${at.controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${at.port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=${join(at.folder, 'data')}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
`;
}
