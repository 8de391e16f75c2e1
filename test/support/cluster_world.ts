import assert from 'node:assert/strict';
import { Broker } from '../../src/broker/broker.ts';
import type { BrokerServices } from '../../src/handlers/broker_services.ts';
import { Metadata } from '../../src/messages/03_metadata.ts';
import { CreateTopics } from '../../src/messages/19_create_topics.ts';
import type { Failure } from '../../src/model/failure.ts';
import { failed } from '../../src/model/failure.ts';
import { PeerClient } from '../../src/peers/peer_client.ts';
import type { Api, MessageInput, MessageOf } from '../../src/protocol/schema.ts';
import { loadConfiguration } from '../../src/settings/configuration.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedDisk } from '../../src/simulation/simulated_disk.ts';
import type { SimulatedSockets } from '../../src/simulation/simulated_host.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import type { SimulatedMount } from '../../src/simulation/simulated_mount.ts';
import { SimulatedNetwork } from '../../src/simulation/simulated_network.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

export const BROKER_PORT = 9092;
export const CONTROLLER_PORT = 9093;
const REQUEST_TIMEOUT_MS = 60_000;

export interface TopicOptions {
  readonly partitions?: number;
  readonly replicas?: number;
  readonly configs?: Readonly<Record<string, string>>;
  /** Of the request. */
  readonly version?: number;
}
type TopicResult = MessageOf<(typeof CreateTopics)['response']>['topics'][number];
type Role = 'broker' | 'controller';

export interface ClusterWorldOptions {
  readonly seed?: number;
  /** Nodes that are both, from id 1 on. */
  readonly combined?: number;
  /** Nodes that are controllers alone, behind them. */
  readonly controllers?: number;
  /** Nodes that are brokers alone, behind those. */
  readonly brokers?: number;
  /** For every node, `key=value`. */
  readonly settings?: readonly string[];
  readonly syncMs?: number;
}

/** Whole nodes on machines of a simulated world, and a client on a machine of its own. */
export class ClusterWorld {
  readonly time = new SimulatedTime();
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly options: ClusterWorldOptions;
  readonly machines = new Map<number, Machine>();
  readonly client: PeerClient;

  constructor(options: ClusterWorldOptions) {
    this.options = options;
    this.random = new SeededRandom(options.seed ?? 1);
    this.network = new SimulatedNetwork({ time: this.time, random: this.random.fork() });
    const { combined = 0, controllers = 0, brokers = 0 } = options;
    const roles: Role[][] = [
      ...Array<Role[]>(combined).fill(['broker', 'controller']),
      ...Array<Role[]>(controllers).fill(['controller']),
      ...Array<Role[]>(brokers).fill(['broker']),
    ];
    for (const [index, role] of roles.entries())
      this.machines.set(index + 1, new Machine(this, index + 1, role));
    const clock = new SimulatedClock(this.time);
    const network = this.network.host('client').open(clock);
    this.client = new PeerClient({ network, clock, clientId: 'test' });
  }

  get all(): readonly Machine[] {
    return [...this.machines.values()];
  }

  machine(id: number): Machine {
    const machine = this.machines.get(id);
    assert.ok(machine !== undefined, `machine ${id}`);
    return machine;
  }

  get voters(): string {
    return this.all
      .filter(machine => machine.roles.includes('controller'))
      .map(({ id, host }) => `${id}@${host}:${CONTROLLER_PORT}`)
      .join(',');
  }

  /** Starts every machine that is not running, and waits until all serve. */
  async start(): Promise<void> {
    const starting = this.all.filter(machine => !machine.isRunning).map(machine => machine.start());
    await this.time.run(Promise.all(starting), { limitMs: 60_000 });
  }

  /** Sends a request to a node's listener, from the client's machine. */
  async ask<A extends Api>(
    id: number,
    api: A,
    request: MessageInput<A['request']>,
    options: { readonly port?: number; readonly maxVersion?: number } = {},
  ): Promise<MessageOf<A['response']>> {
    const answer = await this.time.run(this.tryToAsk(id, api, request, options));
    assert.ok(!failed(answer), String(answer));
    return answer;
  }

  tryToAsk<A extends Api>(
    id: number,
    api: A,
    request: MessageInput<A['request']>,
    options: { readonly port?: number; readonly maxVersion?: number } = {},
  ): Promise<MessageOf<A['response']> | Failure> {
    const { port = BROKER_PORT, maxVersion } = options;
    const endpoint = { host: this.machine(id).host, port };
    return this.client.send(endpoint, api, request, {
      timeoutMs: REQUEST_TIMEOUT_MS,
      ...(maxVersion === undefined ? {} : { maxVersion }),
    });
  }

  /** Has a node create a topic. */
  async createTopic(id: number, name: string, options: TopicOptions = {}): Promise<TopicResult> {
    const { partitions = 1, replicas = 1, configs = {}, version } = options;
    const request = {
      topics: [
        {
          name,
          numPartitions: partitions,
          replicationFactor: replicas,
          assignments: [],
          configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
        },
      ],
      timeoutMs: REQUEST_TIMEOUT_MS,
    };
    const response = await this.ask(id, CreateTopics, request, {
      ...(version !== undefined && { maxVersion: version }),
    });
    return response.topics[0]!;
  }

  /** What a node tells its clients of the cluster and of some topics. */
  async metadata(id: number, ...topics: string[]): Promise<MessageOf<(typeof Metadata)['response']>> {
    return await this.ask(id, Metadata, {
      topics: topics.map(name => ({ name })),
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });
  }

  /** The machine whose node is the active controller, if there is one. */
  get active(): Machine | undefined {
    return this.all.find(machine => machine.isRunning && machine.broker?.isActiveController === true);
  }

  /** Runs until the condition holds; how long that took. */
  async until(condition: () => boolean, limitMs = 30_000): Promise<number> {
    const startedMs = this.time.nowMs;
    await this.time.runUntil(condition, { limitMs });
    return this.time.nowMs - startedMs;
  }
}

/** One machine: a disk that outlives processes, and the node that runs on it at the moment. */
export class Machine {
  readonly id: number;
  readonly host: string;
  readonly roles: readonly Role[];
  disk: SimulatedDisk;
  broker: Broker | undefined;
  /** The rooms of the running node. */
  services: BrokerServices | undefined;
  logger!: SimulatedLogger;
  /** Settings of this machine alone, `key=value`. */
  settings: readonly string[] = [];
  readonly failures: Failure[] = [];
  clock!: SimulatedClock;
  #mount: SimulatedMount | undefined;
  #sockets: SimulatedSockets | undefined;
  #isRunning = false;
  readonly #world: ClusterWorld;

  constructor(world: ClusterWorld, id: number, roles: readonly Role[]) {
    this.#world = world;
    this.id = id;
    this.host = `node${id}`;
    this.roles = roles;
    this.disk = this.#newDisk();
  }

  /** Whether a process runs here, ready or not. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Starts a process; resolves when it serves. */
  async start(): Promise<void> {
    const broker = await this.tryToStart();
    assert.ok(!failed(broker), String(broker));
  }

  async tryToStart(): Promise<Broker | Failure> {
    assert.ok(!this.#isRunning, `node ${this.id} runs already`);
    this.#isRunning = true;
    const { time, network, random, options } = this.#world;
    this.clock = new SimulatedClock(time);
    this.#mount = this.disk.mount(this.clock);
    this.#sockets = network.host(this.host).open(this.clock);
    this.logger = new SimulatedLogger(this.clock);
    const configuration = loadConfiguration({
      overrides: [...this.#ownSettings(), ...(options.settings ?? []), ...this.settings],
      hostname: this.host,
    });
    assert.ok('settings' in configuration, String(configuration));
    const broker = new Broker({
      configuration,
      ports: {
        clock: this.clock,
        random: random.fork(),
        network: this.#sockets,
        disk: this.#mount,
        logger: this.logger,
      },
      fatal: failure => this.failures.push(failure),
      watch: services => {
        this.services = services;
      },
    });
    this.broker = broker;
    const failure = await broker.start();
    if (failure === undefined) return broker;
    await broker.stop();
    this.kill();
    return failure;
  }

  #ownSettings(): string[] {
    const listeners = [
      ...(this.roles.includes('broker') ? [`PLAINTEXT://${this.host}:${BROKER_PORT}`] : []),
      ...(this.roles.includes('controller') ? [`CONTROLLER://${this.host}:${CONTROLLER_PORT}`] : []),
    ];
    return [
      `node.id=${this.id}`,
      `process.roles=${this.roles.join(',')}`,
      `controller.quorum.voters=${this.#world.voters}`,
      'controller.listener.names=CONTROLLER',
      'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      `listeners=${listeners.join(',')}`,
      'log.dirs=/data',
    ];
  }

  /** SIGTERM; resolves when the process is gone. */
  async stop(): Promise<void> {
    await this.broker?.stop();
    this.kill();
  }

  /** SIGKILL. */
  kill(): void {
    this.clock.stop();
    this.#mount?.kill();
    this.#sockets?.kill();
    this.broker = undefined;
    this.services = undefined;
    this.#isRunning = false;
  }

  /** Every connection of the process breaks; the process lives. */
  dropConnections(): void {
    this.#sockets?.resetConnections();
  }

  /** SIGSTOP, until {@link resume}. */
  pause(): void {
    this.clock.pause();
  }

  resume(): void {
    this.clock.resume();
  }

  /** The disk is replaced by an empty one. */
  loseDisk(): void {
    assert.ok(!this.#isRunning);
    this.disk = this.#newDisk();
  }

  #newDisk(): SimulatedDisk {
    const { time, random, options } = this.#world;
    return new SimulatedDisk({ time, random: random.fork(), syncMs: options.syncMs ?? 1 });
  }
}
