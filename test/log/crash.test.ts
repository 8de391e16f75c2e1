import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartitionLog } from '../../src/log/partition_log.ts';
import { failed } from '../../src/model/failure.ts';
import {
  asLeaderEpoch,
  asOffset,
  maxOffset,
  minOffset,
  type Offset,
  offsetAfter,
} from '../../src/model/ids.ts';
import { splitBatches } from '../../src/records/split_batches.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { batchOf, from, LogWorld } from '../support/log_world.ts';

/*
 * Random work on a log, and a power cut at a random operation of the disk, over and over on the same disk. What was
 * reported durable is there afterwards; what is there is what was appended, without holes; and what is made of it
 * (epochs, producers, indexes) fits.
 */

const CONFIG = {
  segmentBytes: 3000,
  indexIntervalBytes: 400,
  fileDeleteDelayMs: 5,
  retentionMs: -1,
  retentionBytes: 12_000,
};
const PRODUCERS = 3;

interface Known {
  readonly baseOffset: Offset;
  readonly nextOffset: Offset;
  readonly text: string;
  readonly epoch: number;
  readonly producer: number;
  readonly sequence: number;
  readonly batch: Buffer;
}

/** Ends the work on a disk whose power was cut. */
class Crashed extends Error {}

class CrashRun {
  readonly world: LogWorld;
  readonly random: SeededRandom;
  /** What the log must be: these batches, or the first of them. */
  list: Known[] = [];
  durable = asOffset(0n);
  logStart = asOffset(0n);
  /** As stored by the log's owner. */
  storedStart = asOffset(0n);
  epoch = 0;
  sequences = new Array<number>(PRODUCERS).fill(0);
  isCrashed = false;
  log!: PartitionLog;
  counter = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.world = new LogWorld({ seed, tailCacheBytes: this.random.chance(0.5) ? 0 : 20_000 });
    this.world.run = promise => this.wait(promise);
  }

  async run(lives: number): Promise<void> {
    for (let life = 0; life < lives; life++) {
      this.crashAfter(1 + this.random.below(life === 0 ? 400 : 150));
      try {
        await this.open();
        for (let step = 0; step < 120; step++) await this.step();
        await this.world.time.advance(1);
        this.powerCut();
      } catch (error) {
        if (!(error instanceof Crashed) && !this.isCrashed) throw error;
      }
      this.world.device.faults = undefined;
      this.world.restart();
      this.isCrashed = false;
    }
    await this.open();
  }

  crashAfter(operations: number): void {
    let left = operations;
    this.world.device.faults = () => {
      if (--left === 0) this.powerCut();
      return undefined;
    };
  }

  powerCut(): void {
    this.isCrashed = true;
    this.world.clock.stop();
    this.world.device.crash({ random: this.random });
  }

  /** Waits for a result; a process that is dead by then gets none. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    await this.world.time.runUntil(() => settled || this.isCrashed);
    if (this.isCrashed) throw new Crashed();
    return promise;
  }

  good<T>(result: T): T {
    if (this.isCrashed) throw new Crashed();
    assert.ok(!failed(result), String(result));
    return result;
  }

  async open(): Promise<void> {
    // Opening is interrupted, too.
    this.log = this.good(await this.world.open({ config: CONFIG, logStartOffset: this.storedStart }));
    await this.check();
  }

  async check(): Promise<void> {
    const { log, world } = this;
    const start = maxOffset(this.logStart, log.logStartOffset);
    const batches = log.endOffset <= start ? [] : await world.batches(log, start);
    const wanted = this.list.filter(known => known.baseOffset >= start);
    assert.ok(log.endOffset >= this.durable, `ends at ${log.endOffset}, was durable up to ${this.durable}`);
    for (const [index, batch] of batches.entries()) {
      const known = wanted[index];
      assert.ok(known !== undefined, `an unknown batch at ${batch.baseOffset}`);
      assert.equal(batch.baseOffset, known.baseOffset);
      assert.ok(batch.isCrcValid());
      assert.equal(batch.payload.toString('latin1').includes(known.text), true);
      assert.equal(log.leaderEpochAt(batch.baseOffset), known.epoch);
    }
    this.list = this.list.filter(known => known.nextOffset <= log.endOffset);
    assert.equal(log.endOffset, this.list.at(-1)?.nextOffset ?? log.endOffset);
    this.checkProducers();
    this.durable = log.durableOffset;
  }

  /** The last batch of each producer that is in the log is recognized when it is sent again. */
  checkProducers(): void {
    for (let producer = 0; producer < PRODUCERS; producer++) {
      const last = this.list.findLast(known => known.producer === producer);
      this.sequences[producer] = last === undefined ? 0 : last.sequence + 1;
      if (last === undefined || last.baseOffset < this.log.logStartOffset) continue;
      const again = this.good(
        this.log.appendAsLeader(Buffer.from(last.batch), {
          leaderEpoch: asLeaderEpoch(99),
          origin: 'client',
        }),
      );
      assert.ok(!failed(again));
      assert.deepEqual([again.isDuplicate, again.firstOffset], [true, last.baseOffset]);
    }
  }

  async step(): Promise<void> {
    const kind = this.random.fraction();
    if (kind < 0.6) this.append();
    else if (kind < 0.75) await this.becomeDurable();
    else if (kind < 0.85) await this.world.time.advance(this.random.below(4));
    else if (kind < 0.9) await this.checkpoint();
    else if (kind < 0.94) await this.retain();
    else if (kind < 0.955) this.startLater();
    else if (kind < 0.975) await this.merge();
    else await this.truncate();
    if (this.isCrashed) throw new Crashed();
    if (this.log.durableOffset > this.durable) this.durable = this.log.durableOffset;
    if (this.random.chance(0.3)) this.log.setHighWatermark(this.log.durableOffset);
  }

  append(): void {
    if (this.random.chance(0.05)) this.epoch++;
    const producer = this.random.below(PRODUCERS);
    const sequence = this.sequences[producer]!;
    const text = `<${this.counter++}>`;
    const options = { valueBytes: 20 + this.random.below(300), ...from(BigInt(producer), sequence) };
    const batch = batchOf(text, options);
    const sent = Buffer.from(batch);
    const baseOffset = this.log.endOffset;
    const nextOffset = offsetAfter(baseOffset, 1);
    // Known before, since the power may be cut just after it was written.
    this.list.push({ baseOffset, nextOffset, text, epoch: this.epoch, producer, sequence, batch: sent });
    const appended = this.good(
      this.log.appendAsLeader(batch, { leaderEpoch: asLeaderEpoch(this.epoch), origin: 'client' }),
    );
    assert.ok(!failed(appended) && !appended.isDuplicate);
    assert.equal(appended.firstOffset, baseOffset);
    this.sequences[producer] = sequence + 1;
  }

  async becomeDurable(): Promise<void> {
    this.good(await this.wait(this.log.awaitDurable(this.log.endOffset)));
  }

  async checkpoint(): Promise<void> {
    const isFull = this.random.chance(0.5);
    if (!isFull) {
      this.world.recoveryPoint = this.good(await this.wait(this.log.checkpoint())) as Offset;
    } else {
      this.world.recoveryPoint = this.good(await this.wait(this.log.close())) as Offset;
      this.storedStart = this.log.logStartOffset;
      await this.reopen();
    }
    this.storedStart = this.log.logStartOffset;
  }

  /** A clean restart; a crash in its midst is not clean. */
  async reopen(): Promise<void> {
    this.log = await this.world.open({ config: CONFIG, logStartOffset: this.storedStart, isClean: true });
    this.durable = this.log.durableOffset;
    assert.equal(this.log.endOffset, this.list.at(-1)?.nextOffset ?? this.log.endOffset);
  }

  async retain(): Promise<void> {
    try {
      this.good(await this.wait(this.log.deleteOldSegments()));
    } finally {
      this.logStart = maxOffset(this.logStart, this.log.logStartOffset);
    }
  }

  startLater(): void {
    this.good(this.log.incrementLogStartOffset(this.log.highWatermark));
    this.logStart = maxOffset(this.logStart, this.log.logStartOffset);
  }

  /** A compaction that drops nothing: makes one segment of two. */
  async merge(): Promise<void> {
    const old = this.log.closedSegments.slice(0, 2);
    if (old.length < 2) return;
    const cleaned = this.log.createCleanedSegment(old[0]!.baseOffset);
    for (const segment of old) {
      const content = await this.wait(segment.file.read(0, segment.sizeBytes));
      const { batches } = splitBatches(content);
      const indexed = batches.map(({ lastOffset, maxTimestamp, sizeBytes, buffer }) => {
        return { lastOffset, maxTimestamp, sizeBytes, position: buffer.byteOffset - content.byteOffset };
      });
      cleaned.append(content, indexed);
    }
    this.good(
      await this.wait(this.log.replaceSegments(old, [cleaned], { truncations: this.log.truncations })),
    );
    await this.check();
  }

  async truncate(): Promise<void> {
    const above = this.list.filter(known => known.baseOffset >= this.log.highWatermark);
    if (above.length === 0) return;
    const cut = above[this.random.below(above.length)]!.baseOffset;
    this.durable = minOffset(cut, this.durable);
    this.good(await this.wait(this.log.truncateTo(cut)));
    assert.equal(this.log.endOffset, cut);
    this.list = this.list.filter(known => known.baseOffset < cut);
    this.epoch++;
    this.checkProducers();
  }
}

const SEEDS = Number(process.env['CRASH_SEEDS'] ?? 150);
const FIRST_SEED = Number(process.env['CRASH_SEED'] ?? 1);

test(`power cuts lose nothing that was durable, and leave a log that is whole (${SEEDS} seeds)`, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    try {
      await new CrashRun(seed).run(4);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
});
