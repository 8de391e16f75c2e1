import type { ProducerId } from '../model/ids.ts';
import type { OffsetKey } from './group_records.ts';
import type { StoredOffset } from './stored_offset.ts';

/** By partition. */
export type TopicOffsets = ReadonlyMap<number, StoredOffset>;
/** By topic, then partition. */
export type GroupOffsets = ReadonlyMap<string, TopicOffsets>;

/** Offsets by group, topic and partition. No map in it is empty. */
class OffsetTable {
  readonly groups = new Map<string, Map<string, Map<number, StoredOffset>>>();
  size = 0;

  get({ group, topic, partition }: OffsetKey): StoredOffset | undefined {
    return this.groups.get(group)?.get(topic)?.get(partition);
  }

  set({ group, topic, partition }: OffsetKey, stored: StoredOffset): void {
    let topics = this.groups.get(group);
    if (topics === undefined) {
      topics = new Map();
      this.groups.set(group, topics);
    }
    let partitions = topics.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      topics.set(topic, partitions);
    }
    if (!partitions.has(partition)) this.size++;
    partitions.set(partition, stored);
  }

  delete({ group, topic, partition }: OffsetKey): void {
    const topics = this.groups.get(group);
    const partitions = topics?.get(topic);
    if (topics === undefined || partitions === undefined || !partitions.delete(partition)) return;
    this.size--;
    if (partitions.size === 0) topics.delete(topic);
    if (topics.size === 0) this.groups.delete(group);
  }

  *all(): Iterable<[OffsetKey, StoredOffset]> {
    for (const [group, topics] of this.groups) {
      for (const [topic, partitions] of topics) {
        for (const [partition, stored] of partitions) yield [{ group, topic, partition }, stored];
      }
    }
  }
}

const NO_OFFSETS: GroupOffsets = new Map();

/** The offsets of a partition's groups: those that are committed, and those of transactions that are still open. */
export class OffsetStore {
  readonly #committed = new OffsetTable();
  /** Of open transactions, by producer. Each has an offset, or had one that was deleted meanwhile. */
  readonly #pending = new Map<ProducerId, OffsetTable>();
  /** The producers of {@link #pending} by group. No set is empty. */
  readonly #openTransactions = new Map<string, Set<ProducerId>>();

  /** How many are committed. */
  get size(): number {
    return this.#committed.size;
  }

  get(key: OffsetKey): StoredOffset | undefined {
    return this.#committed.get(key);
  }

  ofGroup(group: string): GroupOffsets {
    return this.#committed.groups.get(group) ?? NO_OFFSETS;
  }

  set(key: OffsetKey, stored: StoredOffset): void {
    this.#committed.set(key, stored);
  }

  /** An offset that counts when the producer's transaction is committed. */
  setPending(producerId: ProducerId, key: OffsetKey, stored: StoredOffset): void {
    let table = this.#pending.get(producerId);
    if (table === undefined) {
      table = new OffsetTable();
      this.#pending.set(producerId, table);
    }
    table.set(key, stored);
    let producers = this.#openTransactions.get(key.group);
    if (producers === undefined) {
      producers = new Set();
      this.#openTransactions.set(key.group, producers);
    }
    producers.add(producerId);
  }

  /** Deletes it, and what open transactions would make of it. */
  delete(key: OffsetKey): void {
    this.#committed.delete(key);
    for (const table of this.#pendingTables(key.group)) table.delete(key);
  }

  endTransaction(producerId: ProducerId, committed: boolean): void {
    const table = this.#pending.get(producerId);
    this.#pending.delete(producerId);
    for (const [group, producers] of table === undefined ? [] : this.#openTransactions) {
      producers.delete(producerId);
      if (producers.size === 0) this.#openTransactions.delete(group);
    }
    if (table === undefined || !committed) return;
    for (const [key, stored] of table.all()) {
      const present = this.#committed.get(key);
      if (present === undefined || stored.recordOffset > present.recordOffset)
        this.#committed.set(key, stored);
    }
  }

  *#pendingTables(group: string): Iterable<OffsetTable> {
    for (const producerId of this.#openTransactions.get(group) ?? []) yield this.#pending.get(producerId)!;
  }

  /** Whether an open transaction may still change it. */
  isPending(key: OffsetKey): boolean {
    for (const table of this.#pendingTables(key.group)) if (table.get(key) !== undefined) return true;
    return false;
  }

  /** Whether an open transaction commits, or committed, offsets of the group. */
  hasPending(group: string): boolean {
    return this.#openTransactions.has(group);
  }

  /** Every offset of a group, committed and pending; one key may come several times. */
  *allOf(group: string): Iterable<[OffsetKey, StoredOffset]> {
    for (const { groups } of [this.#committed, ...this.#pendingTables(group)]) {
      for (const [topic, partitions] of groups.get(group) ?? []) {
        for (const [partition, stored] of partitions) yield [{ group, topic, partition }, stored];
      }
    }
  }

  /** The keys of what all groups have for some topics, committed and pending; one may come several times. */
  *keysOfTopics(topics: readonly string[]): Iterable<OffsetKey> {
    for (const { groups } of [this.#committed, ...this.#pending.values()]) {
      for (const [group, offsets] of groups) {
        for (const topic of topics) {
          for (const partition of offsets.get(topic)?.keys() ?? []) yield { group, topic, partition };
        }
      }
    }
  }
}
