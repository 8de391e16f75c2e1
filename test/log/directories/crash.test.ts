import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartitionLog } from '../../../src/log/partition_log.ts';
import { asOffset, asPartitionIndex, asUuid, type Uuid } from '../../../src/model/ids.ts';
import { SeededRandom } from '../../../src/simulation/seeded_random.ts';
import { DirectoriesWorld } from '../../support/directories_world.ts';
import { append, batchOf, EPOCH, ok } from '../../support/log_world.ts';

/** What must be true of a partition after a crash. */
interface Expected {
  topicId: Uuid;
  /** By offset, what was acknowledged. */
  readonly values: Map<bigint, string>;
  /** Up to where the deletion of records was acknowledged. */
  startOffset: bigint;
  /** The highest offset that it may start at. */
  highestStart: bigint;
  /** Ids of topics whose deletion was acknowledged. */
  readonly deleted: Set<Uuid>;
  log: PartitionLog | undefined;
}

const PARTITIONS = 3;

function newTopicId(random: SeededRandom): Uuid {
  const bytes = Buffer.from(random.bytes(16));
  return asUuid(bytes.toString('base64url'));
}

class Machine {
  readonly world: DirectoriesWorld;
  readonly random: SeededRandom;
  readonly expected: Expected[] = [];
  #written = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    const properties = {
      'log.dirs': '/a,/b',
      'log.initial.task.delay.ms': '50',
      'log.flush.offset.checkpoint.interval.ms': '100',
      'log.flush.start.offset.checkpoint.interval.ms': '100',
      'replica.high.watermark.checkpoint.interval.ms': '100',
      'log.retention.check.interval.ms': '100',
    };
    this.world = new DirectoriesWorld(properties, { seed });
    for (let index = 0; index < PARTITIONS; index++) {
      const topicId = newTopicId(this.random);
      this.expected.push({
        topicId,
        values: new Map(),
        startOffset: 0n,
        highestStart: 0n,
        deleted: new Set(),
        log: undefined,
      });
    }
  }

  below(limit: number): number {
    return Math.floor(this.random.fraction() * limit);
  }

  /** Opens everything, and looks whether it is what it must be. */
  async check(): Promise<void> {
    const { world } = this;
    await world.start();
    for (const [index, partition] of this.expected.entries()) {
      const { topicId, values, startOffset, highestStart, deleted } = partition;
      const log = await world.log({ index, topicId }, { segmentBytes: 2_000, fileDeleteDelayMs: 100 });
      partition.log = log;
      const start = log.logStartOffset;
      assert.ok(start >= startOffset && start <= highestStart, `${startOffset} ${start} ${highestStart}`);
      partition.highestStart = start;
      const found = new Map<bigint, string>();
      for (const batch of await world.batches(log)) found.set(batch.baseOffset, textOf(batch.payload));
      for (const [offset, value] of values) {
        if (offset >= log.logStartOffset)
          assert.equal(found.get(offset), value, `offset ${offset} of ${index}`);
      }
      // What else is there was written, but not acknowledged.
      for (const [offset, value] of found) values.set(offset, value);
      assert.ok(!deleted.has(log.topicId!));
    }
  }

  async step(): Promise<void> {
    const index = this.below(PARTITIONS);
    const partition = this.expected[index]!;
    const { log, values } = partition;
    const { world } = this;
    switch (this.below(7)) {
      case 0:
      case 1:
      case 2: {
        const value = `v${this.#written++}`;
        const { firstOffset } = append(log!, batchOf(value, { valueBytes: 200 }), EPOCH);
        if (this.below(2) === 0) return;
        await world.durable(log!);
        log!.setHighWatermark(log!.endOffset);
        values.set(firstOffset, value);
        return;
      }
      case 3: {
        const offset = asOffset(BigInt(this.below(Number(log!.highWatermark) + 1)));
        if (offset <= log!.logStartOffset) return;
        ok(log!.incrementLogStartOffset(offset));
        partition.highestStart = offset;
        ok(await world.run(world.directories.storeLogStart(log!)));
        partition.startOffset = offset;
        return;
      }
      case 4: {
        const offset = asOffset(BigInt(this.below(Number(log!.endOffset) + 1)));
        const isWhole = this.below(2) === 0;
        const start = partition.startOffset;
        // From here on what is behind may be gone, and with the whole log its start.
        for (const each of [...values.keys()]) if (isWhole || each >= offset) values.delete(each);
        partition.startOffset = isWhole || start > offset ? 0n : start;
        if (offset > partition.highestStart) partition.highestStart = offset;
        ok(await world.run(isWhole ? log!.truncateFullyAndStartAt(offset) : log!.truncateTo(offset)));
        partition.highestStart = log!.logStartOffset;
        return;
      }
      case 5: {
        const old = partition.topicId;
        partition.topicId = newTopicId(this.random);
        partition.values.clear();
        partition.startOffset = 0n;
        partition.highestStart = 0n;
        const identity = { topic: 'events', index: asPartitionIndex(index) };
        const deleting = world.directories.deleteLog({ ...identity, topicId: old });
        const opened = await world.log(
          { index, topicId: partition.topicId },
          { segmentBytes: 2_000, fileDeleteDelayMs: 100 },
        );
        assert.equal(await deleting, undefined);
        partition.deleted.add(old);
        partition.log = opened;
        return;
      }
      default:
        await world.time.advance(this.below(150));
    }
  }
}

function textOf(payload: Buffer): string {
  return /v\d+/.exec(payload.toString('latin1'))?.[0] ?? '?';
}

for (let seed = 1; seed <= 30; seed++) {
  test(`what was acknowledged survives crashes in the midst of anything (seed ${seed})`, async () => {
    const machine = new Machine(seed);
    const { world, random } = machine;
    await machine.check();
    for (let round = 0; round < 12; round++) {
      world.crashAfter(machine.below(600), random.fraction() < 0.3 ? 'drop-unsynced' : { random });
      try {
        for (let step = 0; step < 60; step++) await machine.step();
        if (machine.below(2) === 0) await world.shutDown();
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        if (!world.disk.isDead) throw error;
      }
      world.device.faults = undefined;
      world.kill();
      await machine.check();
    }
  });
}

test('a crash at any moment of a clean end leaves everything that was acknowledged', async () => {
  for (let crashAt = 0; ; crashAt++) {
    const world = new DirectoriesWorld({ 'log.dirs': '/a,/b' });
    await world.start();
    for (const log of await world.logs(3)) {
      append(log, batchOf('acknowledged'));
      await world.durable(log);
      log.setHighWatermark(log.endOffset);
    }
    world.crashAfter(crashAt);
    const report = await world.shutDown().catch(() => undefined);
    world.device.faults = undefined;
    world.kill();
    await world.start();
    for (const log of await world.logs(3)) assert.equal(log.endOffset, 1n);
    if (report?.isClean === true) return;
  }
});
