import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddRaftVoter } from '../../src/messages/80_add_raft_voter.ts';
import { RemoveRaftVoter } from '../../src/messages/81_remove_raft_voter.ts';
import { UpdateRaftVoter } from '../../src/messages/82_update_raft_voter.ts';
import { ERROR_NAMES } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { randomUuid } from '../../src/model/uuid.ts';
import type { Api } from '../../src/protocol/schema.ts';
import { type QuorumMember, QuorumWorld } from '../support/quorum_world.ts';

const CLUSTER = 'MDEyMzQ1Njc4OWFiY2RlZg';

/** Asks a member, and returns the error's name. */
async function ask(world: QuorumWorld, member: QuorumMember, api: Api, request: object): Promise<string> {
  const answer = await world.time.run(member.handle(api, request as never, 0));
  return ERROR_NAMES.get((answer as { errorCode: number }).errorCode)!;
}

function addition(member: QuorumMember, overrides: object = {}) {
  const { id: voterId, directoryId: voterDirectoryId, endpoint } = member;
  const listeners = [{ name: 'CONTROLLER', ...endpoint }];
  return {
    clusterId: null,
    timeoutMs: 1000,
    voterId,
    voterDirectoryId,
    listeners,
    ackWhenCommitted: true,
    ...overrides,
  };
}

function removal(member: QuorumMember, overrides: object = {}) {
  return { clusterId: null, voterId: member.id, voterDirectoryId: member.directoryId, ...overrides };
}

const voterIds = (world: QuorumWorld) =>
  world.leader!.node.status.voters.voters.map(voter => voter.key.id).sort();

test('voters are added and removed one at a time, the leader too', async () => {
  const world = new QuorumWorld({ voters: 1, observers: 2 });
  await world.startAll();
  await world.commit('a');
  const [first, second, third] = world.all as [QuorumMember, QuorumMember, QuorumMember];
  await world.advance(300);
  assert.equal(await ask(world, first, AddRaftVoter, addition(second)), 'NONE');
  assert.equal(await ask(world, first, AddRaftVoter, addition(third)), 'NONE');
  assert.deepEqual(voterIds(world), [1, 101, 102]);
  await world.commit('b');
  assert.equal(await ask(world, first, RemoveRaftVoter, removal(first)), 'NONE');
  await world.until(() => world.leader !== undefined && world.leader !== first);
  assert.deepEqual(voterIds(world), [101, 102]);
  await world.commit('c');
  first.kill();
  await world.commit('d');
  assert.equal(await ask(world, world.leader!, RemoveRaftVoter, removal(second)), 'NONE');
  await world.commit('e');
  assert.deepEqual(voterIds(world), [102]);
});

for (const [what, api, requestOf] of [
  ['an addition', AddRaftVoter, (_leader: QuorumMember, other: QuorumMember) => addition(other)],
  ['a removal', RemoveRaftVoter, (leader: QuorumMember) => removal(leader)],
] as const) {
  test(`${what} that reaches a leader as it finds that it leads no more is refused`, async () => {
    const world = new QuorumWorld({ voters: 3, observers: 1 });
    await world.startAll();
    await world.commit('a');
    const leader = world.leader!;
    leader.process!.clock.pause();
    await world.advance(2_000);
    leader.process!.clock.resume();
    assert.equal(await ask(world, leader, api, requestOf(leader, world.all[3]!)), 'NOT_LEADER_OR_FOLLOWER');
    await world.commit('b');
  });
}

test('a change that can not be is refused with the code of Kafka', async () => {
  const world = new QuorumWorld({ voters: 3, observers: 1 });
  await world.startAll();
  await world.commit('a');
  const leader = world.leader!;
  const observer = world.member(101);
  const follower = world.all.find(member => member !== leader && member !== observer)!;
  const zero = 'AAAAAAAAAAAAAAAAAAAAAA';
  const stranger = { voterId: 77, voterDirectoryId: randomUuid(world.random) };
  const cases: [Api, object, string][] = [
    [AddRaftVoter, addition(observer, { clusterId: 'another' }), 'INCONSISTENT_CLUSTER_ID'],
    [AddRaftVoter, addition(observer, { voterDirectoryId: zero }), 'INVALID_REQUEST'],
    [AddRaftVoter, addition(observer, { voterId: -1 }), 'INVALID_REQUEST'],
    [AddRaftVoter, addition(observer, { listeners: [] }), 'INVALID_REQUEST'],
    [
      AddRaftVoter,
      addition(observer, { listeners: [{ name: 'OTHER', host: 'n1', port: 1 }] }),
      'INVALID_REQUEST',
    ],
    [AddRaftVoter, addition(follower), 'DUPLICATE_VOTER'],
    [AddRaftVoter, addition(observer, stranger), 'REQUEST_TIMED_OUT'],
    [RemoveRaftVoter, removal(observer), 'VOTER_NOT_FOUND'],
    [RemoveRaftVoter, removal(follower, { voterDirectoryId: stranger.voterDirectoryId }), 'VOTER_NOT_FOUND'],
    [RemoveRaftVoter, removal(follower, { voterDirectoryId: zero }), 'INVALID_REQUEST'],
  ];
  for (const [api, request, error] of cases)
    assert.equal(await ask(world, leader, api, request), error, JSON.stringify(request));
  assert.equal(await ask(world, follower, AddRaftVoter, addition(observer)), 'NOT_LEADER_OR_FOLLOWER');
  assert.equal(await ask(world, follower, RemoveRaftVoter, removal(leader)), 'NOT_LEADER_OR_FOLLOWER');
  assert.deepEqual(voterIds(world), [1, 2, 3]);
});

test('the only voter stays', async () => {
  const world = new QuorumWorld({ voters: 1 });
  await world.startAll();
  await world.commit('a');
  assert.equal(await ask(world, world.leader!, RemoveRaftVoter, removal(world.leader!)), 'INVALID_REQUEST');
});

test('the second change waits for the first', async () => {
  const world = new QuorumWorld({ voters: 3, observers: 1 });
  await world.startAll();
  await world.commit('a');
  await world.advance(300);
  const leader = world.leader!;
  const [left, right] = world.all.filter(member => member !== leader && member.id < 100) as [
    QuorumMember,
    QuorumMember,
  ];
  const first = leader.handle(RemoveRaftVoter, removal(left) as never, 0);
  assert.equal(await ask(world, leader, RemoveRaftVoter, removal(right)), 'REQUEST_TIMED_OUT');
  assert.equal(await ask(world, leader, AddRaftVoter, addition(world.member(101))), 'REQUEST_TIMED_OUT');
  assert.equal(((await world.time.run(first)) as { errorCode: number }).errorCode, 0);
  assert.equal(await ask(world, leader, AddRaftVoter, addition(world.member(101))), 'NONE');
});

test('a change that nobody commits times out, and ends with the leadership', async () => {
  const world = new QuorumWorld({ voters: 3 });
  await world.startAll();
  await world.commit('a');
  const leader = world.leader!;
  const [left, right] = world.all.filter(member => member !== leader) as [QuorumMember, QuorumMember];
  world.partition([leader.id], [left.id, right.id]);
  assert.equal(await ask(world, leader, RemoveRaftVoter, removal(left)), 'REQUEST_TIMED_OUT');
  await world.until(() => world.leader !== undefined && world.leader !== leader);
  assert.deepEqual(voterIds(world), [1, 2, 3]);
  world.heal();
  await world.commit('b');
  const next = world.leader!;
  const gone = world.all.find(member => member !== next)!;
  world.partition(
    [next.id],
    world.all.filter(member => member !== next).map(member => member.id),
  );
  const change = next.handle(RemoveRaftVoter, removal(gone) as never, 0);
  next.node.resign(next.node.leaderAndEpoch.epoch);
  assert.equal(((await world.time.run(change)) as { errorCode: number }).errorCode, 6);
});

test('controllers that are no voters become voters when they are told to', async () => {
  const world = new QuorumWorld({ voters: 1, observers: 2, autoJoin: true });
  await world.startAll();
  await world.until(() => world.leader !== undefined && voterIds(world).length === 3, 30_000);
  await world.commit('a');
  world.leader!.kill();
  await world.commit('b');
});

test('a voter tells the leader its new endpoint', async () => {
  const world = new QuorumWorld({ voters: 3 });
  await world.startAll();
  await world.commit('a');
  const member = world.all.find(each => !each.leads)!;
  member.kill();
  const endpoints = [{ name: 'CONTROLLER', host: `n${member.id}`, port: 9999 }];
  member.overrides = { endpoints };
  await member.start();
  const isKnown = (each: QuorumMember) =>
    each.node.status.voters.get(member.node.nodeId)?.endpoints[0]?.port === 9999;
  await world.until(() => world.all.every(isKnown), 30_000);
  await world.commit('b');
});

test('an update is refused when it is stale, malformed, or of no voter', async () => {
  const world = new QuorumWorld({ voters: 3, observers: 1 });
  await world.startAll();
  await world.commit('a');
  const leader = world.leader!;
  const member = world.all.find(each => each !== leader)!;
  const good = {
    clusterId: null,
    currentLeaderEpoch: leader.node.leaderAndEpoch.epoch,
    voterId: member.id,
    voterDirectoryId: member.directoryId,
    listeners: [{ name: 'CONTROLLER', ...member.endpoint }],
    kRaftVersionFeature: { minSupportedVersion: 0, maxSupportedVersion: 1 },
  };
  const cases: [object, string][] = [
    [{}, 'NONE'],
    [{ clusterId: 'another' }, 'INCONSISTENT_CLUSTER_ID'],
    [{ currentLeaderEpoch: 0 }, 'FENCED_LEADER_EPOCH'],
    [{ currentLeaderEpoch: 99 }, 'UNKNOWN_LEADER_EPOCH'],
    [{ listeners: [] }, 'INVALID_REQUEST'],
    [{ kRaftVersionFeature: { minSupportedVersion: 1, maxSupportedVersion: 0 } }, 'INVALID_REQUEST'],
    [{ kRaftVersionFeature: { minSupportedVersion: 2, maxSupportedVersion: 3 } }, 'INVALID_REQUEST'],
    [{ voterId: 101, voterDirectoryId: world.member(101).directoryId }, 'VOTER_NOT_FOUND'],
  ];
  for (const [change, error] of cases) {
    assert.equal(
      await ask(world, leader, UpdateRaftVoter, { ...good, ...change }),
      error,
      JSON.stringify(change),
    );
  }
});

test('static voters get into the log by an upgrade of kraft.version', async () => {
  const world = new QuorumWorld({ voters: 3, observers: 1, formattedAs: CLUSTER });
  await world.startAll();
  await world.commit('a');
  const leader = world.leader!;
  const { epoch } = leader.node.leaderAndEpoch;
  assert.equal(await ask(world, leader, AddRaftVoter, addition(world.member(101))), 'UNSUPPORTED_VERSION');
  const downgrade = leader.node.upgradeKraftVersion(epoch, 7, false);
  assert(
    failed(downgrade) && /^INVALID_UPDATE_VERSION: .* it has the levels 0 and 1/.test(String(downgrade)),
  );
  await world.until(() => leader.node.upgradeKraftVersion(epoch, 1, true) === undefined, 30_000);
  assert.equal(leader.node.status.kraftVersion, 0, 'so far it was only tried');
  assert.equal(leader.node.upgradeKraftVersion(epoch, 1, false), undefined);
  await world.commit('b');
  for (const member of world.all) {
    assert.equal(member.node.status.kraftVersion, 1);
    assert.deepEqual(
      member.node.status.voters.voters.map(voter => `${voter.key.id}@${voter.key.directoryId}`),
      world.all.slice(0, 3).map(each => each.replica),
    );
  }
  assert.equal(await ask(world, leader, AddRaftVoter, addition(world.member(101))), 'NONE');
  const stale = leader.node.upgradeKraftVersion(epoch, 0, false);
  assert(failed(stale));
});
