import assert from 'node:assert/strict';
import { Broker } from '../../src/broker/broker.ts';
import type { ClusterClientOptions } from '../../src/client/client_options.ts';
import { ClusterClient } from '../../src/client/cluster_client.ts';
import { type Failure, failed } from '../../src/model/failure.ts';
import type { Connection, ConnectionHandler, Network } from '../../src/model/ports.ts';
import { FrameAssembler } from '../../src/protocol/frame_assembler.ts';
import { decodeResponse, encodeRequest, LEAST_RESPONSE_BYTES } from '../../src/protocol/framing.ts';
import type { Api, MessageInput, MessageOf } from '../../src/protocol/schema.ts';
import { type Configuration, loadConfiguration } from '../../src/settings/configuration.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedDisk } from '../../src/simulation/simulated_disk.ts';
import type { SimulatedSockets } from '../../src/simulation/simulated_host.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import type { SimulatedMount } from '../../src/simulation/simulated_mount.ts';
import { SimulatedNetwork } from '../../src/simulation/simulated_network.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

const HOST = 'node';
const CLIENT_HOST = 'client';
const PORT = 9092;
const CONTROLLER_PORT = 9093;
const CONNECT_TIMEOUT_MS = 1_000;
const MAX_RESPONSE_BYTES = 100_000_000;

const PROPERTIES = [
  `listeners=PLAINTEXT://${HOST}:${PORT},CONTROLLER://${HOST}:${CONTROLLER_PORT}`,
  'controller.listener.names=CONTROLLER',
  'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  `controller.quorum.voters=1@${HOST}:${CONTROLLER_PORT}`,
  'process.roles=broker,controller',
  'node.id=1',
  'log.dirs=/data',
  'auto.create.topics.enable=false',
];

/** A process of the node. */
interface Running {
  readonly broker: Broker;
  readonly clock: SimulatedClock;
  readonly mount: SimulatedMount;
  readonly sockets: SimulatedSockets;
  readonly logger: SimulatedLogger;
}

/** A whole node in a simulated world, and a client that says what it is told to, in any version. */
export class SingleNode {
  readonly time = new SimulatedTime();
  readonly #random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly disk: SimulatedDisk;
  readonly #properties: readonly string[];
  readonly #clientClock: SimulatedClock;
  #running: Running | undefined;
  readonly fatals: Failure[] = [];
  /** By the port and the connection's name. */
  readonly #clients = new Map<string, Promise<TestClient>>();

  private constructor(properties: readonly string[], seed: number) {
    this.#random = new SeededRandom(seed);
    this.network = new SimulatedNetwork({ time: this.time, random: this.#random });
    this.disk = new SimulatedDisk({ time: this.time, random: this.#random });
    this.#properties = properties;
    this.#clientClock = new SimulatedClock(this.time);
  }

  /** @param properties lines of server.properties, which count more than the usual ones */
  static async start(properties: readonly string[] = [], { seed = 1 } = {}): Promise<SingleNode> {
    const node = new SingleNode(properties, seed);
    await node.restart();
    return node;
  }

  get broker(): Broker {
    return this.#running!.broker;
  }

  get logger(): SimulatedLogger {
    return this.#running!.logger;
  }

  /** Ends the process as kill -9 does, if there is one, and starts another on the same disk. */
  async restart(): Promise<void> {
    this.kill();
    const clock = new SimulatedClock(this.time);
    const mount = this.disk.mount(clock);
    const sockets = this.network.host(HOST).open(clock);
    const logger = new SimulatedLogger(clock);
    const configuration = loadConfiguration({
      overrides: [...PROPERTIES, ...this.#properties],
      hostname: HOST,
    });
    assert.ok(!Array.isArray(configuration), String(configuration));
    const broker = await this.time.run(
      Broker.start({
        configuration: configuration as Configuration,
        ports: { clock, random: this.#random, network: sockets, disk: mount, logger },
        fatal: failure => this.fatals.push(failure),
      }),
    );
    if (failed(broker)) assert.fail(broker.message);
    this.#running = { broker, clock, mount, sockets, logger };
  }

  kill(): void {
    this.#running?.clock.stop();
    this.#running?.mount.kill();
    this.#running?.sockets.kill();
    this.#running = undefined;
    this.#clients.clear();
  }

  /** Ends the process in order. */
  async stop(): Promise<void> {
    await this.time.run(this.broker.stop());
    this.kill();
  }

  /** A client of the project's own, in a process of its own on the client's machine. */
  openClient(options: Partial<ClusterClientOptions> = {}): ClusterClient {
    const clock = new SimulatedClock(this.time);
    return new ClusterClient({
      ports: {
        clock,
        random: this.#random.fork(),
        network: this.network.host(CLIENT_HOST).open(clock),
        logger: new SimulatedLogger(clock),
      },
      bootstrapServers: [{ host: HOST, port: PORT }],
      clientId: 'test',
      ...options,
    });
  }

  /** Lets nothing through between the node and the clients, or none of the node's answers, or everything again. */
  cutOff(what: 'everything' | 'answers' | 'nothing'): void {
    this.network.heal();
    if (what !== 'nothing') this.network.block([HOST], [CLIENT_HOST]);
    if (what === 'everything') this.network.block([CLIENT_HOST], [HOST]);
  }

  /** Sends a request to the broker's listener, or the controller's, and returns the response. */
  async send<A extends Api>(
    api: A,
    version: number,
    request: MessageInput<A['request']>,
    { to = 'broker', clientId = 'test' }: { to?: 'broker' | 'controller'; clientId?: string } = {},
  ): Promise<MessageOf<A['response']>> {
    const port = to === 'broker' ? PORT : CONTROLLER_PORT;
    return this.time.run(this.#ask(api, version, request, { port, clientId, connection: 'main' }), {
      limitMs: 120_000,
    });
  }

  /** The same through a connection of that name, for who runs the time: several may wait at once. */
  ask<A extends Api>(
    connection: string,
    api: A,
    version: number,
    request: MessageInput<A['request']>,
  ): Promise<MessageOf<A['response']>> {
    return this.#ask(api, version, request, { port: PORT, clientId: 'test', connection });
  }

  async #ask<A extends Api>(
    api: A,
    version: number,
    request: MessageInput<A['request']>,
    { port, clientId, connection }: { port: number; clientId: string; connection: string },
  ): Promise<MessageOf<A['response']>> {
    const client = await this.#client(port, connection);
    const answer = await client.send(api, version, request, clientId);
    assert.ok(answer !== undefined, `the connection ended instead of a response to ${api.name} ${version}`);
    const response = decodeResponse(api, version, answer);
    if (failed(response)) assert.fail(response.message);
    return response as MessageOf<A['response']>;
  }

  /** Sends a request that the node ends the connection for, or does not answer; true when it ended. */
  async isRefused<A extends Api>(
    api: A,
    version: number,
    request: MessageInput<A['request']>,
  ): Promise<boolean> {
    const answer = async () => (await this.#client(PORT, 'main')).send(api, version, request, 'test');
    return (await this.time.run(answer())) === undefined;
  }

  async #client(port: number, connection: string): Promise<TestClient> {
    const key = `${port} ${connection}`;
    const known = await this.#clients.get(key);
    if (known !== undefined && !known.isClosed) return known;
    const connecting = TestClient.connect(this.network.host(CLIENT_HOST).open(this.#clientClock), HOST, port);
    this.#clients.set(key, connecting);
    return connecting;
  }
}

/** One connection; requests are answered in their order. */
export class TestClient implements ConnectionHandler {
  readonly #assembler = new FrameAssembler({
    leastBytes: LEAST_RESPONSE_BYTES,
    mostBytes: MAX_RESPONSE_BYTES,
  });
  readonly #waiting: ((frame: Buffer | undefined) => void)[] = [];
  #connection!: Connection;
  #correlationId = 0;
  isClosed = false;

  static async connect(network: Network, host: string, port: number): Promise<TestClient> {
    const client = new TestClient();
    client.#connection = await network.connect(host, port, CONNECT_TIMEOUT_MS, () => client);
    return client;
  }

  send<A extends Api>(
    api: A,
    version: number,
    request: MessageInput<A['request']>,
    clientId: string,
  ): Promise<Buffer | undefined> {
    this.#connection.write(
      encodeRequest(api, version, { correlationId: this.#correlationId++, clientId }, request).chunks,
    );
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  data(chunk: Buffer): void {
    this.#assembler.add(chunk);
    for (let frame = this.#assembler.next(); frame !== undefined; frame = this.#assembler.next()) {
      if (failed(frame)) assert.fail(frame.message);
      this.#waiting.shift()?.(frame);
    }
  }

  drained(): void {}

  closed(): void {
    this.isClosed = true;
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }
}
