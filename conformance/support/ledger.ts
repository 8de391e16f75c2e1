import assert from 'node:assert/strict';

/**
 * What the members of a group did, together. It holds the promise that a group makes: a partition has one owner at a
 * time, every record is processed, and none again once its commit was acknowledged.
 */
export class Ledger {
  /** Members can be declared dead, and not know it for a while, in which they work on what is not theirs any more. */
  readonly #looseOwners: boolean;
  /** By partition: how often each offset was processed. */
  readonly #times = new Map<number, number[]>();
  /** By partition: the next offset, as of the last acknowledged commit. It never falls. */
  readonly #committed = new Map<number, number>();
  readonly #owned = new Map<string, Set<number>>();
  /** By member: how many records it processed since it last gained or lost partitions. */
  readonly #busy = new Map<string, number>();
  /** By member: how often it was assigned something. */
  readonly #changes = new Map<string, number>();
  readonly #violations: string[] = [];

  constructor({ looseOwners = false } = {}) {
    this.#looseOwners = looseOwners;
  }

  gained(member: string, partitions: readonly number[]): void {
    for (const [other, owned] of this.#owned) {
      const both = partitions.filter(partition => owned.has(partition));
      if (this.#looseOwners || other === member || both.length === 0) continue;
      this.#violations.push(`${member} was assigned ${both.join(' ')} while ${other} owned it`);
    }
    this.#owned.set(member, new Set([...this.owned(member), ...partitions]));
    this.#busy.set(member, 0);
    this.#changes.set(member, this.changes(member) + 1);
  }

  /** All of the member's partitions, unless some are named. */
  lost(member: string, partitions: readonly number[] = this.owned(member)): void {
    const left = this.owned(member).filter(partition => !partitions.includes(partition));
    if (left.length === 0) this.#owned.delete(member);
    else this.#owned.set(member, new Set(left));
    this.#busy.set(member, 0);
  }

  processed(member: string, partition: number, offset: number): void {
    const times = this.#times.get(partition) ?? [];
    this.#times.set(partition, times);
    times[offset] = (times[offset] ?? 0) + 1;
    const committed = this.#committed.get(partition) ?? 0;
    const where = `${member} processed offset ${offset} of partition ${partition}`;
    if (offset < committed) this.#violations.push(`${where} although ${committed} was committed`);
    const owns = this.#owned.get(member)?.has(partition) === true;
    if (!owns && !this.#looseOwners) this.#violations.push(`${where}, which it does not own`);
    this.#busy.set(member, (this.#busy.get(member) ?? 0) + 1);
  }

  /** The node acknowledged that the group goes on at `nextOffset`. */
  committed(partition: number, nextOffset: number): void {
    this.#committed.set(partition, Math.max(nextOffset, this.#committed.get(partition) ?? 0));
  }

  get committedCount(): number {
    return [...this.#committed.values()].reduce((sum, offset) => sum + offset, 0);
  }

  owned(member: string): number[] {
    return [...(this.#owned.get(member) ?? [])].sort((a, b) => a - b);
  }

  changes(member: string): number {
    return this.#changes.get(member) ?? 0;
  }

  /** These members and no others own all partitions between them, at least so many each, and all have worked since. */
  isShared(members: readonly string[], partitions: number, minimumEach: number): boolean {
    if (members.length !== this.#owned.size) return false;
    if (members.some(member => this.owned(member).length < minimumEach || !this.#busy.get(member)))
      return false;
    const all = members.flatMap(member => this.owned(member));
    return all.length === partitions && new Set(all).size === partitions;
  }

  describe(): string {
    const owned = [...this.#owned].map(
      ([member, mine]) => `${member} owns ${[...mine].join(' ') || 'nothing'}`,
    );
    return [`${this.committedCount} committed`, ...owned, ...this.#violations.slice(0, 3)].join(', ');
  }

  /** No promise was broken, and of every partition each offset up to its end was processed. */
  assertComplete(ends: ReadonlyMap<number, number>, { exactlyOnce }: { exactlyOnce: boolean }): void {
    assert.deepEqual(this.#violations.slice(0, 5), [], 'what the group did wrong');
    for (const [partition, end] of ends) {
      const times = this.#times.get(partition) ?? [];
      for (let offset = 0; offset < end; offset++) {
        const count = times[offset] ?? 0;
        assert.ok(count > 0, `offset ${offset} of partition ${partition} was never processed`);
        if (exactlyOnce)
          assert.equal(count, 1, `how often offset ${offset} of partition ${partition} was processed`);
      }
      assert.ok(
        times.length <= end,
        `partition ${partition} ends at ${end}, but ${times.length - 1} was processed`,
      );
    }
  }
}
