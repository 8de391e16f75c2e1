import assert from 'node:assert/strict';
import { AddRaftVoter } from '../../src/messages/80_add_raft_voter.ts';
import { RemoveRaftVoter } from '../../src/messages/81_remove_raft_voter.ts';
import { failed } from '../../src/model/failure.ts';
import type { Offset } from '../../src/model/ids.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { type QuorumMember, QuorumWorld, type WorldOptions } from './quorum_world.ts';

const FAULTS_FOR_MS = 900;
const HEALED_WITHIN_MS = 20_000;

export interface FaultOptions extends WorldOptions {
  readonly seed: number;
  /** Whether voters are added and removed by an operator. */
  readonly changesVoters?: boolean;
  /** Whether the disk of one voter is lost. */
  readonly losesDisk?: boolean;
}

/** What happened in a run. */
export interface FaultReport {
  readonly events: number;
  readonly elections: number;
  readonly committed: number;
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Runs a quorum for a while in which everything goes wrong that may, and then heals it: it must go on, and all must
 * have been told the same.
 */
export async function simulateFaults(
  options: FaultOptions,
  watch?: (world: QuorumWorld) => void,
): Promise<FaultReport> {
  const run = new FaultRun(options);
  watch?.(run.world);
  try {
    return await run.run();
  } catch (error) {
    throw new Error(`Seed ${options.seed} at ${run.world.time.nowMs} ms`, { cause: error });
  }
}

class FaultRun {
  readonly world: QuorumWorld;
  readonly #options: FaultOptions;
  readonly #random: SeededRandom;
  readonly #counts: Record<string, number> = {};
  #isOver = false;
  #proposals = 0;
  #hasLostDisk = false;

  /** How bad it is in this run. */
  readonly #faultEveryMs: number;
  readonly #downForMs: number;
  readonly #cutForMs: number;

  constructor(options: FaultOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed + 1_000_000);
    this.world = new QuorumWorld({
      ...options,
      latencyMs: this.#pick([0.5, 2, 8])!,
      syncMs: this.#pick([0.5, 3, 15])!,
      shortReads: this.#pick([0, 0.7])!,
    });
    this.world.delayed = this.#pick([0, 0.02, 0.1])!;
    this.#faultEveryMs = this.#pick([12, 30, 90])!;
    this.#downForMs = this.#pick([15, 60, 200])!;
    this.#cutForMs = this.#pick([40, 120, 300])!;
  }

  async run(): Promise<FaultReport> {
    const { world } = this;
    for (const member of world.all) this.#later(20, () => this.#launch(member));
    this.#every(15, () => this.#propose());
    this.#every(this.#faultEveryMs, () => this.#disturb());
    this.#every(300, () => this.#takeSnapshot());
    await world.advance(FAULTS_FOR_MS);
    this.#isOver = true;
    await this.#heal();
    const { executedCount: events } = world.time;
    const { leaderCount: elections, values } = world.checker;
    return { events, elections, committed: values.length, counts: this.#counts };
  }

  #count(what: string): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + 1;
  }

  #later(withinMs: number, act: () => void): void {
    this.world.time.schedule(withinMs * this.#random.fraction(), () => {
      if (!this.#isOver) act();
    });
  }

  #every(aboutMs: number, act: () => void): void {
    const again = () => {
      if (this.#isOver) return;
      act();
      this.world.time.schedule(aboutMs * 2 * this.#random.fraction(), again);
    };
    this.world.time.schedule(aboutMs * this.#random.fraction(), again);
  }

  #launch(member: QuorumMember): void {
    if (!member.isUp) member.launch().catch(error => this.world.failed(error));
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from.length === 0 ? undefined : from[this.#random.below(from.length)];
  }

  #propose(): void {
    for (const member of this.world.running) {
      if (!member.leads) continue;
      const values = Array.from({ length: 1 + this.#random.below(3) }, () =>
        Buffer.from(`v${this.#proposals++}`),
      );
      const offset = member.node.propose(member.listener.leader!.epoch, values);
      this.#count(failed(offset) ? 'refused' : 'proposed');
    }
  }

  #disturb(): void {
    const { world } = this;
    // Whoever leads is hit more often than others.
    const member = (this.#random.chance(0.4) ? world.leader : undefined) ?? this.#pick(world.all)!;
    const dice = this.#random.below(100);
    if (dice < 14) this.#down('killed', member, () => member.kill());
    else if (dice < 28) this.#down('crashed', member, () => member.crash());
    else if (dice < 30) this.#allDown();
    else if (dice < 44) this.#cut();
    else if (dice < 52) this.#cutOneWay(member);
    else if (dice < 58) world.blocked.clear();
    else if (dice < 68) world.loss = 0.2 * this.#random.fraction();
    else if (dice < 76) this.#pause(member);
    else if (dice < 82) this.#shutDown(member);
    else if (dice < 90) this.#changeVoters();
    else if (dice < 94) this.#loseDisk(member);
    else if (dice < 97 && world.leader !== undefined)
      world.leader.node.resign(world.leader.listener.leader!.epoch);
  }

  #down(what: string, member: QuorumMember, act: () => void): void {
    if (!member.isUp) return;
    this.#count(what);
    act();
    this.#later(this.#downForMs, () => this.#launch(member));
  }

  #allDown(): void {
    this.#count('all crashed');
    for (const member of this.world.all) {
      member.crash();
      this.#later(this.#downForMs, () => this.#launch(member));
    }
  }

  #cut(): void {
    this.#count('cut');
    const { world } = this;
    const ids = world.all.map(member => member.id);
    const left = ids.filter(() => this.#random.chance(0.5));
    world.partition(
      left,
      ids.filter(id => !left.includes(id)),
    );
    this.#later(this.#cutForMs, () => world.blocked.clear());
  }

  #cutOneWay(member: QuorumMember): void {
    this.#count('cut one way');
    for (const { id } of this.world.all) if (id !== member.id) this.world.blocked.add(`${member.id}>${id}`);
    this.#later(this.#cutForMs, () => this.world.blocked.clear());
  }

  #pause(member: QuorumMember): void {
    const clock = member.process?.clock;
    if (clock === undefined) return;
    this.#count('paused');
    clock.pause();
    this.world.time.schedule(2 * this.#downForMs * this.#random.fraction(), () => clock.resume());
  }

  #shutDown(member: QuorumMember): void {
    const { process } = member;
    if (process === undefined) return;
    this.#count('shut down');
    void process.node.shutdown(200).then(() => {
      if (member.process !== process) return;
      member.kill();
      if (this.#isOver) this.#launch(member);
      else this.#later(this.#downForMs, () => this.#launch(member));
    });
  }

  /** One at a time, and only when nothing of it can be the last copy: all others have everything. */
  #loseDisk(member: QuorumMember): void {
    const { world } = this;
    const { leader } = world;
    if (this.#options.losesDisk !== true || this.#hasLostDisk || leader === undefined || member === leader)
      return;
    const voters = leader.node.status.voters.voters.map(voter => world.member(voter.key.id));
    const isSafe = voters.every(voter => voter === member || (voter.isRunning && this.#hasAll(voter)));
    if (!isSafe || leader.node.highWatermark === undefined || voters.length < 3) return;
    this.#hasLostDisk = true;
    this.#count('disk lost');
    member.wipe();
    this.#later(200, () => this.#launch(member));
  }

  #hasAll(member: QuorumMember): boolean {
    return member.log.stable.endOffset >= this.world.checker.committedEnd;
  }

  #changeVoters(): void {
    const { world } = this;
    const { leader } = world;
    if (this.#options.changesVoters !== true || leader === undefined) return;
    const { voters } = leader.node.status;
    // Whoever takes a voter out while another is lost for good may be left without a majority for ever.
    const isWhole = voters.voters.every(({ key }) => world.member(key.id).directoryId === key.directoryId);
    if (!isWhole) return;
    const isRemoval = voters.size > 1 && this.#random.chance(0.5);
    if (isRemoval) {
      const voter = this.#pick(voters.voters)!;
      this.#count('removal asked');
      const { id: voterId, directoryId } = voter.key;
      const request = { clusterId: null, voterId, voterDirectoryId: directoryId! };
      void leader
        .handle(RemoveRaftVoter, request as never, 0)
        .then(answer => this.#changed('removed', answer));
      return;
    }
    const candidates = world.running.filter(member => !voters.has(member.node.nodeId));
    const added = this.#pick(candidates);
    if (added === undefined) return;
    this.#count('addition asked');
    const request = {
      clusterId: null,
      timeoutMs: 1000,
      voterId: added.id,
      voterDirectoryId: added.directoryId,
      listeners: [{ name: 'CONTROLLER', ...added.endpoint }],
      ackWhenCommitted: true,
    };
    void leader.handle(AddRaftVoter, request as never, 1).then(answer => this.#changed('added', answer));
  }

  #changed(what: string, answer: unknown): void {
    if ((answer as { errorCode: number }).errorCode === 0) this.#count(what);
  }

  #takeSnapshot(): void {
    const member = this.#pick(this.world.running);
    if (member === undefined || member.listener.end === 0n) return;
    const { end, values } = member.listener;
    void member.node.takeSnapshot(end as Offset, values).then(id => {
      if (!failed(id)) this.#count('snapshot');
    });
  }

  /** Everything is well again: the quorum must go on, and everybody must be told everything. */
  async #heal(): Promise<void> {
    const { world } = this;
    world.heal();
    for (const member of world.all) member.process?.clock.resume();
    for (const member of world.all) this.#launch(member);
    await world.until(() => world.all.every(member => member.isRunning), HEALED_WITHIN_MS);
    const markers = new Set<string>();
    const isTold = (member: QuorumMember) =>
      member.listener.values.some(value => markers.has(value.toString()));
    let nextMs = 0;
    await world.until(() => {
      if (world.time.nowMs >= nextMs && world.leader !== undefined) {
        nextMs = world.time.nowMs + 500;
        const marker = `marker ${markers.size}`;
        const { leader } = world;
        if (!failed(leader.node.propose(leader.listener.leader!.epoch, [Buffer.from(marker)])))
          markers.add(marker);
      }
      return world.all.every(member => member.isRunning && isTold(member));
    }, HEALED_WITHIN_MS);
    for (const member of world.all) {
      const count = member.listener.values.length;
      assert.deepEqual(member.listener.values.map(String), world.checker.values.slice(0, count));
    }
  }
}
