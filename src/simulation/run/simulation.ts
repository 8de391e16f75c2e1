import process from 'node:process';
import { type CheckReport, checkHistory } from '../../checker/check_history.ts';
import { describeReport } from '../../checker/describe_report.ts';
import type { HistoryEvent } from '../../checker/history.ts';
import type { Failure } from '../../model/failure.ts';
import { FaultInjector } from '../faults/fault_injector.ts';
import { Invariants } from '../invariants/invariants.ts';
import { SeededRandom } from '../seeded_random.ts';
import { Workload } from '../workload/workload.ts';
import { World } from '../world/world.ts';
import type { NodeProcess, WorldNode } from '../world/world_node.ts';
import { compareReplicas } from './compare_replicas.ts';
import { drawCluster } from './draw_cluster.ts';
import { hasMajority, isLive, isWhole } from './liveness.ts';
import type { Profile } from './profiles.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly profile: Profile;
  /** When faults and writes end; the profile's without it. Up to there a run is the same however long it is. */
  readonly chaosMs?: number;
  /** Is shown what the workload does and is told, by topic. */
  readonly onHistory?: (topic: string, event: HistoryEvent) => void;
}

/** What a run was, and what was seen in it. */
export interface SimulationReport {
  readonly seed: number;
  readonly shape: string;
  readonly simulatedMs: number;
  readonly events: number;
  readonly hash: string;
  readonly faults: ReadonlyMap<string, number>;
  readonly operations: number;
  readonly acknowledged: number;
  readonly read: number;
}

/** A run that found something: what, when, and what happened before. */
export class SimulationFailure extends Error {
  override readonly name = 'SimulationFailure';
  readonly seed: number;
  readonly atMs: number;
  readonly events: number;
  /** Of the trace up to there. */
  readonly hash: string;
  /** How long faults went on, if that was not as the profile says. */
  readonly chaosMs: number | undefined;
  /** Whether it was found while things went wrong; otherwise in what came after. */
  readonly isInChaos: boolean;
  /** The last that happened, oldest first. */
  readonly transcript: readonly string[];

  constructor(simulation: Simulation, cause: unknown) {
    const { world, seed } = simulation;
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.seed = seed;
    this.atMs = world.time.nowMs;
    this.events = world.time.executedCount;
    this.hash = world.trace.hash;
    this.isInChaos = simulation.isInChaos;
    this.chaosMs = simulation.chaosMs;
    this.transcript = world.trace.transcript();
  }
}

/** A cluster is there within so long at first, when nothing goes wrong. */
const FORMATION_MS = 60_000;
/** With a majority healed: everything that can work does within so long. */
const CORE_LIVENESS_MS = 90_000;
/** With all healed: every replica is in sync within so long. */
const WHOLE_LIVENESS_MS = 180_000;
const SETTLE_MS = 60_000;
const MENDED_MS = 60_000;
const READ_BACK_MS = 120_000;
/** How far the wall clocks of nodes are apart at first. */
const MAX_SKEW_MS = 500;

/** One world, its workload and its faults, from the first start to the last check. */
export class Simulation {
  readonly seed: number;
  readonly world: World;
  readonly #options: SimulationOptions;
  readonly #random: SeededRandom;
  readonly #invariants: Invariants;
  readonly #faults: FaultInjector;
  readonly #workload: Workload;
  readonly #shape: string;
  isInChaos = true;

  get chaosMs(): number | undefined {
    return this.#options.chaosMs;
  }

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.seed = options.seed;
    this.#random = new SeededRandom(options.seed);
    const cluster = drawCluster(options.profile, this.#random.fork());
    this.#shape = cluster.shape;
    this.world = new World(
      { ...cluster.world, seed: options.seed },
      {
        processOpened: (node, process) => this.#opened(node, process),
        processEnded: (node, failure) => this.#ended(node, failure),
      },
    );
    const { world } = this;
    this.#invariants = new Invariants(world, { defaultMinIsr: cluster.defaultMinIsr });
    world.time.afterEvent = () => this.#invariants.check();
    const { onHistory } = options;
    this.#workload = new Workload({
      world,
      random: this.#random.fork(),
      profile: options.profile,
      acknowledged: (topicId, partition, offset) => this.#invariants.acknowledged(topicId, partition, offset),
      ...(onHistory !== undefined && { onHistory }),
    });
    this.#faults = new FaultInjector({
      world,
      random: this.#random.fork(),
      profile: options.profile,
      clientHosts: this.#workload.hosts,
      diskLost: node => this.#invariants.diskLost(node),
      diskDamaged: (node, topicId, index) => this.#invariants.diskDamaged(node, topicId, index),
      rollingProperties: cluster.rollingProperties,
    });
    for (const node of world.nodes) node.jumpWall((this.#random.fraction() - 0.5) * MAX_SKEW_MS);
  }

  /**
   * Runs it to its end.
   * @throws {SimulationFailure} when something is wrong
   */
  async run(): Promise<SimulationReport> {
    const rejected = (error: unknown) =>
      this.world.fail('A promise was rejected, and nobody waits for it', error);
    process.on('unhandledRejection', rejected);
    try {
      return await this.#run();
    } catch (error) {
      throw new SimulationFailure(this, this.world.violation ?? error);
    } finally {
      process.off('unhandledRejection', rejected);
    }
  }

  #opened(node: WorldNode, process: NodeProcess): void {
    this.#invariants.opened(node, process);
  }

  #ended(node: WorldNode, failure: Failure): void {
    if (!this.#faults.hasDiskFault(node)) {
      this.world.fail(`${node.name} ended by itself, and nothing was wrong with its disk: ${failure}`);
    }
    this.#faults.restartSoon(node);
  }

  async #run(): Promise<SimulationReport> {
    const { world } = this;
    for (const node of world.nodes) node.start();
    await this.#demand('the cluster is there', FORMATION_MS, () => world.nodes.every(node => node.isServing));
    await this.#settle('the topics are there', FORMATION_MS, this.#workload.createTopics());
    this.#workload.start();
    this.#faults.start();
    await world.runUntil(() => false, this.#options.chaosMs ?? this.#options.profile.chaosMs);
    this.#faults.stop();
    this.isInChaos = false;
    await this.#healCore();
    await this.#healAll();
    const checked = await this.#readBack();
    return {
      seed: this.seed,
      shape: this.#shape,
      simulatedMs: world.time.nowMs,
      events: world.time.executedCount,
      hash: world.trace.hash,
      faults: this.#faults.counts,
      operations: sum(checked, report => report.operationCount),
      acknowledged: sum(checked, report => report.acknowledgedCount),
      read: sum(checked, report => report.polledCount),
    };
  }

  /** Heals a majority, takes the rest away, and demands that all works that can. */
  async #healCore(): Promise<void> {
    const { world } = this;
    const drawn = this.#drawCore();
    // A controller with a new disk is no voter until the others have made it one, which takes a majority of the old.
    const isEnough = hasMajority(drawn, world.controllers);
    // Nor does a power cut come on top of damage that is not mended: it may be on the last replica that is in sync.
    const { damagedNodes } = this.#faults;
    const core = isEnough
      ? world.nodes.filter(node => drawn.includes(node) || damagedNodes.has(node))
      : world.nodes;
    for (const node of world.nodes) if (!core.includes(node)) node.powerOff();
    this.#faults.heal(core);
    const names = core.map(({ id }) => id).join(', ');
    await this.#demand(`nodes ${names} work without the others`, CORE_LIVENESS_MS, () =>
      isLive(core, world, this.#workload.topics),
    );
  }

  /** A majority of the controllers, and of the brokers. */
  #drawCore(): WorldNode[] {
    const { world } = this;
    const shuffled = [...world.nodes]
      .map(node => ({ node, order: this.#random.fraction() }))
      .sort((left, right) => left.order - right.order)
      .map(({ node }) => node);
    const core: WorldNode[] = [];
    const majorityOf = (count: number) => Math.floor(count / 2) + 1;
    let controllers = majorityOf(world.controllers.length);
    let brokers = majorityOf(world.brokers.length);
    for (const node of shuffled) {
      const isWanted =
        (world.isController(node.id) && controllers > 0) || (world.isBroker(node.id) && brokers > 0);
      if (!isWanted) continue;
      core.push(node);
      if (world.isController(node.id)) controllers--;
      if (world.isBroker(node.id)) brokers--;
    }
    return core;
  }

  async #healAll(): Promise<void> {
    const { world } = this;
    this.#faults.heal(world.nodes);
    await this.#demand('every replica is in sync', WHOLE_LIVENESS_MS, () =>
      isWhole(world, this.#workload.topics),
    );
    await this.#settle('the writers are answered', SETTLE_MS, this.#workload.endWriting());
    await this.#demand('every replica is in sync at the end', WHOLE_LIVENESS_MS, () =>
      isWhole(world, this.#workload.topics),
    );
  }

  async #readBack(): Promise<CheckReport[]> {
    const { world } = this;
    await this.#demand(
      'what changed on disks is mended',
      MENDED_MS,
      () => this.#faults.damagedNodes.size === 0,
    );
    await this.#settle('everything is read back', READ_BACK_MS, this.#workload.readBack());
    const reports: CheckReport[] = [];
    for (const { topic, history, options } of this.#workload.histories) {
      const report = checkHistory(history, options);
      if (typeof report === 'string') throw new Error(report);
      if (!report.isValid) throw new Error(`${topic}: ${describeReport(report)}`);
      reports.push(report);
    }
    const difference = compareReplicas(world);
    if (difference !== undefined) throw new Error(difference);
    return reports;
  }

  async #demand(what: string, withinMs: number, condition: () => boolean): Promise<void> {
    if (await this.world.runUntil(condition, withinMs)) return;
    throw new Error(`Not within ${withinMs / 1000} simulated seconds: ${what}`);
  }

  async #settle(what: string, withinMs: number, promise: Promise<void>): Promise<void> {
    let isSettled = false;
    promise.then(
      () => {
        isSettled = true;
      },
      error => this.world.fail(`The workload threw: ${what}`, error),
    );
    await this.#demand(what, withinMs, () => isSettled);
  }
}

function sum(reports: readonly CheckReport[], count: (report: CheckReport) => number): number {
  return reports.reduce((total, report) => total + count(report), 0);
}
