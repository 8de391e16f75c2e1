import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Failure, failed } from '../../src/model/failure.ts';
import { asLeaderEpoch, asNodeId, asOffset } from '../../src/model/ids.ts';
import { ElectionStore } from '../../src/raft/election_store.ts';
import type { Election } from '../../src/raft/quorum_state.ts';
import { replicaKey } from '../../src/raft/replica_key.ts';
import {
  type BatchFile,
  readSnapshot,
  readSnapshotValues,
  snapshotBatches,
} from '../../src/raft/snapshot_format.ts';
import { SnapshotStore, snapshotName } from '../../src/raft/snapshot_store.ts';
import { VoterHistory } from '../../src/raft/voter_history.ts';
import { VoterSet } from '../../src/raft/voter_set.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedDisk } from '../../src/simulation/simulated_disk.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

const DIRECTORY = '/data/log';
const ONE = asLeaderEpoch(1);
const DIRECTORY_ID = 'dOZjIaJjR3GlZqKUxBsH8g';

const VOTERS = new VoterSet(
  [1, 2].map(id => ({
    key: replicaKey(id, DIRECTORY_ID),
    endpoints: [{ name: 'CONTROLLER', host: `h${id}`, port: 9093 }],
    supportedVersions: { min: 0, max: 1 },
  })),
);

async function makeDisk() {
  const time = new SimulatedTime();
  const device = new SimulatedDisk({ time, random: new SeededRandom(1), syncMs: 2 });
  const disk = device.mount(new SimulatedClock(time));
  disk.makeDirectory(DIRECTORY);
  await time.run(disk.syncDirectory('/'));
  await time.run(disk.syncDirectory('/data'));
  return { time, device, disk };
}

const election = (epoch: number, votedId?: number, leaderId?: number): Election => ({
  epoch: asLeaderEpoch(epoch),
  votedKey: votedId === undefined ? undefined : replicaKey(votedId, DIRECTORY_ID),
  leaderId: leaderId === undefined ? undefined : asNodeId(leaderId),
});

test('quorum-state has the form of Kafka, under each version of the protocol', async () => {
  const { time, disk } = await makeDisk();
  const store = new ElectionStore(disk, DIRECTORY, { durable() {}, failed() {} });
  assert.equal(store.load(), undefined);
  const text = () => {
    const file = disk.open(`${DIRECTORY}/quorum-state`, 'read');
    return file.readNow(0, file.sizeBytes).toString();
  };
  store.save({ election: election(1, undefined, 1), kraftVersion: 0, voters: VOTERS });
  assert.equal(store.isDurable, false);
  assert.equal(await time.run(store.whenDurable()), true);
  assert.equal(
    text(),
    '{"clusterId":"","leaderId":1,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,' +
      '"currentVoters":[{"voterId":1},{"voterId":2}],"data_version":0}',
  );
  store.save({ election: election(2, 1), kraftVersion: 1, voters: VOTERS });
  await time.run(store.whenDurable());
  assert.equal(
    text(),
    `{"leaderId":-1,"leaderEpoch":2,"votedId":1,"votedDirectoryId":"${DIRECTORY_ID}","data_version":1}`,
  );
  assert.deepEqual(store.load(), election(2, 1));
});

test('a vow is durable when everything of it is synced, and a crash before leaves the one before', async () => {
  const { time, device, disk } = await makeDisk();
  let durable = 0;
  const store = new ElectionStore(disk, DIRECTORY, { durable: () => durable++, failed() {} });
  store.save({ election: election(1), kraftVersion: 1, voters: VOTERS });
  await time.run(store.whenDurable());
  store.save({ election: election(2, 1), kraftVersion: 1, voters: VOTERS });
  await time.advance(3);
  assert.equal(store.isDurable, false);
  assert.equal(durable, 1);
  device.crash('drop-unsynced');
  const after = device.mount(new SimulatedClock(time));
  assert.deepEqual(new ElectionStore(after, DIRECTORY, { durable() {}, failed() {} }).load(), election(1));
});

test('knowing the leader is no vow: it needs no waiting', async () => {
  const { time, disk } = await makeDisk();
  const store = new ElectionStore(disk, DIRECTORY, { durable() {}, failed() {} });
  store.save({ election: election(1, 2), kraftVersion: 1, voters: VOTERS });
  await time.run(store.whenDurable());
  store.save({ election: election(1, 2, 2), kraftVersion: 1, voters: VOTERS });
  assert.equal(store.isDurable, true);
  await time.run(store.settled());
  assert.deepEqual(store.load(), election(1, 2, 2));
});

test('a disk that fails makes nothing durable, and says so', async () => {
  const { time, device, disk } = await makeDisk();
  const failures: Failure[] = [];
  const store = new ElectionStore(disk, DIRECTORY, {
    durable() {},
    failed: failure => failures.push(failure),
  });
  device.faults = operation => (operation.kind === 'sync' ? { code: 'EIO' } : undefined);
  store.save({ election: election(1), kraftVersion: 1, voters: VOTERS });
  assert.equal(await time.run(store.whenDurable()), false);
  assert.equal(store.isDurable, false);
  assert.match(String(failures[0]), /^KAFKA_STORAGE_ERROR: Cannot write \/data\/log\/quorum-state/);
});

test('a quorum-state that is not what it should be stops the start', async () => {
  const { disk } = await makeDisk();
  const cases: [string, RegExp][] = [
    ['', /it holds no JSON/],
    ['[]', /its data_version is undefined/],
    ['{"leaderEpoch":1,"data_version":2}', /its data_version is 2, and 0 and 1 are known/],
    ['{"leaderEpoch":-1,"data_version":1}', /its leaderEpoch is -1/],
    ['{"leaderEpoch":"1","data_version":1}', /its leaderEpoch is "1"/],
    ['{"leaderEpoch":1,"leaderId":-2,"data_version":1}', /its leaderId is -2/],
    ['{"leaderEpoch":1,"votedId":0.5,"data_version":1}', /its votedId is 0.5/],
    ['{"leaderEpoch":1,"votedDirectoryId":"x","data_version":1}', /its votedDirectoryId is "x"/],
  ];
  for (const [text, expected] of cases) {
    const file = disk.open(`${DIRECTORY}/quorum-state`, 'create');
    file.truncate(0);
    file.write(0, [Buffer.from(text)]);
    file.close();
    const loaded = new ElectionStore(disk, DIRECTORY, { durable() {}, failed() {} }).load();
    assert(failed(loaded as Failure), text);
    assert.match(String(loaded), expected);
  }
});

/** A snapshot in memory. */
function snapshotOf(values: readonly string[], kraftVersion = 1): Buffer {
  const id = { offset: asOffset(10n), epoch: ONE };
  const content = { id, kraftVersion, voters: VOTERS, timestamp: 5n, lastContainedLogTimestamp: 4n };
  return Buffer.concat([...snapshotBatches({ ...content, values: values.map(value => Buffer.from(value)) })]);
}

const fileOf = (bytes: Buffer): BatchFile => ({
  name: 'x',
  sizeBytes: bytes.length,
  read: async (position, length) => bytes.subarray(position, position + length),
});

test('a snapshot gives back its values and its voters', async () => {
  const values = Array.from({ length: 3_000 }, (_, index) => `${index}`.repeat(1 + (index % 300)));
  values.push('y'.repeat(3_000_000));
  const bytes = snapshotOf(values);
  assert.deepEqual(((await readSnapshotValues(fileOf(bytes))) as Buffer[]).map(String), values);
  const history = new VoterHistory(VoterSet.EMPTY);
  assert.equal(await readSnapshot(fileOf(bytes), batch => history.follow(batch, asOffset(9n))), undefined);
  assert.equal(history.kraftVersion, 1);
  assert(history.voters.equals(VOTERS));
  assert.equal(history.votersOffset, 9n);
  assert.deepEqual(await readSnapshotValues(fileOf(snapshotOf([], 0))), []);
});

test('a snapshot that is cut, changed or not one is corrupt', async () => {
  const bytes = snapshotOf(['a', 'b']);
  const sizes = [1, 30, bytes.length - 1, bytes.length - 75];
  for (const size of sizes) {
    const read = await readSnapshotValues(fileOf(bytes.subarray(0, size)));
    assert(
      failed(read) && /^CORRUPT_MESSAGE: The snapshot x can't be used/.test(String(read)),
      `${size} bytes`,
    );
  }
  assert(failed(await readSnapshotValues(fileOf(Buffer.alloc(0)))));
  for (let position = 8; position < bytes.length; position += 7) {
    // The base offset and the leader epoch of a batch are not under its checksum.
    const changed = Buffer.from(bytes);
    changed[position]! ^= 0x10;
    const read = await readSnapshotValues(fileOf(changed));
    if (!failed(read)) assert.deepEqual(read.map(String), ['a', 'b'], `byte ${position}`);
  }
  const headless = bytes.subarray(bytes.length - 75);
  assert(failed(await readSnapshotValues(fileOf(headless))));
});

test('snapshots have their names when they are whole, and not before', async () => {
  const { time, device, disk } = await makeDisk();
  const store = new SnapshotStore(disk, DIRECTORY);
  const id = (offset: bigint, epoch: number) => ({ offset: asOffset(offset), epoch: asLeaderEpoch(epoch) });
  for (const each of [id(20n, 1), id(5n, 2), id(10n, 1)]) {
    const partial = store.create(each);
    assert(!failed(partial));
    assert.equal(partial.append([Buffer.from('abc')]), undefined);
    assert.equal(store.has(each), false);
    assert.equal(await time.run(partial.finish()), undefined);
  }
  assert.deepEqual(store.ids, [id(10n, 1), id(20n, 1), id(5n, 2)]);
  const open = store.create(id(30n, 2));
  assert(!failed(open));
  open.append([Buffer.from('abc')]);
  assert.equal((await time.run(store.read(id(10n, 1), 1, 10))).toString(), 'bc');
  const missing = await time.run(store.read(id(11n, 1), 0, 1));
  assert(failed(missing as Failure) && /^SNAPSHOT_NOT_FOUND/.test(String(missing)));
  const reading = store.read(id(20n, 1), 0, 3);
  assert.equal(store.removeBefore(id(5n, 2)), undefined);
  assert.equal((await time.run(reading)).toString(), 'abc', 'a read that has begun ends');
  await time.run(disk.syncDirectory(DIRECTORY));

  device.crash('drop-unsynced');
  const after = device.mount(new SimulatedClock(time));
  const loaded = new SnapshotStore(after, DIRECTORY);
  for (const name of [
    `${snapshotName(id(7n, 1))}.deleted`,
    '00000000000000000007-0000000001-123.checkpoint.part',
    'other',
  ]) {
    after.open(`${DIRECTORY}/${name}`, 'create').close();
  }
  assert.equal(loaded.load(), undefined);
  assert.deepEqual(loaded.ids, [id(5n, 2)]);
  assert.deepEqual(after.list(DIRECTORY), ['00000000000000000005-0000000002.checkpoint', 'other']);
});

test('voters change from where they are appended on, and back when that is cut', () => {
  const history = new VoterHistory(VOTERS);
  assert.equal(history.votersOffset, undefined);
  assert.equal(history.votersBefore, undefined);
  assert.equal(history.votersAt(asOffset(5n)), undefined);
  assert.equal(history.kraftVersionAt(asOffset(5n)), 0);
  assert(history.voters.equals(VOTERS));
});

test('sets of voters', () => {
  const third = { ...VOTERS.voters[0]!, key: replicaKey(3, DIRECTORY_ID) };
  const three = VOTERS.adding(third)!;
  assert.equal(three.size, 3);
  assert.equal(three.majority, 2);
  assert.equal(VOTERS.majority, 2);
  assert.equal(three.adding(third), undefined);
  assert.equal(three.removing(replicaKey(3)), undefined, 'another directory');
  assert(three.removing(replicaKey(3, DIRECTORY_ID))!.equals(VOTERS));
  assert(VoterSet.fromRecord(three.toRecord()) instanceof VoterSet);
  assert((VoterSet.fromRecord(three.toRecord()) as VoterSet).equals(three));
  assert.equal(three.differsByOne(VOTERS), true);
  assert.equal(three.differsByOne(VoterSet.EMPTY), false);
  assert.equal(three.isVoter(replicaKey(3)), false);
  assert.equal(three.isOnlyVoter(replicaKey(3, DIRECTORY_ID)), false);
  const moved = { ...third, endpoints: [{ name: 'CONTROLLER', host: 'elsewhere', port: 1 }] };
  assert.equal(three.needsUpdate(third), false);
  assert.equal(three.needsUpdate(moved), true);
  assert.equal(VOTERS.needsUpdate(moved), false, 'it is none of them');
  assert.equal(three.updating(moved)!.needsUpdate(moved), false);
  const twice = { version: 0, voters: [...VOTERS.toRecord().voters, ...VOTERS.toRecord().voters] };
  assert(failed(VoterSet.fromRecord(twice)));
});
