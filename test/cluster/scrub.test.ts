import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterClient } from '../../src/client/cluster_client.ts';
import { Producer } from '../../src/client/producer/producer.ts';
import { failed } from '../../src/model/failure.ts';
import { asPartitionIndex } from '../../src/model/ids.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedFile } from '../../src/simulation/simulated_file.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import { BROKER_PORT, ClusterWorld } from '../support/cluster_world.ts';

const SETTINGS = [
  'log.scrub.interval.ms=5000',
  'min.insync.replicas=2',
  'log.scrub.max.bytes.per.second=100000',
];
const LOG = '/data/t-0/00000000000000000000.log';
const RECORDS = 60;

/** Three brokers with a topic of one partition, and records of a few kilobytes in it. */
async function filled(settings: readonly string[] = []): Promise<ClusterWorld> {
  const world = new ClusterWorld({ combined: 3, settings: [...SETTINGS, ...settings] });
  await world.start();
  await world.createTopic(1, 't', { replicas: 3 });
  const clock = new SimulatedClock(world.time);
  const network = world.network.host('producer').open(clock);
  const client = new ClusterClient({
    ports: { clock, network, random: world.random, logger: new SimulatedLogger(clock) },
    bootstrapServers: [{ host: 'node1', port: BROKER_PORT }],
    clientId: 'test',
  });
  const producer = new Producer(client);
  for (let sent = 0; sent < RECORDS; sent++) {
    const value = Buffer.alloc(2_000, sent);
    const record = { topic: 't', partition: asPartitionIndex(0), key: null, value };
    const delivered = await world.time.run(producer.send(record));
    assert.ok(!failed(delivered), String(delivered));
  }
  await world.time.advance(1_000);
  client.close();
  return world;
}

function fileOf(world: ClusterWorld, id: number): SimulatedFile {
  const file = world.machine(id).disk.namespace.find(LOG);
  assert.ok(file instanceof SimulatedFile);
  return file;
}

const bytesOf = (file: SimulatedFile): Buffer => file.read(0, file.sizeBytes);

const PLACES: readonly (readonly [what: string, position: (size: number) => number, bit: number])[] = [
  ['the records of the first batch', () => 100, 3],
  ['records in the middle', size => Math.floor(size / 2), 0],
  ['the last byte', size => size - 1, 7],
  ['the base offset of the first batch, which no checksum covers', () => 7, 2],
  ['the length of the first batch', () => 9, 4],
  ['the leader epoch of the first batch, which no checksum covers', () => 15, 1],
  ['the checksum of the first batch', () => 18, 5],
  ['the magic byte', () => 16, 6],
];

test('what changed on the disk of a replica is found and mended, of leaders and followers', async () => {
  const world = await filled();
  const right = bytesOf(fileOf(world, 1));
  assert.ok(right.length > RECORDS * 2_000);
  for (const [what, position, bit] of PLACES) {
    for (const id of [1, 2, 3]) {
      const file = fileOf(world, id);
      file.flipBit(position(right.length), bit);
      assert.notDeepEqual(bytesOf(file), right);
      await world
        .until(() => bytesOf(file).equals(right), 20_000)
        .catch(() => assert.fail(`${what} at ${id}`));
    }
  }
  for (const id of [1, 2, 3]) assert.deepEqual(world.machine(id).failures, []);
});

test('what nobody else has any more stays as it is', async () => {
  const world = await filled();
  // What is in the memory of others is good enough to mend with.
  for (const machine of world.all) await world.time.run(machine.stop());
  await world.start();
  const files = [1, 2, 3].map(id => fileOf(world, id));
  for (const file of files) file.flipBit(3_000, 1);
  const damaged = bytesOf(files[0]!);
  await world.time.advance(20_000);
  for (const file of files) assert.deepEqual(bytesOf(file), damaged);
  const lines = world.machine(1).logger.lines.map(({ message }) => message);
  assert.ok(lines.includes('What is on the disk is not what was written'));
  assert.ok(lines.some(line => line.startsWith('No other replica has what is damaged here')));
});

test('it can be turned off, and is slow', async () => {
  const world = await filled(['log.scrub.interval.ms=0']);
  const file = fileOf(world, 2);
  const right = bytesOf(file);
  file.flipBit(3_000, 1);
  await world.time.advance(60_000);
  assert.notDeepEqual(bytesOf(file), right);

  const slow = await filled(['log.scrub.max.bytes.per.second=4000', 'log.scrub.interval.ms=2000']);
  const last = fileOf(slow, 2);
  const rightLast = bytesOf(last);
  last.flipBit(rightLast.length - 10, 1);
  // 120 kB at 4 kB a second.
  await slow.time.advance(20_000);
  assert.notDeepEqual(bytesOf(last), rightLast);
  await slow.until(() => bytesOf(last).equals(rightLast), 120_000);
});
