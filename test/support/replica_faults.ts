import assert from 'node:assert/strict';
import { NO_NODE } from '../../src/model/ids.ts';
import type { SeededRandom } from '../../src/simulation/seeded_random.ts';
import type { ReplicaMachine, Sent } from './replica_machine.ts';
import type { ReplicaWorld } from './replica_world.ts';

/** What a run of faults did, for a comparison of runs of the same seed. */
export interface FaultReport {
  readonly acknowledged: number;
  readonly refused: number;
  readonly faults: readonly string[];
}

const STEPS = 120;

/**
 * Produces without a pause while machines crash, hang and are cut off, then heals everything, and holds what is left
 * against what was acknowledged and what was ever shown as committed.
 */
export class ReplicaFaults {
  readonly #world: ReplicaWorld;
  readonly #random: SeededRandom;
  readonly #sent: Sent[] = [];
  readonly #faults: string[] = [];
  /** By partition and offset: what some replica had below its high watermark. */
  readonly #committed = new Map<string, string>();
  #produced = 0;

  constructor(world: ReplicaWorld) {
    this.#world = world;
    this.#random = world.random.fork();
  }

  async run(): Promise<FaultReport> {
    for (let step = 0; step < STEPS; step++) {
      this.#produce();
      await this.#world.time.advance(1 + this.#random.fraction() * 30);
      if (this.#random.fraction() < 0.3) await this.#fault();
      if (this.#random.fraction() < 0.2) await this.#look();
    }
    await this.#heal();
    await this.#check();
    const acknowledged = this.#sent.filter(each => each.outcome === 'acknowledged').length;
    const refused = this.#sent.filter(each => each.offset === undefined).length;
    return { acknowledged, refused, faults: this.#faults };
  }

  get #machines(): ReplicaMachine[] {
    return [...this.#world.machines.values()];
  }

  #indexes(): number[] {
    return Array.from({ length: this.#world.options.partitions ?? 1 }, (_, index) => index);
  }

  /** Every broker that believes that it leads takes records. */
  #produce(): void {
    for (const machine of this.#machines) {
      if (!machine.isRunning) continue;
      for (const index of this.#indexes()) {
        if (!machine.partitionExists(index) || !machine.partition(index).isLeader) continue;
        const count = 1 + Math.floor(this.#random.fraction() * 3);
        for (let at = 0; at < count; at++) {
          this.#sent.push(machine.produce(`v-${index}-${this.#produced++}`, index));
        }
      }
    }
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random.fraction() * list.length)];
  }

  async #fault(): Promise<void> {
    const kinds = [
      'kill',
      'crash',
      'start',
      'start',
      'pause',
      'resume',
      'partition',
      'one-way',
      'heal',
      'cut',
      'join',
      'elect',
      'blackout',
    ];
    const kind = this.#pick(kinds)!;
    const machine = this.#pick(this.#machines)!;
    if (!this.#isPossible(kind, machine)) return;
    this.#faults.push(`${Math.round(this.#world.time.nowMs)} ${kind} ${machine.id}`);
    this.#inflict(kind, machine);
  }

  #isPossible(kind: string, machine: ReplicaMachine): boolean {
    switch (kind) {
      case 'kill':
      case 'crash':
        return machine.isUp;
      case 'start':
        return !machine.isUp && !machine.isStarting;
      case 'pause':
        return machine.isRunning;
      case 'resume':
        return machine.isPaused;
      default:
        return true;
    }
  }

  #inflict(kind: string, machine: ReplicaMachine): void {
    const world = this.#world;
    const others = world.ids.filter(id => id !== machine.id).map(id => `host${id}`);
    const host = `host${machine.id}`;
    switch (kind) {
      case 'kill':
        machine.kill();
        break;
      case 'crash':
        machine.crash(this.#random.fraction() < 0.5 ? 'drop-unsynced' : { random: this.#random.fork() });
        break;
      case 'start':
        void machine.start();
        break;
      case 'pause':
        machine.pause();
        break;
      case 'resume':
        machine.resume();
        break;
      case 'partition':
        world.network.partition([host], others);
        break;
      case 'one-way':
        world.network.block([host], others);
        break;
      case 'heal':
        world.network.heal();
        break;
      case 'cut':
        world.cut.add(machine.id);
        break;
      case 'join':
        world.cut.delete(machine.id);
        break;
      case 'blackout':
        for (const each of this.#machines) {
          if (each.isUp) each.crash();
          if (!each.isStarting) void each.start();
        }
        break;
      case 'elect':
        for (const index of this.#indexes()) {
          const { isr, leader } = world.partition(index);
          if (isr.includes(machine.id) && leader !== machine.id && leader !== NO_NODE)
            world.tryElect(machine.id, index);
        }
        break;
    }
  }

  /** What is below a high watermark is the same everywhere, and for ever. */
  async #look(): Promise<void> {
    for (const machine of this.#machines) {
      for (const index of this.#indexes()) {
        if (!machine.isRunning || !machine.partitionExists(index)) continue;
        const { log } = machine.partition(index);
        if (log === undefined || log.failure !== undefined) continue;
        this.#compare(machine, index, await machine.values(index, log.highWatermark));
      }
    }
  }

  #compare(machine: ReplicaMachine, index: number, values: ReadonlyMap<bigint, string>): void {
    for (const [offset, value] of values) {
      const key = `${index}@${offset}`;
      const before = this.#committed.get(key);
      if (before === undefined) this.#committed.set(key, value);
      else assert.equal(value, before, `offset ${key} at broker ${machine.id}\n${this.#story()}`);
    }
  }

  /** Everything works again. */
  async #heal(): Promise<void> {
    const world = this.#world;
    world.network.heal();
    world.cut.clear();
    world.lostAnswers = 0;
    for (const machine of this.#machines) {
      if (machine.isPaused) machine.resume();
      if (!machine.isUp && !machine.isStarting) void machine.start();
    }
    const isWhole = (index: number) =>
      world.partition(index).isr.length === world.partition(index).replicas.length;
    const limitMs = 120_000;
    await world
      .until(() => this.#indexes().every(isWhole), 'all replicas are in sync', limitMs)
      .catch((error: Error) => {
        throw new Error(`${error.message}\n${this.#story()}`);
      });
    await world.time.advance(1_000);
    const last = this.#indexes().map(index => world.leader(index).produce(`v-${index}-last`, index));
    this.#sent.push(...last);
    await world.until(() => last.every(sent => sent.outcome === 'acknowledged'), 'records are taken', 1_000);
    await world.time.advance(1_000);
  }

  async #check(): Promise<void> {
    for (const index of this.#indexes()) {
      const logs = new Map<number, Map<bigint, string>>();
      for (const machine of this.#machines) {
        const values = await machine.values(index);
        this.#compare(machine, index, values);
        logs.set(machine.id, values);
      }
      const [first, ...rest] = [...logs.values()];
      for (const other of rest) assert.deepEqual(other, first, `replicas differ\n${this.#story()}`);
      for (const { value, offset, outcome } of this.#sent) {
        if (outcome !== 'acknowledged' || !value.startsWith(`v-${index}-`)) continue;
        assert.equal(first!.get(offset!), value, `acknowledged, and lost\n${this.#story()}`);
      }
      const values = [...first!.values()];
      assert.equal(new Set(values).size, values.length, `a record is there twice\n${this.#story()}`);
    }
  }

  #story(): string {
    return `${this.#faults.join('\n')}\n${this.#world.describe()}`;
  }
}
