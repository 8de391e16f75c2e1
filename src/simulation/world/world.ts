import type { Failure } from '../../model/failure.ts';
import type { Endpoint } from '../../peers/peer_sender.ts';
import { SeededRandom } from '../seeded_random.ts';
import { SimulatedNetwork } from '../simulated_network.ts';
import { SimulatedTime } from '../simulated_time.ts';
import { type NodeProcess, WorldNode } from './world_node.ts';
import { WorldTrace } from './world_trace.ts';

export const BROKER_PORT = 9092;
export const CONTROLLER_PORT = 9093;

export interface WorldOptions {
  readonly seed: number;
  /** Nodes that are both broker and controller. */
  readonly combined: number;
  /** Nodes that are controllers alone. */
  readonly controllers: number;
  /** Nodes that are brokers alone. */
  readonly brokers: number;
  /** Lines of server.properties for every node. */
  readonly properties: readonly string[];
  readonly latencyMs: number;
  readonly diskSyncMs: number;
  readonly diskReadMs: number;
  readonly diskCapacityBytes: number;
}

/** Is told what happens to nodes. */
export interface WorldWatcher {
  /** A node's process has its rooms; nothing has happened in them. */
  processOpened(node: WorldNode, process: NodeProcess): void;
  /** A node ended by itself. */
  processEnded(node: WorldNode, failure: Failure): void;
}

/** A cluster of whole nodes on simulated machines, in a network, in one time. */
export class World {
  readonly time = new SimulatedTime();
  readonly trace = new WorldTrace(this.time);
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly nodes: readonly WorldNode[];
  /** What went wrong that must not: the first ends the run. */
  violation: Error | undefined;
  /** Settings that a rolling restart brings, by node. */
  readonly #extraProperties = new Map<number, readonly string[]>();
  readonly #options: WorldOptions;

  constructor(options: WorldOptions, watcher: WorldWatcher) {
    this.#options = options;
    this.random = new SeededRandom(options.seed);
    this.network = new SimulatedNetwork({
      time: this.time,
      random: this.random.fork(),
      quality: { latencyMs: options.latencyMs, jitterMs: options.latencyMs },
    });
    this.time.onEvent = sequence => this.trace.event(sequence);
    this.network.onSend = (_from, _to, bytes) => this.trace.sent(bytes);
    const count = options.combined + options.controllers + options.brokers;
    this.nodes = Array.from({ length: count }, (_, index) => {
      const id = index + 1;
      return new WorldNode({
        id,
        network: this.network,
        random: this.random.fork(),
        trace: this.trace,
        properties: () => this.#propertiesOf(id),
        diskSyncMs: options.diskSyncMs,
        diskReadMs: options.diskReadMs,
        diskCapacityBytes: options.diskCapacityBytes,
        watch: (node, process) => watcher.processOpened(node, process),
        ended: (node, failure) => watcher.processEnded(node, failure),
        broken: (node, error) => this.fail(`${node.name} threw`, error),
      });
    });
  }

  /** Something is wrong: the run ends behind the event. */
  fail(text: string, cause?: unknown): void {
    this.violation ??= new Error(cause instanceof Error ? `${text}: ${cause.stack}` : text, { cause });
  }

  get controllers(): readonly WorldNode[] {
    return this.nodes.filter(({ id }) => this.isController(id));
  }

  get brokers(): readonly WorldNode[] {
    return this.nodes.filter(({ id }) => this.isBroker(id));
  }

  isController(id: number): boolean {
    return id <= this.#options.combined + this.#options.controllers;
  }

  isBroker(id: number): boolean {
    return id <= this.#options.combined || id > this.#options.combined + this.#options.controllers;
  }

  node(id: number): WorldNode {
    return this.nodes[id - 1]!;
  }

  /** Where clients begin. */
  get bootstrapServers(): readonly Endpoint[] {
    return this.brokers.map(({ name }) => ({ host: name, port: BROKER_PORT }));
  }

  /** Lines of server.properties that count from the node's next start on. */
  setProperties(id: number, properties: readonly string[]): void {
    this.#extraProperties.set(id, properties);
  }

  #propertiesOf(id: number): readonly string[] {
    const name = `node-${id}`;
    const voters = this.nodes
      .filter(node => this.isController(node.id))
      .map(node => `${node.id}@${node.name}:${CONTROLLER_PORT}`);
    const roles = [
      ...(this.isBroker(id) ? ['broker'] : []),
      ...(this.isController(id) ? ['controller'] : []),
    ];
    const listeners = [
      ...(this.isBroker(id) ? [`PLAINTEXT://${name}:${BROKER_PORT}`] : []),
      ...(this.isController(id) ? [`CONTROLLER://${name}:${CONTROLLER_PORT}`] : []),
    ];
    return [
      `node.id=${id}`,
      `process.roles=${roles.join(',')}`,
      `listeners=${listeners.join(',')}`,
      'controller.listener.names=CONTROLLER',
      'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      `controller.quorum.voters=${voters.join(',')}`,
      'log.dirs=/data',
      'auto.create.topics.enable=false',
      ...this.#options.properties,
      ...(this.#extraProperties.get(id) ?? []),
    ];
  }

  /** Runs the world until `condition` holds or the time is over, or something is wrong. */
  async runUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.time.nowMs + limitMs;
    let isOver = false;
    const timer = this.time.schedule(limitMs, () => {
      isOver = true;
    });
    await this.time.runUntil(() => isOver || this.violation !== undefined || condition(), {
      limitMs: limitMs + 1,
    });
    timer.cancel();
    if (this.violation !== undefined) throw this.violation;
    return condition() && this.time.nowMs <= endMs;
  }
}
