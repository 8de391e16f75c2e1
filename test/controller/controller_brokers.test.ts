import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BrokerState,
  type HeartbeatFacts,
  nextBrokerState,
} from '../../src/controller/broker_heartbeats.ts';
import { ElectLeadersRequest } from '../../src/messages/43_elect_leaders.ts';
import { BrokerRegistrationRequest } from '../../src/messages/62_broker_registration.ts';
import { BrokerHeartbeatRequest } from '../../src/messages/63_broker_heartbeat.ts';
import { UnregisterBrokerRequest } from '../../src/messages/64_unregister_broker.ts';
import { ControllerRegistrationRequest } from '../../src/messages/70_controller_registration.ts';
import { AssignReplicasToDirsRequest } from '../../src/messages/73_assign_replicas_to_dirs.ts';
import { UnregisterControllerRequest } from '../../src/messages/94_unregister_controller.ts';
import { ERROR_NAMES, type ErrorCode, Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { asBrokerEpoch, asNodeId } from '../../src/model/ids.ts';
import { LOST_DIRECTORY, UNASSIGNED_DIRECTORY } from '../../src/model/uuid.ts';
import type { MessageInput } from '../../src/protocol/schema.ts';
import { type BrokerOptions, directoryOf, Harness, incarnationOf, request } from './harness.ts';

const facts = (overrides: Partial<Record<keyof HeartbeatFacts, boolean>>): HeartbeatFacts => ({
  wantsFence: overrides.wantsFence ?? false,
  wantsShutDown: overrides.wantsShutDown ?? false,
  hasReadRegistration: overrides.hasReadRegistration ?? true,
  leadsPartitions: () => overrides.leadsPartitions ?? false,
  othersKnow: () => overrides.othersKnow ?? true,
});

const TRANSITIONS: readonly (readonly [BrokerState, Parameters<typeof facts>[0], BrokerState])[] = [
  ['fenced', {}, 'unfenced'],
  ['fenced', { hasReadRegistration: false }, 'fenced'],
  ['fenced', { wantsFence: true }, 'fenced'],
  ['fenced', { wantsShutDown: true }, 'shutdown now'],
  ['unfenced', {}, 'unfenced'],
  ['unfenced', { wantsFence: true }, 'fenced'],
  ['unfenced', { wantsFence: true, wantsShutDown: true }, 'shutdown now'],
  ['unfenced', { wantsShutDown: true }, 'shutdown now'],
  ['unfenced', { wantsShutDown: true, leadsPartitions: true }, 'shutting down'],
  ['shutting down', { wantsShutDown: true, leadsPartitions: true }, 'shutting down'],
  ['shutting down', { wantsShutDown: true, othersKnow: false }, 'shutting down'],
  ['shutting down', { wantsShutDown: true }, 'shutdown now'],
];

for (const [before, overrides, after] of TRANSITIONS) {
  test(`a broker that is ${before} with ${JSON.stringify(overrides)} is ${after}`, () => {
    assert.equal(nextBrokerState(before, facts(overrides)), after);
  });
}

async function refusal(
  harness: Harness,
  id: number,
  change: Partial<MessageInput<typeof BrokerRegistrationRequest>>,
): Promise<string> {
  const registration = request(BrokerRegistrationRequest, { ...harness.registration(id), ...change });
  const answer = await harness.controller.registerBroker(registration, 4);
  return answer instanceof Failure ? nameOf(answer.code) : 'registered';
}

const nameOf = (code: ErrorCode): string => ERROR_NAMES.get(code) ?? String(code);

const FEATURES_4_3 = [
  { name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 30 },
  { name: 'group.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
  { name: 'transaction.version', minSupportedVersion: 0, maxSupportedVersion: 2 },
  { name: 'eligible.leader.replicas.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
  { name: 'share.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
  { name: 'streams.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
  { name: 'kraft.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
];

test('what a registration is refused for', async () => {
  const listener = { name: 'PLAINTEXT', host: 'test', port: 1, securityProtocol: 0 };
  const table: readonly (readonly [string, Parameters<typeof refusal>[2], string])[] = [
    ['as a broker of Kafka 4.3', { features: FEATURES_4_3 }, 'registered'],
    ['of another cluster', { clusterId: 'other' }, 'INCONSISTENT_CLUSTER_ID'],
    ['with ZooKeeper', { isMigratingZkBroker: true }, 'BROKER_ID_NOT_REGISTERED'],
    ['with a negative id', { brokerId: -1 }, 'INVALID_REGISTRATION'],
    ['without directories', { logDirs: [] }, 'INVALID_REGISTRATION'],
    ['with a reserved directory', { logDirs: ['AAAAAAAAAAAAAAAAAAAAAQ'] }, 'INVALID_REGISTRATION'],
    ['with a directory twice', { logDirs: [directoryOf(2), directoryOf(2)] }, 'INVALID_REGISTRATION'],
    ["with another broker's directory", { logDirs: [directoryOf(9)] }, 'INVALID_REGISTRATION'],
    ['without listeners', { listeners: [] }, 'INVALID_REGISTRATION'],
    ['with a listener twice', { listeners: [listener, listener] }, 'INVALID_REGISTRATION'],
    ['without a host', { listeners: [{ ...listener, host: ' ' }] }, 'INVALID_REGISTRATION'],
    ['without a port', { listeners: [{ ...listener, port: 0 }] }, 'INVALID_REGISTRATION'],
    [
      'with an unknown protocol',
      { listeners: [{ ...listener, securityProtocol: 9 }] },
      'INVALID_REGISTRATION',
    ],
    ['without metadata.version', { features: FEATURES_4_3.slice(1) }, 'INVALID_REGISTRATION'],
    [
      'at an older metadata.version',
      { features: [{ ...FEATURES_4_3[0]!, maxSupportedVersion: 29 }, ...FEATURES_4_3.slice(1)] },
      'UNSUPPORTED_VERSION',
    ],
    ['without a feature of the cluster', { features: FEATURES_4_3.slice(0, 1) }, 'UNSUPPORTED_VERSION'],
    ['without the version of the quorum', { features: FEATURES_4_3.slice(0, -1) }, 'UNSUPPORTED_VERSION'],
    [
      'with a range that is none',
      { features: [...FEATURES_4_3, { name: 'x', minSupportedVersion: 2, maxSupportedVersion: 1 }] },
      'INVALID_REGISTRATION',
    ],
    ['under an id that is in use', { brokerId: 9 }, 'DUPLICATE_BROKER_REGISTRATION'],
  ];
  for (const [what, change, expected] of table) {
    const harness = await new Harness().lead();
    await harness.start([9]);
    assert.equal(await refusal(harness, 2, change), expected, what);
  }
});

test('the same process may register again, and keeps its epoch and its state', async () => {
  const harness = await new Harness().lead();
  await harness.start([1]);
  const epoch = harness.epochOf(1);
  assert.equal(await harness.register(1, { rack: 'r9' }), epoch);
  assert.deepEqual([harness.broker(1).rack, harness.broker(1).fenced], ['r9', false]);
});

test('another process takes the id over when the session of the first is over', async () => {
  const harness = await new Harness().lead();
  await harness.start([1]);
  const epoch = harness.epochOf(1);
  const next = { incarnationId: incarnationOf(1, 1) };
  await harness.pass(1900);
  assert.equal(await refusal(harness, 1, next), 'DUPLICATE_BROKER_REGISTRATION');
  harness.kill(1);
  await harness.pass(2200);
  assert.equal(harness.broker(1).fenced, true);
  assert.equal(await refusal(harness, 1, next), 'registered');
  assert.ok(harness.broker(1).epoch > epoch);
});

test('a broker is let in when it has read its own registration', async () => {
  const harness = await new Harness().lead();
  await harness.register(1);
  const early = await harness.heartbeat(1, { currentMetadataOffset: harness.broker(1).registeredAt - 1n });
  assert.deepEqual([early.isCaughtUp, early.isFenced], [false, true]);
  const reluctant = await harness.heartbeat(1, { wantFence: true });
  assert.deepEqual([reluctant.isCaughtUp, reluctant.isFenced], [true, true]);
  const ready = await harness.heartbeat(1);
  assert.deepEqual([ready.isCaughtUp, ready.isFenced, ready.shouldShutDown], [true, false, false]);
  assert.equal(harness.broker(1).fenced, false);
});

test('a heartbeat of a process that is not the registered one is refused', async () => {
  const harness = await new Harness().lead();
  await harness.start([1]);
  for (const [brokerId, brokerEpoch] of [
    [1, 99n],
    [2, 0n],
  ] as const) {
    const beat = { brokerId, brokerEpoch, currentMetadataOffset: 9n, wantFence: false, wantShutDown: false };
    const answer = await harness.controller.heartbeat(request(BrokerHeartbeatRequest, beat));
    assert.ok(answer instanceof Failure);
    assert.equal(answer.code, Errors.STALE_BROKER_EPOCH);
  }
});

test('a broker that falls silent is fenced, and others lead what it led', async () => {
  const harness = await new Harness().lead();
  await harness.start([1, 2, 3]);
  await harness.createAssigned('a', [
    [1, 2, 3],
    [2, 3, 1],
  ]);
  harness.kill(1);
  await harness.pass(1600);
  assert.equal(harness.partition('a').leader, 1);
  await harness.pass(800);
  assert.equal(harness.broker(1).fenced, true);
  const { leader, isr, leaderEpoch } = harness.partition('a');
  assert.deepEqual([leader, isr, leaderEpoch], [2, [2, 3], 1]);
  assert.deepEqual([harness.partition('a', 1).leader, harness.partition('a', 1).leaderEpoch], [2, 0]);
});

test('brokers that are lost together are fenced together: nothing moves from one to the other', async () => {
  const harness = await new Harness().lead();
  await harness.start([1, 2, 3]);
  await harness.createAssigned('a', [[1, 2, 3]]);
  harness.kill(1);
  harness.kill(2);
  await harness.pass(2400);
  const { leader, isr, leaderEpoch } = harness.partition('a');
  assert.deepEqual([leader, isr, leaderEpoch], [3, [3], 1]);
});

test('a broker whose process is gone is fenced at once, another process of it is not', async () => {
  const harness = await new Harness().lead();
  await harness.start([1, 2]);
  await harness.createAssigned('a', [[1, 2]]);
  harness.controller.brokerGone(asNodeId(1), asBrokerEpoch(harness.epochOf(1) - 1n));
  await harness.settle();
  assert.equal(harness.broker(1).fenced, false);
  harness.controller.brokerGone(asNodeId(1), asBrokerEpoch(harness.epochOf(1)));
  await harness.settle();
  assert.equal(harness.broker(1).fenced, true);
  assert.equal(harness.partition('a').leader, 2);
  // And its next process is let in without waiting for a session to end.
  await harness.register(1, { run: 1, previousEpoch: harness.epochOf(1) });
});

test('when this process was stopped, no broker is to blame for its silence', async () => {
  const harness = await new Harness().lead();
  await harness.start([1, 2]);
  harness.clock.pause();
  await harness.time.advance(10_000);
  harness.clock.resume();
  await harness.time.advance(50);
  assert.deepEqual([harness.broker(1).fenced, harness.broker(2).fenced], [false, false]);
  harness.kill(2);
  await harness.pass(2800);
  assert.deepEqual([harness.broker(1).fenced, harness.broker(2).fenced], [false, true]);
});

test('a new controller gives every broker a whole session', async () => {
  const harness = await new Harness().lead();
  await harness.start([1, 2]);
  harness.quorum.elect(2);
  await harness.time.advance(60_000);
  await harness.lead();
  await harness.time.advance(1900);
  assert.equal(harness.broker(1).fenced, false);
  await harness.time.advance(300);
  assert.equal(harness.broker(1).fenced, true);
});

test('a broker that stops in order hands over first', async () => {
  const harness = await new Harness().lead();
  await harness.start([1, 2]);
  await harness.createAssigned('a', [[1, 2]]);
  const first = await harness.heartbeat(1, { wantShutDown: true });
  assert.deepEqual([first.shouldShutDown, first.isFenced], [false, false]);
  assert.equal(harness.broker(1).inControlledShutdown, true);
  assert.deepEqual([harness.partition('a').leader, harness.partition('a').isr], [2, [2]]);
  const early = await harness.heartbeat(1, { wantShutDown: true });
  assert.equal(early.shouldShutDown, false, 'broker 2 has not read of it yet');
  await harness.heartbeat(2);
  const last = await harness.heartbeat(1, { wantShutDown: true });
  assert.deepEqual([last.shouldShutDown, last.isFenced], [true, true]);
  assert.equal(harness.broker(1).fenced, true);
  // It starts again at once, and is whole.
  const epoch = await harness.register(1, { run: 1, previousEpoch: harness.epochOf(1) });
  assert.equal(harness.broker(1).epoch, epoch);
  assert.equal(harness.broker(1).inControlledShutdown, false);
});

test('the last broker stops as well: its partitions wait for it', async () => {
  const harness = await new Harness().lead();
  await harness.start([1]);
  await harness.createAssigned('a', [[1]]);
  await harness.heartbeat(1, { wantShutDown: true });
  const last = await harness.heartbeat(1, { wantShutDown: true });
  assert.equal(last.shouldShutDown, true);
  const { leader, isr, elr, lastKnownElr } = harness.partition('a');
  assert.deepEqual([leader, isr, elr, lastKnownElr], [-1, [], [1], [1]]);
  await harness.register(1, { run: 1, previousEpoch: harness.epochOf(1) });
  assert.deepEqual(harness.partition('a').elr, [1]);
  await harness.heartbeat(1);
  const back = harness.partition('a');
  assert.deepEqual([back.leader, back.isr, back.elr, back.leaderRecoveryState], [1, [1], [], 0]);
});

test('a broker that crashed leaves the in-sync and the eligible replicas when it comes back', async () => {
  const settings = ['min.insync.replicas=2'];
  for (const [version, previousEpoch, elr] of [
    [4, 'same', [1]],
    [4, 'none', []],
    [4, 'older', []],
    [2, 'same', []],
  ] as const) {
    const harness = await new Harness({ settings }).lead();
    await harness.start([1, 2]);
    await harness.createAssigned('a', [[1, 2]]);
    harness.kill(1);
    await harness.pass(2400);
    assert.deepEqual([harness.partition('a').isr, harness.partition('a').elr], [[2], [1]]);
    const epochs = { same: harness.epochOf(1), none: -1n, older: harness.epochOf(1) - 1n };
    await harness.register(1, { run: 1, previousEpoch: epochs[previousEpoch], version });
    assert.deepEqual(harness.partition('a').elr, elr, `version ${version}, ${previousEpoch} epoch`);
  }
});

interface Crash {
  readonly options?: BrokerOptions;
  /** The partitions of the topic that it says are whole; none without it. */
  readonly whole?: readonly number[];
  /** The log directory that the metadata has the replica in. */
  readonly placed?: string;
}

const CRASHES: readonly (readonly [what: string, crash: Crash, isEligible: boolean])[] = [
  ['says nothing of its logs, as one of Kafka', {}, false],
  ['has a whole log', { whole: [0] }, true],
  ['has another log that is whole', { whole: [1] }, false],
  ['says so in an older version of the request', { whole: [0], options: { version: 2 } }, true],
  ['has another directory', { whole: [0], options: { firstDirectory: 1 } }, false],
  ['has another directory besides', { whole: [0], options: { directories: 2 } }, true],
  ['was not told where the log is', { whole: [0], placed: UNASSIGNED_DIRECTORY }, true],
  [
    'was not told where the log is, and has another directory',
    { whole: [0], placed: UNASSIGNED_DIRECTORY, options: { firstDirectory: 1 } },
    false,
  ],
  ['has the log in a directory that failed', { whole: [0], placed: LOST_DIRECTORY }, false],
];

for (const [what, { options = {}, whole, placed }, isEligible] of CRASHES) {
  test(`a broker that crashed and ${what} stays ${isEligible ? '' : 'not '}eligible`, async () => {
    for (const isFenced of [true, false]) {
      const harness = await new Harness({ settings: ['min.insync.replicas=2'] }).lead();
      await harness.start([1, 2]);
      await harness.createAssigned('a', [[1, 2]]);
      if (placed !== undefined) await place(harness, 'a', 1, placed);
      const { id } = harness.topic('a');
      if (!isFenced) {
        // A new controller has not missed it yet.
        harness.quorum.elect(2);
        await harness.lead();
      }
      harness.kill(1);
      await (isFenced ? harness.pass(2400) : harness.time.advance(2050));
      const wholeLogs = whole === undefined ? [] : [{ topicId: id, partitions: whole }];
      await harness.register(1, { run: 1, ...options, wholeLogs });
      const { isr, elr } = harness.partition('a');
      const inSync = isFenced || isr.includes(asNodeId(2)) ? [2] : [];
      assert.deepEqual([isr, elr.includes(asNodeId(1))], [inSync, isEligible], `fenced: ${isFenced}`);
    }
  });
}

test('brokers with whole logs that crashed one after the other lead again, and not the one with an empty disk', async () => {
  const harness = await new Harness({ settings: ['min.insync.replicas=2'] }).lead();
  await harness.start([1, 2, 3]);
  await harness.createAssigned('a', [[3, 1, 2]]);
  const wholeLogs = [{ topicId: harness.topic('a').id, partitions: [0] }];
  for (const id of [1, 2, 3]) harness.kill(id);
  await harness.pass(2400);
  assert.deepEqual([harness.partition('a').leader, harness.partition('a').lastKnownElr], [-1, [3]]);
  await harness.register(3, { run: 1, firstDirectory: 1 });
  await harness.register(2, { run: 1, wholeLogs });
  await harness.register(1, { run: 1, wholeLogs });
  await harness.heartbeat(3);
  await place(harness, 'a', 3, directoryOf(3, 1));
  assert.deepEqual([harness.partition('a').leader, harness.partition('a').elr], [-1, [1, 2]]);
  await harness.heartbeat(2);
  const { leader, isr, elr, leaderRecoveryState } = harness.partition('a');
  assert.deepEqual([leader, isr, elr, leaderRecoveryState], [2, [2], [1], 0]);
});

for (const isHeard of [true, false]) {
  test(`who comes back from a crash leaves ${isHeard ? 'those that are there' : 'nobody that is silent'} in sync`, async () => {
    const harness = await new Harness().lead();
    await harness.start([1, 2, 3]);
    await harness.createAssigned('a', [
      [3, 1],
      [3, 1],
    ]);
    harness.quorum.elect(2);
    await harness.lead();
    if (isHeard) await harness.heartbeat(3);
    harness.controller.brokerDisconnected(asNodeId(1), asBrokerEpoch(harness.epochOf(1)));
    const wholeLogs = [{ topicId: harness.topic('a').id, partitions: [0] }];
    await harness.register(1, { run: 1, wholeLogs });
    const [whole, other] = [harness.partition('a'), harness.partition('a', 1)];
    // The second partition is not whole at 1.
    if (isHeard) {
      assert.deepEqual([whole.leader, whole.isr, whole.elr], [3, [3], []]);
      assert.deepEqual([other.leader, other.isr, other.elr], [3, [3], []]);
      return;
    }
    assert.deepEqual([whole.leader, whole.isr, whole.elr], [-1, [], [1, 3]]);
    assert.deepEqual([other.leader, other.isr, other.elr], [-1, [], [3]]);
    // One that is there after all comes back.
    assert.equal(harness.broker(3).fenced, true);
    await harness.heartbeat(3);
    assert.deepEqual([harness.broker(3).fenced, harness.partition('a', 1).leader], [false, 3]);
  });
}

test('with its disk the last known leader has lost its claim: somebody has to decide that the records are lost', async () => {
  const harness = await new Harness().lead();
  await harness.start([1, 2]);
  await harness.createAssigned('a', [[1]]);
  harness.kill(1);
  await harness.pass(2400);
  assert.deepEqual(harness.partition('a').lastKnownElr, [1]);
  await harness.register(1, { run: 1, firstDirectory: 1 });
  await harness.heartbeat(1);
  await place(harness, 'a', 1, directoryOf(1, 1));
  const { leader, isr, elr, lastKnownElr } = harness.partition('a');
  assert.deepEqual([leader, isr, elr, lastKnownElr], [-1, [], [], []]);
  const elect = request(ElectLeadersRequest, {
    electionType: 1,
    topicPartitions: [{ topic: 'a', partitions: [0] }],
    timeoutMs: 1000,
  });
  const answer = await harness.controller.electLeaders(elect);
  assert.ok(!(answer instanceof Failure));
  const after = harness.partition('a');
  assert.deepEqual([after.leader, after.isr, after.leaderRecoveryState], [1, [1], 1]);
});

/** The broker says where its replica of the topic's first partition is. */
async function place(harness: Harness, topic: string, id: number, directory: string): Promise<void> {
  const assign = request(AssignReplicasToDirsRequest, {
    brokerId: id,
    brokerEpoch: harness.epochOf(id),
    directories: [
      {
        id: directory,
        topics: [{ topicId: harness.topic(topic).id, partitions: [{ partitionIndex: 0 }] }],
      },
    ],
  });
  const answer = await harness.controller.assignReplicasToDirs(assign);
  assert.ok(!(answer instanceof Failure), String(answer));
}

test('a process that replaces one in sync takes it out, whether it stopped in order or not', async () => {
  for (const isClean of [true, false]) {
    const harness = await new Harness({ settings: ['min.insync.replicas=2'] }).lead();
    await harness.start([1, 2]);
    await harness.createAssigned('a', [[1, 2]]);
    // Its connection dropped, so that its session is over, and it was not fenced yet: as a new controller sees it.
    harness.quorum.elect(2);
    await harness.lead();
    harness.kill(1);
    await harness.time.advance(2050);
    const previousEpoch = isClean ? harness.epochOf(1) : -1n;
    await harness.register(1, { run: 1, previousEpoch });
    const { leader, isr, elr } = harness.partition('a');
    assert.deepEqual(
      [leader === 1, isr.includes(asNodeId(1)), elr.includes(asNodeId(1))],
      [false, false, isClean],
    );
  }
});

test('unregistering takes a broker out of everything', async () => {
  const harness = await new Harness({ settings: ['min.insync.replicas=2'] }).lead();
  await harness.start([1, 2]);
  await harness.createAssigned('a', [
    [1, 2],
    [2, 1],
  ]);
  harness.kill(1);
  await harness.pass(2400);
  assert.deepEqual(harness.partition('a').elr, [1]);
  const unregister = request(UnregisterBrokerRequest, { brokerId: 1 });
  const answer = await harness.controller.unregisterBroker(unregister);
  assert.ok(!(answer instanceof Failure));
  assert.equal(harness.image.cluster.brokers.has(asNodeId(1)), false);
  for (const index of [0, 1])
    assert.deepEqual([harness.partition('a', index).isr, harness.partition('a', index).elr], [[2], []]);
  const again = await harness.controller.unregisterBroker(unregister);
  assert.ok(again instanceof Failure);
  assert.equal(again.code, Errors.BROKER_ID_NOT_REGISTERED);
});

test('a log directory that fails takes its replicas out of sync', async () => {
  const harness = await new Harness().lead();
  await harness.start([1, 2], { directories: 2 });
  await harness.createAssigned('a', [
    [1, 2],
    [1, 2],
  ]);
  const places = [directoryOf(1, 0), directoryOf(1, 1)];
  await harness.controller.assignReplicasToDirs(
    request(AssignReplicasToDirsRequest, {
      brokerId: 1,
      brokerEpoch: harness.epochOf(1),
      directories: places.map((id, index) => ({
        id,
        topics: [{ topicId: harness.topic('a').id, partitions: [{ partitionIndex: index }] }],
      })),
    }),
  );
  await harness.heartbeat(1, { offlineLogDirs: [places[1]!] });
  assert.deepEqual(harness.broker(1).directories, [places[0]]);
  assert.deepEqual([harness.partition('a', 0).leader, harness.partition('a', 0).isr], [1, [1, 2]]);
  assert.deepEqual([harness.partition('a', 1).leader, harness.partition('a', 1).isr], [2, [2]]);
  const log = harness.quorum.log.length;
  await harness.heartbeat(1, { offlineLogDirs: [places[1]!] });
  assert.equal(harness.quorum.log.length, log, 'it is known already');
});

test('directories that are cordoned get no replicas', async () => {
  const harness = await new Harness().lead();
  await harness.start([1, 2]);
  await harness.heartbeat(1, { cordonedLogDirs: [directoryOf(1)] });
  assert.deepEqual(harness.broker(1).cordonedDirectories, [directoryOf(1)]);
  await harness.createTopics([{ name: 'a', numPartitions: 4, replicationFactor: 1 }]);
  for (const partition of harness.topic('a').partitions) assert.deepEqual(partition.replicas, [2]);
  const log = harness.quorum.log.length;
  await harness.heartbeat(1, { cordonedLogDirs: [directoryOf(1)] });
  assert.equal(harness.quorum.log.length, log);
});

test('controllers register and are forgotten', async () => {
  const harness = await new Harness().lead();
  const register = request(ControllerRegistrationRequest, {
    controllerId: 3,
    incarnationId: incarnationOf(3),
    zkMigrationReady: false,
    listeners: [{ name: 'CONTROLLER', host: 'test', port: 9093, securityProtocol: 0 }],
    features: FEATURES_4_3,
  });
  assert.ok(!((await harness.controller.registerController(register)) instanceof Failure));
  assert.equal(harness.image.cluster.controllers.get(asNodeId(3))?.listeners[0]?.port, 9093);
  const bad = await harness.controller.registerController({ ...register, listeners: [] });
  assert.ok(bad instanceof Failure);
  assert.equal(bad.code, Errors.INVALID_REGISTRATION);
  const unregister = request(UnregisterControllerRequest, { controllerId: 3 });
  const tooEarly = await harness.controller.unregisterController(unregister);
  assert.ok(tooEarly instanceof Failure);
  assert.equal(tooEarly.code, Errors.UNSUPPORTED_VERSION);
});
