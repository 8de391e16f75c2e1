import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartitionLog } from '../../../src/log/partition_log.ts';
import { asLeaderEpoch, asOffset, type LeaderEpoch } from '../../../src/model/ids.ts';
import type { Partition } from '../../../src/replica/partition.ts';
import { Ledgers } from '../../../src/simulation/invariants/ledger.ts';
import { PartitionInvariants } from '../../../src/simulation/invariants/partition_invariants.ts';
import type { NodeProcess, WorldNode } from '../../../src/simulation/world/world_node.ts';
import { append, batchOf, LOG_DIRECTORY, LogWorld, ok } from '../../support/log_world.ts';

const TOPIC_ID = 'events';
const OLD_EPOCH = asLeaderEpoch(1);
/** Of the leader that the follower is made like. */
const NEW_EPOCH = asLeaderEpoch(2);

/**
 * A node whose replica is a real log. That has offsets 0 to 2 of epoch 0 and 3 to 4 of epoch 1, all on its disk; the leader
 * of epoch 2 has only the three of epoch 0.
 */
class Follower {
  readonly world = new LogWorld();
  readonly failures: string[] = [];
  readonly ledgers = new Ledgers();
  readonly ledger = this.ledgers.of(TOPIC_ID, 0, 'events-0');
  readonly invariants = new PartitionInvariants({
    fail: text => this.failures.push(text),
    ledgers: this.ledgers,
    shrank: () => {},
  });
  readonly node = { id: 1, name: 'node-1', disk: this.world.device } as WorldNode;
  log!: PartitionLog;
  #process!: NodeProcess;

  static async start(): Promise<Follower> {
    const follower = new Follower();
    const { world } = follower;
    await follower.open();
    for (let at = 0; at < 5; at++) append(follower.log, batchOf('a'), at < 3 ? asLeaderEpoch(0) : OLD_EPOCH);
    await world.durable(follower.log);
    follower.check();
    return follower;
  }

  /** What counts as committed: up to `end`, of epoch 0 below offset 3, and of the given one from there on. */
  commit(end: bigint, leaderEpoch: LeaderEpoch): void {
    this.ledger.committedEnd = end;
    this.ledger.epochs = [{ leaderEpoch: asLeaderEpoch(0), startOffset: asOffset(0n) }];
    if (end > 3n) this.ledger.epochs.push({ leaderEpoch, startOffset: asOffset(3n) });
  }

  async open(): Promise<void> {
    const log = await this.world.open();
    this.log = log;
    const partition = {
      topicId: TOPIC_ID,
      index: 0,
      name: 'events-0',
      log,
      config: log.config,
      leaderEpoch: NEW_EPOCH,
      isLeader: false,
    } as unknown as Partition;
    this.#process = { services: { replicas: { partitions: () => [partition] } } } as unknown as NodeProcess;
    this.invariants.opened(this.node, this.#process);
    this.check();
  }

  check(): void {
    this.invariants.check(this.node, this.#process);
  }

  /** Begins a cut, whose bytes are gone when this resolves, and which the log has not told of yet. */
  async beginCut(offset: bigint): Promise<void> {
    void this.log.truncateTo(asOffset(offset));
    await this.world.time.advance(0);
    assert.equal(this.log.endOffset, 5n);
    this.check();
  }

  /** The process is killed, and another one opens what is there. */
  async restart(): Promise<void> {
    this.world.kill();
    await this.open();
  }

  /** The log's records are gone, by no cut. */
  async lose(): Promise<void> {
    const file = this.world.disk.open(`${LOG_DIRECTORY}/00000000000000000000.log`, 'create');
    file.truncate(0);
    await this.world.run(file.sync());
    file.close();
  }
}

test('a process that ends amid a cut may leave what the leader has, and no more', async () => {
  for (const end of [2n, 3n, 5n]) {
    const follower = await Follower.start();
    follower.commit(end, NEW_EPOCH);
    await follower.beginCut(3n);
    await follower.restart();
    assert.equal(follower.log.endOffset, 3n);
    assert.deepEqual(follower.failures, []);
  }
});

test('a cut leaves what was committed as it is here, up to when its process ended', async () => {
  const follower = await Follower.start();
  follower.commit(2n, NEW_EPOCH);
  await follower.beginCut(2n);
  // The leader has that as well, and shows it while the cut is under way.
  follower.commit(3n, NEW_EPOCH);
  await follower.restart();
  assert.deepEqual(follower.failures, ['events-0 at node-1 ends at 2; up to 3 it was synced before']);
});

test('a cut need not leave what was committed by a leader after the one that it is made like', async () => {
  const follower = await Follower.start();
  follower.commit(3n, NEW_EPOCH);
  follower.invariants.epochTold(TOPIC_ID, 0, { name: 'events-0', leaderEpoch: NEW_EPOCH + 1 });
  follower.commit(5n, OLD_EPOCH);
  await follower.beginCut(3n);
  await follower.restart();
  assert.deepEqual(follower.failures, []);
});

test('when a cut is done, all that it left must be there', async () => {
  const follower = await Follower.start();
  follower.commit(2n, NEW_EPOCH);
  ok(await follower.world.run(follower.log.truncateTo(asOffset(3n))));
  follower.check();
  await follower.lose();
  await follower.restart();
  assert.deepEqual(follower.failures, ['events-0 at node-1 ends at 0; up to 3 it was synced before']);
});

test('a log that fails amid a cut may be cut, and one that ends otherwise is whole', async () => {
  const failing = await Follower.start();
  failing.commit(3n, NEW_EPOCH);
  failing.world.device.faults = ({ kind }) => (kind === 'sync' ? { code: 'EIO' } : undefined);
  await failing.beginCut(3n);
  await failing.world.time.runUntil(() => failing.log.failure !== undefined);
  failing.check();
  failing.world.device.faults = undefined;
  await failing.restart();
  assert.deepEqual([failing.log.endOffset, failing.failures], [3n, []]);

  const closed = await Follower.start();
  closed.commit(2n, NEW_EPOCH);
  ok(await closed.world.run(closed.log.close()));
  closed.check();
  await closed.lose();
  await closed.restart();
  assert.deepEqual(closed.failures, ['events-0 at node-1 ends at 0; up to 5 it was synced before']);
});
