import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { CoordinatorRuntime } from '../../src/coordinator/coordinator_runtime.ts';
import type {
  CoordinatorRecord,
  CoordinatorResult,
  CoordinatorShard,
  CoordinatorTimers,
} from '../../src/coordinator/coordinator_shard.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import { asLeaderEpoch, asOffset, asPartitionIndex } from '../../src/model/ids.ts';
import { buildBatch } from '../../src/records/build_batch.ts';
import { CompressionType } from '../../src/records/record_batch.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { MemoryCoordinatorLog } from '../support/memory_coordinator_log.ts';

const partition = asPartitionIndex(0);
const epoch = asLeaderEpoch(1);

/** Counts by key: records are `key → count`. */
class CounterShard implements CoordinatorShard {
  readonly counts = new Map<string, number>();
  readonly events: string[] = [];
  readonly timers: CoordinatorTimers;

  constructor(timers: CoordinatorTimers) {
    this.timers = timers;
  }

  replay({ key, value }: CoordinatorRecord): void {
    if (value === null) this.counts.delete(String(key));
    else this.counts.set(String(key), Number(value));
  }

  activated(): void {
    this.events.push('activated');
  }

  dismiss(): void {
    this.events.push('dismiss');
  }

  add(key: string): CoordinatorResult<number> {
    const count = (this.counts.get(key) ?? 0) + 1;
    return { records: [{ key: Buffer.from(key), value: Buffer.from(String(count)) }], response: count };
  }
}

let log: MemoryCoordinatorLog;
let time: SimulatedTime;
let runtime: CoordinatorRuntime<CounterShard>;
let shards: CounterShard[];

beforeEach(() => {
  log = new MemoryCoordinatorLog();
  log.batchLimitBytes = 150;
  time = new SimulatedTime();
  shards = [];
  const clock = new SimulatedClock(time);
  runtime = new CoordinatorRuntime({
    log,
    clock,
    logger: new SimulatedLogger(clock),
    writeTimeoutMs: 5000,
    compression: CompressionType.none,
    createShard: (_partition, timers) => {
      const shard = new CounterShard(timers);
      shards.push(shard);
      return shard;
    },
  });
});

async function activate(): Promise<CounterShard> {
  runtime.lead(partition, epoch);
  await time.runUntil(() => runtime.peek(partition) !== undefined);
  return runtime.peek(partition)!;
}

const settled = async <T>(promise: Promise<T>): Promise<T | 'pending'> =>
  Promise.race([promise, time.advance(0).then(() => 'pending' as const)]);

test('a partition that this broker does not lead is refused', async () => {
  const result = await runtime.write(partition, shard => shard.add('a'));
  assert.ok(failed(result));
  assert.equal(result.code, Errors.NOT_COORDINATOR);
});

test('while the log is being read, requests are told to try again', async () => {
  let open = () => {};
  log.readGate = new Promise(resolve => {
    open = resolve;
  });
  log.append(partition, epoch, buildCounterBatch('a', 7));
  runtime.lead(partition, epoch);
  const early = await runtime.write(partition, shard => shard.add('a'));
  assert.ok(failed(early) && early.code === Errors.COORDINATOR_LOAD_IN_PROGRESS);
  open();
  await time.runUntil(() => runtime.peek(partition) !== undefined);
  assert.equal(runtime.peek(partition)?.counts.get('a'), 7);
  assert.deepEqual(shards[0]?.events, ['activated']);
});

test('the response comes when the records are committed, the state at once', async () => {
  const shard = await activate();
  const first = runtime.write(partition, each => each.add('a'));
  const second = runtime.write(partition, each => each.add('a'));
  const look = runtime.read(partition, each => each.counts.get('a'));
  assert.equal(shard.counts.get('a'), 2);
  assert.equal(await settled(first), 'pending');
  assert.equal(await settled(look), 'pending');
  log.commit();
  assert.deepEqual(await Promise.all([first, second, look]), [1, 2, 2]);
});

test('without records and with nothing pending the response comes at once', async () => {
  await activate();
  assert.equal(await settled(runtime.read(partition, shard => shard.counts.size)), 0);
});

test('what the log refuses changes nothing, and is told in the coordinator’s terms', async () => {
  const shard = await activate();
  const cases: [number, number][] = [
    [Errors.NOT_LEADER_OR_FOLLOWER, Errors.NOT_COORDINATOR],
    [Errors.KAFKA_STORAGE_ERROR, Errors.NOT_COORDINATOR],
    [Errors.NOT_ENOUGH_REPLICAS, Errors.COORDINATOR_NOT_AVAILABLE],
    [Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.COORDINATOR_NOT_AVAILABLE],
    [Errors.MESSAGE_TOO_LARGE, Errors.UNKNOWN_SERVER_ERROR],
  ];
  for (const [refused, told] of cases) {
    log.refusal = new Failure(refused as never, 'refused');
    const completed: (Failure | undefined)[] = [];
    const result = await runtime.write(partition, each => ({
      ...each.add('a'),
      completed: failure => completed.push(failure),
    }));
    assert.ok(failed(result));
    assert.equal(result.code, told);
    assert.deepEqual(completed, [result]);
  }
  assert.equal(shard.counts.size, 0);
});

test('nothing is answered from a state that may be old', async () => {
  const shard = await activate();
  log.doubtful = new Failure(Errors.NOT_LEADER_OR_FOLLOWER, 'another may lead');
  for (const result of [
    await runtime.write(partition, each => each.add('a')),
    await runtime.read(partition, each => each.counts.size),
  ]) {
    assert.ok(failed(result));
    assert.equal(result.code, Errors.NOT_COORDINATOR);
  }
  runtime.doubted(partition);
  assert.deepEqual(shard.events, ['activated', 'dismiss']);
  log.doubtful = undefined;
  assert.equal(await settled(runtime.read(partition, each => each.counts.size)), 0);
});

test('an operation that is refused by the shard appends nothing', async () => {
  await activate();
  const refusal = new Failure(Errors.UNKNOWN_MEMBER_ID, 'nobody');
  assert.equal(await runtime.write(partition, () => refusal), refusal);
  assert.equal(log.batches.length, 0);
});

test('a commit that does not come in time is an error that clients try again after', async () => {
  await activate();
  const response = runtime.write(partition, shard => shard.add('a'));
  await time.advance(5000);
  const result = await response;
  assert.ok(failed(result) && result.code === Errors.COORDINATOR_NOT_AVAILABLE);
});

test('when the leadership ends, what waits fails and nothing more is answered', async () => {
  const shard = await activate();
  const response = runtime.write(partition, each => each.add('a'));
  runtime.resign(partition);
  log.commit(new Failure(Errors.NOT_LEADER_OR_FOLLOWER, 'gone'));
  const result = await response;
  assert.ok(failed(result) && result.code === Errors.NOT_COORDINATOR);
  assert.deepEqual(shard.events, ['activated', 'dismiss']);
});

test('a newer epoch loads anew, an older one is ignored', async () => {
  const shard = await activate();
  runtime.lead(partition, asLeaderEpoch(0));
  assert.equal(runtime.peek(partition), shard);
  log.append(partition, epoch, buildCounterBatch('b', 3));
  runtime.lead(partition, asLeaderEpoch(2));
  await time.runUntil(() => runtime.peek(partition) !== undefined);
  assert.notEqual(runtime.peek(partition), shard);
  assert.equal(runtime.peek(partition)?.counts.get('b'), 3);
});

test('a log that is damaged is read again, with an empty shard, until it is mended', async () => {
  log.append(partition, epoch, buildCounterBatch('a', 7));
  log.append(partition, epoch, buildCounterBatch('a', 8));
  log.damage = {
    from: asOffset(1n),
    failure: new Failure(Errors.CORRUPT_MESSAGE, 'a batch fails its checksum'),
  };
  runtime.lead(partition, epoch);
  await time.advance(2_000);
  assert.equal(runtime.peek(partition), undefined);
  const early = await runtime.write(partition, shard => shard.add('a'));
  assert.ok(failed(early) && early.code === Errors.COORDINATOR_LOAD_IN_PROGRESS);
  log.damage = undefined;
  await time.runUntil(() => runtime.peek(partition) !== undefined);
  assert.equal(runtime.peek(partition)?.counts.get('a'), 8);
  assert.equal(runtime.peek(partition), shards.at(-1));
  assert.ok(shards.length > 2, `${shards.length} shards were made`);
  assert.deepEqual(
    shards.flatMap(shard => shard.events),
    ['activated'],
  );
});

test('a log that can not be read for another reason ends the leadership', async () => {
  log.append(partition, epoch, buildCounterBatch('a', 7));
  log.damage = { from: asOffset(0n), failure: new Failure(Errors.KAFKA_STORAGE_ERROR, 'the disk failed') };
  runtime.lead(partition, epoch);
  await time.advance(60_000);
  const refused = await runtime.write(partition, shard => shard.add('a'));
  assert.ok(failed(refused) && refused.code === Errors.NOT_COORDINATOR);
  assert.match(refused.message, /the disk failed/);
  assert.equal(shards.length, 1);
});

test('a leadership that ends while the log is damaged reads it no more', async () => {
  log.append(partition, epoch, buildCounterBatch('a', 7));
  log.damage = {
    from: asOffset(0n),
    failure: new Failure(Errors.CORRUPT_MESSAGE, 'a batch fails its checksum'),
  };
  runtime.lead(partition, epoch);
  await time.advance(100);
  runtime.resign(partition);
  const made = shards.length;
  await time.advance(60_000);
  assert.equal(shards.length, made);
});

test('a tombstone removes', async () => {
  const shard = await activate();
  void runtime.write(partition, each => each.add('a'));
  void runtime.write(partition, () => ({
    records: [{ key: Buffer.from('a'), value: null }],
    response: undefined,
  }));
  assert.equal(shard.counts.has('a'), false);
});

test('a timer writes what it decides, and tries again after a failure that passes', async () => {
  const shard = await activate();
  const fire = () => ({ ...shard.add('timer'), response: undefined });
  shard.timers.schedule('t', 100, fire);
  assert.equal(shard.timers.isScheduled('t'), true);
  log.refusal = new Failure(Errors.NOT_ENOUGH_REPLICAS, 'later');
  await time.advance(100);
  assert.equal(shard.counts.size, 0);
  log.refusal = undefined;
  await time.advance(500);
  assert.equal(shard.counts.get('timer'), 1);
  shard.timers.schedule('t', 100, fire);
  shard.timers.cancel('t');
  await time.advance(1000);
  assert.equal(shard.counts.get('timer'), 1);
});

test('records that are right without each other go into as many batches as they need', async () => {
  const shard = await activate();
  const records = Array.from({ length: 10 }, (_, at) => ({
    key: Buffer.from(`key ${at}`),
    value: Buffer.from(String(at)),
  }));
  void runtime.write(partition, () => ({ records, response: undefined, isDivisible: true }));
  assert.equal(shard.counts.size, 10);
  assert.ok(log.batches.length > 1);
  assert.ok(log.batches.every(batch => batch.sizeBytes <= log.maxBatchBytes()));
  assert.deepEqual(
    log.batches.map(batch => batch.recordCount).reduce((sum, count) => sum + count),
    10,
  );
});

test('a timer that is put off again and again fires once, when it is due at last', async () => {
  const shard = await activate();
  const fired: number[] = [];
  const fire = (at: number) => () => {
    fired.push(at);
    return { records: [], response: undefined };
  };
  for (let at = 0; at < 10; at++) {
    shard.timers.schedule('t', 100, fire(at));
    await time.advance(60);
  }
  assert.deepEqual(fired, []);
  const before = time.executedCount;
  await time.advance(40);
  assert.deepEqual(fired, [9]);
  assert.equal(time.executedCount - before, 1);
  assert.equal(shard.timers.isScheduled('t'), false);
  shard.timers.schedule('t', 100, fire(10));
  shard.timers.schedule('t', 10, fire(11));
  await time.advance(10);
  assert.deepEqual(fired, [9, 11]);
  await time.advance(1000);
  assert.deepEqual(fired, [9, 11]);
});

test('timers end with the leadership', async () => {
  const shard = await activate();
  shard.timers.schedule('t', 100, () => ({ ...shard.add('timer'), response: undefined }));
  runtime.close();
  await time.advance(1000);
  assert.equal(log.batches.length, 0);
});

function buildCounterBatch(key: string, count: number): Buffer {
  return buildBatch([{ timestamp: 0n, key: Buffer.from(key), value: Buffer.from(String(count)) }]).buffer;
}
