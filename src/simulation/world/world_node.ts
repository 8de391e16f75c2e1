import { Broker } from '../../broker/broker.ts';
import type { BrokerServices } from '../../handlers/broker_services.ts';
import { assert } from '../../model/assert.ts';
import { type Failure, failed } from '../../model/failure.ts';
import type { Uuid } from '../../model/ids.ts';
import type { KraftNode } from '../../raft/kraft_node.ts';
import { type Configuration, loadConfiguration } from '../../settings/configuration.ts';
import type { SeededRandom } from '../seeded_random.ts';
import { SimulatedClock, WORLD_START_MS } from '../simulated_clock.ts';
import { SimulatedDisk } from '../simulated_disk.ts';
import type { SimulatedHost, SimulatedSockets } from '../simulated_host.ts';
import type { SimulatedMount } from '../simulated_mount.ts';
import type { SimulatedNetwork } from '../simulated_network.ts';
import { TraceLogger } from './trace_logger.ts';
import type { WorldTrace } from './world_trace.ts';

/** A run of the node's process. */
export interface NodeProcess {
  /** Counts the processes of the node, from 1. */
  readonly run: number;
  readonly clock: SimulatedClock;
  readonly mount: SimulatedMount;
  readonly sockets: SimulatedSockets;
  /** As soon as the node has its rooms. */
  services: BrokerServices | undefined;
  /** Once it serves. */
  broker: Broker | undefined;
}

export interface WorldNodeOptions {
  readonly id: number;
  readonly network: SimulatedNetwork;
  readonly random: SeededRandom;
  readonly trace: WorldTrace;
  /** Lines of server.properties; may change from one start to the next. */
  readonly properties: () => readonly string[];
  readonly diskSyncMs: number;
  readonly diskReadMs: number;
  readonly diskCapacityBytes: number;
  /** The rooms of a new process are there, and have done nothing. */
  readonly watch: (node: WorldNode, process: NodeProcess) => void;
  /** The node can't start, or can't go on. */
  readonly ended: (node: WorldNode, failure: Failure) => void;
  /** Code of the node threw. */
  readonly broken: (node: WorldNode, error: unknown) => void;
}

/**
 * A machine of the world: its place in the network, its disk, and the node's process while one runs.
 *
 *     down → up             start
 *     up → down             kill (the disk keeps what was written), powerOff (it loses what was not synced), stop,
 *                           or the node's own end
 *     up: running ↔ paused
 */
export class WorldNode {
  readonly id: number;
  readonly name: string;
  readonly host: SimulatedHost;
  disk: SimulatedDisk;
  readonly #options: WorldNodeOptions;
  #process: NodeProcess | undefined;
  #runs = 0;
  #isStopping = false;
  /** How far the wall clock is from that of others. */
  wallSkewMs = 0;
  /** The id of its directory, as its last process found it. */
  directoryId: Uuid | undefined;
  /** Of the last process, which may be gone. */
  lastQuorum: KraftNode | undefined;
  /** Counts the disks that this machine had. */
  diskCount = 0;

  constructor(options: WorldNodeOptions) {
    this.#options = options;
    this.id = options.id;
    this.name = `node-${options.id}`;
    this.host = options.network.host(this.name);
    this.disk = this.#newDisk();
  }

  #newDisk(): SimulatedDisk {
    const { network, random, diskSyncMs, diskReadMs, diskCapacityBytes } = this.#options;
    this.diskCount++;
    return new SimulatedDisk({
      time: network.time,
      random: random.fork(),
      capacityBytes: diskCapacityBytes,
      syncMs: diskSyncMs,
      readMs: diskReadMs,
    });
  }

  get process(): NodeProcess | undefined {
    return this.#process;
  }

  get isUp(): boolean {
    return this.#process !== undefined;
  }

  /** Whether the process runs, and has finished its start. */
  get isServing(): boolean {
    return this.#process?.broker !== undefined && this.#process.clock.state === 'running';
  }

  get isPaused(): boolean {
    return this.#process?.clock.state === 'paused';
  }

  /** Whether it is on its way down in order. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** The rooms of the running process. */
  get services(): BrokerServices | undefined {
    return this.#process?.services;
  }

  /** Starts the process, unless there is one. */
  start(): void {
    if (this.#process !== undefined) return;
    const { network, random, trace, properties, watch, ended, broken } = this.#options;
    const clock = new SimulatedClock(network.time, { wallStartMs: WORLD_START_MS + this.wallSkewMs });
    const process: NodeProcess = {
      run: ++this.#runs,
      clock,
      mount: this.disk.mount(clock),
      sockets: this.host.open(clock),
      services: undefined,
      broker: undefined,
    };
    this.#process = process;
    trace.note(this.name, 'process starts', { run: process.run });
    const started = Broker.start({
      configuration: this.#configuration(properties()),
      ports: {
        clock,
        random: random.fork(),
        network: process.sockets,
        disk: process.mount,
        logger: new TraceLogger(trace, this.name),
      },
      fatal: failure => {
        if (this.#process !== process) return;
        trace.note(this.name, 'can not go on', { failure });
        void this.stop().then(() => ended(this, failure));
      },
      watch: services => {
        process.services = services;
        this.directoryId = services.directories.identity.directoryId;
        this.lastQuorum = services.quorum;
        watch(this, process);
      },
    });
    started.then(
      result => {
        if (this.#process !== process) return;
        if (!failed(result)) {
          process.broker = result;
          trace.note(this.name, 'serves');
          return;
        }
        trace.note(this.name, 'could not start', { failure: result });
        this.kill();
        ended(this, result);
      },
      error => {
        if (this.#process === process) broken(this, error);
      },
    );
  }

  #configuration(properties: readonly string[]): Configuration {
    const configuration = loadConfiguration({ overrides: properties, hostname: this.name });
    assert(!Array.isArray(configuration), String(configuration));
    return configuration as Configuration;
  }

  /** Ends the process as SIGKILL does. */
  kill(): void {
    const process = this.#process;
    if (process === undefined) return;
    this.#process = undefined;
    this.#isStopping = false;
    process.clock.stop();
    process.mount.kill();
    process.sockets.kill();
  }

  /** Cuts the power. */
  powerOff(): void {
    const process = this.#process;
    this.#process = undefined;
    this.#isStopping = false;
    process?.clock.stop();
    this.host.powerOff();
    this.disk.crash({ random: this.#options.random });
  }

  /** Ends the process in order, as SIGTERM does. */
  async stop(): Promise<void> {
    const process = this.#process;
    if (process === undefined || this.#isStopping) return;
    this.#isStopping = true;
    // While it starts there is nothing to end in order.
    await process.broker?.stop();
    if (this.#process === process) this.kill();
  }

  pause(): void {
    this.#process?.clock.pause();
  }

  resume(): void {
    this.#process?.clock.resume();
  }

  /** Sets the wall clock forward or back, now and for later processes. */
  jumpWall(byMs: number): void {
    this.wallSkewMs += byMs;
    this.#process?.clock.jumpWall(byMs);
  }

  /** The disk is lost, and an empty one takes its place; the machine is down. */
  wipe(): void {
    this.powerOff();
    this.disk = this.#newDisk();
    this.directoryId = undefined;
  }
}
