import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Broker } from '../../src/broker/broker.ts';
import { createHttpApp } from '../../src/console/http_app.ts';
import { NodeAlertTransport } from '../../src/io/node_alert_transport.ts';
import { NodeClock } from '../../src/io/node_clock.ts';
import { NodeDisk } from '../../src/io/node_disk.ts';
import { NodeNetwork } from '../../src/io/node_network.ts';
import { NodeProcess } from '../../src/io/node_process.ts';
import { NodeRandom } from '../../src/io/node_random.ts';
import { failed } from '../../src/model/failure.ts';
import { UserRulesFile } from '../../src/monitor/alerts/user_rules_file.ts';
import { Monitor } from '../../src/monitor/monitor.ts';
import { type Configuration, loadConfiguration } from '../../src/settings/configuration.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';

/** A node of one, with real ports and what it shows over HTTP. */
export class MonitoredNode {
  readonly app: ReturnType<typeof createHttpApp>;
  readonly broker: Broker;
  readonly monitor: Monitor;
  readonly #folder: string;
  readonly #process: NodeProcess;
  readonly #ending: AbortController;

  private constructor(parts: {
    readonly app: ReturnType<typeof createHttpApp>;
    readonly broker: Broker;
    readonly monitor: Monitor;
    readonly folder: string;
    readonly process: NodeProcess;
    readonly ending: AbortController;
  }) {
    this.app = parts.app;
    this.broker = parts.broker;
    this.monitor = parts.monitor;
    this.#folder = parts.folder;
    this.#process = parts.process;
    this.#ending = parts.ending;
  }

  /** @param overrides its settings beside those that a test needs anyway */
  static async start(...overrides: string[]): Promise<MonitoredNode> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-monitor-'));
    return await MonitoredNode.#startIn(folder, overrides);
  }

  /** Ends the process of the node, and starts another on the same directory. */
  async restart(...overrides: string[]): Promise<MonitoredNode> {
    await this.#end();
    return await MonitoredNode.#startIn(this.#folder, overrides);
  }

  static async #startIn(folder: string, overrides: readonly string[]): Promise<MonitoredNode> {
    const configuration = loadConfiguration({
      hostname: 'localhost',
      overrides: [
        `log.dirs=${folder}/data`,
        'listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0',
        'metrics.poll.interval.ms=200',
        'alerts.interval.ms=100',
        'alerts.group.wait.ms=0',
        ...overrides,
      ],
    });
    assert.ok(!Array.isArray(configuration), JSON.stringify(configuration));
    const clock = new NodeClock();
    const disk = new NodeDisk();
    const logger = new SimulatedLogger(clock);
    const facts = new NodeProcess();
    const random = new NodeRandom();
    const monitor = new Monitor({
      clock,
      random,
      logger,
      facts,
      syncTimes: disk.syncTimes,
      transport: new NodeAlertTransport(),
      rulesFile: new UserRulesFile({ disk, clock, logger }),
    });
    const { settings } = configuration as Configuration;
    const network = new NodeNetwork(logger);
    const ending = new AbortController();
    const app = createHttpApp({
      monitor,
      ports: { clock, random, network, logger },
      settings: () => settings,
      httpAddresses: () => [],
      ending: ending.signal,
    });
    monitor.start();
    const broker = await Broker.start({
      configuration: configuration as Configuration,
      ports: { clock, random, network, disk, logger },
      fatal: failure => assert.fail(failure.message),
    });
    if (failed(broker)) throw new Error(broker.message);
    monitor.attach(() => broker.parts);
    return new MonitoredNode({ app, broker, monitor, folder, process: facts, ending });
  }

  get bootstrap(): string {
    const { host, port } = this.broker.listeners.find(({ name }) => name === 'PLAINTEXT')!;
    return `${host}:${port}`;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return await this.app.request(path, { headers });
  }

  /** What a path answers, which has to be a success. */
  async json<T>(path: string): Promise<T> {
    const response = await this.get(path);
    assert.ok(response.ok, `${path} answers ${response.status}: ${await response.clone().text()}`);
    return (await response.json()) as T;
  }

  async send(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Response> {
    return await this.app.request(`http://127.0.0.1:9080${path}`, {
      method,
      headers: { 'content-type': 'application/json', host: '127.0.0.1:9080' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async #end(): Promise<void> {
    this.monitor.stop();
    this.#ending.abort();
    await this.broker.stop();
    this.#process.close();
  }

  async stop(): Promise<void> {
    await this.#end();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}
