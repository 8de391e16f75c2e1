import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handleFetch } from '../../src/handlers/01_fetch.ts';
import type { ClientInfo } from '../../src/handlers/request_context.ts';
import { Fetch, type FetchRequest } from '../../src/messages/01_fetch.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { asUuid } from '../../src/model/ids.ts';
import { decode, encodeToBuffer } from '../../src/protocol/codec.ts';
import type { ReplicaMachine } from '../support/replica_machine.ts';
import { ReplicaWorld } from '../support/replica_world.ts';

const VERSION = 17;

const CLIENT: ClientInfo = {
  connectionId: 'test',
  listenerName: 'PLAINTEXT',
  listenerKind: 'broker',
  host: 'client',
  principal: 'User:ANONYMOUS',
  softwareName: 'test',
  softwareVersion: '1',
};

const SELECTOR = 'replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector';
const RACKS = { 1: 'east', 2: 'west', 3: 'west' };

const start = (settings: readonly string[] = [SELECTOR]) =>
  new ReplicaWorld({ racks: RACKS, settings }).start();

interface Asked {
  readonly rackId?: string;
  readonly fetchOffset?: bigint;
  readonly version?: number;
}

/** What a consumer is answered of the partition, without a wait. */
async function fetchFrom(world: ReplicaWorld, machine: ReplicaMachine, asked: Asked = {}) {
  const { rackId = '', fetchOffset = 0n, version = VERSION } = asked;
  const { topicId, topic } = machine.partition();
  const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 1_000_000, currentLeaderEpoch: 0 }];
  const request = { maxWaitMs: 0, minBytes: 1, topics: [], forgottenTopicsData: [], rackId };
  const bytes = encodeToBuffer(Fetch.request, version, {
    ...request,
    topics: [version >= 13 ? { topicId: asUuid(topicId), partitions } : { topic, partitions }],
  });
  const decoded = decode(Fetch.request, version, bytes) as FetchRequest;
  const context = { apiVersion: version, clientId: 'test', client: CLIENT };
  const answer = await world.time.run(handleFetch(decoded, context, machine.services));
  return answer.responses[0]!.partitions[0]!;
}

const bytesOf = (records: unknown): number =>
  ((records as readonly Buffer[] | null) ?? []).reduce((sum, chunk) => sum + chunk.length, 0);

async function produced(world: ReplicaWorld): Promise<void> {
  const sent = world.machine(1).produce('v');
  await world.until(() => sent.outcome === 'acknowledged', 'acknowledged');
  await world.until(
    () => world.ids.every(id => world.machine(id).log().highWatermark === 1n),
    'all know',
    1_000,
  );
}

test('a consumer of another rack is sent to a replica of its own', async () => {
  const world = await start();
  await produced(world);
  const answer = await fetchFrom(world, world.machine(1), { rackId: 'west' });
  assert.equal(answer.errorCode, Errors.NONE);
  assert.equal(answer.preferredReadReplica, 2);
  assert.equal(bytesOf(answer.records), 0);
});

test('who stays with the leader', async () => {
  const world = await start();
  await produced(world);
  const cases: [what: string, asked: Asked][] = [
    ['of the leader’s rack', { rackId: 'east' }],
    ['of a rack without replicas', { rackId: 'north' }],
    ['without a rack', {}],
    ['ahead of the replica', { rackId: 'west', fetchOffset: 2n }],
  ];
  for (const [what, asked] of cases) {
    const answer = await fetchFrom(world, world.machine(1), asked);
    assert.equal(answer.preferredReadReplica ?? -1, -1, what);
  }
  const unselected = await start([]);
  await produced(unselected);
  const answer = await fetchFrom(unselected, unselected.machine(1), { rackId: 'west' });
  assert.equal(answer.preferredReadReplica ?? -1, -1, 'without a selector');
  assert.ok(bytesOf(answer.records) > 0);
});

test('replicas out of sync, or whose broker is gone, are not named', async () => {
  const world = await start();
  await produced(world);
  world.machine(2).kill();
  await world.until(() => world.partition().isr.length === 2, 'it is out of sync', 5_000);
  await world.time.advance(10);
  assert.equal((await fetchFrom(world, world.machine(1), { rackId: 'west' })).preferredReadReplica, 3);
});

test('a follower serves consumers up to the high watermark that it knows', async () => {
  const world = await start();
  await produced(world);
  const read = await fetchFrom(world, world.machine(2), { rackId: 'west' });
  assert.equal(read.errorCode, Errors.NONE);
  assert.ok(bytesOf(read.records) > 0);
  assert.equal(read.highWatermark, 1n);
  // What is in the follower's log, and not committed as far as it knows, is not shown.
  world.machine(3).disk.faults = ({ kind }) => (kind === 'sync' ? { delayMs: 5_000 } : undefined);
  world.machine(1).produce('uncommitted');
  await world.until(() => world.machine(2).log().endOffset === 2n, 'it is there');
  const end = await fetchFrom(world, world.machine(2), { rackId: 'west', fetchOffset: 1n });
  assert.equal(end.errorCode, Errors.NONE);
  assert.equal(bytesOf(end.records), 0);
  const beyond = await fetchFrom(world, world.machine(2), { rackId: 'west', fetchOffset: 9n });
  assert.equal(beyond.errorCode, Errors.OFFSET_OUT_OF_RANGE);
});

test('a consumer that knows nothing of racks is sent to the leader', async () => {
  const world = await start();
  await produced(world);
  const answer = await fetchFrom(world, world.machine(2), { version: 10 });
  assert.equal(answer.errorCode, Errors.NOT_LEADER_OR_FOLLOWER);
});
