/* One quorum, and a broker of each kind: Odradek's and Apache Kafka's, in either one's cluster. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, type WriteStream, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaEngine, odradekEngine } from '../engines.ts';
import { hasEnded } from '../runner/children.ts';
import type { Engine } from '../runner/node.ts';
import { expectReady, untilReady } from '../runner/ready.ts';

export type Make = 'odradek' | 'kafka';

const CONTROLLER_ID = 100;
/** The ids of the brokers. */
export const BROKERS: Readonly<Record<Make, number>> = { odradek: 1, kafka: 2 };
const READY_TIMEOUT_MS = 90_000;

interface Place {
  readonly id: number;
  readonly engine: Engine;
  readonly file: string;
}

class MixedNode {
  readonly #place: Place;
  readonly #log: WriteStream;
  #child: ChildProcess | undefined;

  constructor(place: Place, folder: string) {
    this.#place = place;
    this.#log = createWriteStream(join(folder, `${place.id}.log`), { flags: 'a' });
  }

  async start(): Promise<void> {
    const { engine, file, id } = this.#place;
    const { file: program, args } = engine.command(file);
    // In this program's group: what ends it ends its nodes.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const { isReady } = engine;
    const started = await untilReady(child, { log: this.#log, isReady, timeoutMs: READY_TIMEOUT_MS });
    expectReady(started, { who: `Node ${id}`, logPath: String(this.#log.path) });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}

export class MixedCluster {
  readonly bootstrap: string;
  readonly #folder: string;
  readonly #controller: MixedNode;
  readonly #brokers: Readonly<Record<Make, MixedNode>>;

  private constructor(
    folder: string,
    bootstrap: string,
    nodes: { readonly controller: MixedNode; readonly brokers: Readonly<Record<Make, MixedNode>> },
  ) {
    this.#folder = folder;
    this.bootstrap = bootstrap;
    this.#controller = nodes.controller;
    this.#brokers = nodes.brokers;
  }

  /** Starts a controller of one make and a broker of each, on directories that Kafka's storage tool has formatted. */
  static async start(controllerMake: Make, classPath: string): Promise<MixedCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'odradek-mixed-'));
    const engines: Readonly<Record<Make, Engine>> = {
      odradek: odradekEngine(),
      kafka: kafkaEngine(classPath),
    };
    const [controllerPort, odradekPort, kafkaPort] = await freePorts();
    const ports: Readonly<Record<Make, number>> = { odradek: odradekPort, kafka: kafkaPort };
    const node = async (make: Make, id: number, properties: readonly string[]) => {
      const file = join(folder, `${id}.properties`);
      const voters = `controller.quorum.voters=${CONTROLLER_ID}@127.0.0.1:${controllerPort}`;
      const common = [
        `node.id=${id}`,
        voters,
        'controller.listener.names=CONTROLLER',
        `log.dirs=${join(folder, `data${id}`)}`,
      ];
      writeFileSync(file, `${[...common, ...properties].join('\n')}\n`);
      mkdirSync(join(folder, `data${id}`));
      await engines.kafka.prepare!(file);
      return new MixedNode({ id, engine: engines[make], file }, folder);
    };
    const controller = await node(controllerMake, CONTROLLER_ID, [
      'process.roles=controller',
      `listeners=CONTROLLER://127.0.0.1:${controllerPort}`,
      // Kafka's brokers send a heartbeat every two seconds.
      'broker.session.timeout.ms=9000',
    ]);
    const broker = (make: Make) =>
      node(make, BROKERS[make], [
        'process.roles=broker',
        `listeners=PLAINTEXT://127.0.0.1:${ports[make]}`,
        'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
        'offsets.topic.replication.factor=2',
        'offsets.topic.num.partitions=4',
        'group.initial.rebalance.delay.ms=0',
      ]);
    const brokers = { odradek: await broker('odradek'), kafka: await broker('kafka') };
    const bootstrap = `127.0.0.1:${odradekPort},127.0.0.1:${kafkaPort}`;
    const cluster = new MixedCluster(folder, bootstrap, { controller, brokers });
    await controller.start();
    await Promise.all(Object.values(brokers).map(each => each.start()));
    return cluster;
  }

  async kill(make: Make): Promise<void> {
    await this.#brokers[make].kill();
  }

  async restart(make: Make): Promise<void> {
    await this.#brokers[make].start();
  }

  /** @param keep leaves the logs and the data, and says where */
  async stop({ keep }: { readonly keep: boolean }): Promise<void> {
    await Promise.all([...Object.values(this.#brokers), this.#controller].map(node => node.kill()));
    if (keep) console.error(`Kept: ${this.#folder}`);
    else rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePorts(): Promise<[number, number, number]> {
  const servers: Server[] = [createServer(), createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ports.push((server.address() as { port: number }).port);
  }
  for (const server of servers) await once(server.close(), 'close');
  return ports as [number, number, number];
}
