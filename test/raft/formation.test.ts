import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoveRaftVoter } from '../../src/messages/81_remove_raft_voter.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { DEFAULT_QUORUM_SETTINGS } from '../../src/raft/quorum_settings.ts';
import { type QuorumMember, QuorumWorld } from '../support/quorum_world.ts';

const CLUSTER = 'MDEyMzQ1Njc4OWFiY2RlZg';
const OTHER_CLUSTER = 'AAAAAAAAAAAAAAAAAAAABQ';
const REAL = { settings: DEFAULT_QUORUM_SETTINGS, latencyMs: 0.3, syncMs: 2 };

const clusters = (world: QuorumWorld) => new Set(world.all.map(member => member.clusterId));

test('voters with empty directories found one cluster, with their directories in the log', async () => {
  for (const voters of [2, 3, 5]) {
    const world = new QuorumWorld({ voters, observers: 1, ...REAL });
    await world.startAll();
    await world.untilLeader();
    assert(world.time.nowMs < 500, `${voters} voters took ${world.time.nowMs} ms`);
    await world.commit('a');
    assert.equal(clusters(world).size, 1);
    assert(!clusters(world).has(undefined));
    const { kraftVersion, voters: known } = world.leader!.node.status;
    assert.equal(kraftVersion, 1);
    assert.deepEqual(
      known.voters.map(voter => `${voter.key.id}@${voter.key.directoryId}`),
      world.all.slice(0, voters).map(member => member.replica),
    );
  }
});

test('a cluster is founded only when every voter is there and empty', async () => {
  const world = new QuorumWorld({ voters: 3 });
  const lines: string[] = [];
  world.onLog = (_, message) => lines.push(message);
  await world.time.run(Promise.all([1, 2].map(id => world.member(id).launch())));
  await world.advance(10_000);
  assert.deepEqual([...clusters(world)], [undefined]);
  assert(lines.includes('a new cluster needs every voter of controller.quorum.voters'));
  await world.member(3).start();
  await world.commit('a');
});

test('a founding that a crash cut short is done again', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const world = new QuorumWorld({ voters: 3, seed, syncMs: 4 });
    await world.startAll();
    await world.advance(0.5 * seed);
    for (const member of world.all) member.crash();
    await world.startAll();
    await world.commit('a');
    assert.equal(clusters(world).size, 1);
  }
});

test('a founder that lost its disk before anybody had a record founds again', async () => {
  const world = new QuorumWorld({ voters: 3 });
  await world.startAll();
  await world.until(() => world.member(1).clusterId !== undefined);
  const first = world.member(1).clusterId;
  world.member(1).wipe();
  await world.member(1).start();
  await world.commit('a');
  assert.equal(clusters(world).size, 1);
  assert(!clusters(world).has(first));
});

test('a voter that lost its disk does not vote, catches up, and is replaced in the voters', async () => {
  const world = new QuorumWorld({ voters: 3 });
  await world.startAll();
  await world.commit('a');
  const leader = world.leader!;
  const lost = world.all.find(member => member !== leader)!;
  lost.wipe();
  leader.kill();
  await lost.start();
  await world.advance(3_000);
  assert.equal(
    world.leader,
    undefined,
    'the third can lead with nobody: what it lacks may have been committed',
  );
  await leader.start();
  await world.commit('b');
  await world.until(() =>
    world.leader!.node.status.voters.isVoter({ id: lost.node.nodeId, directoryId: lost.directoryId }),
  );
  world.leader!.kill();
  await world.commit('c');
  assert.equal(clusters(world).size, 1);
});

/** Has a voter lose its disk, and nothing of the answer reach it when it asks to be taken out under the old one. */
async function loseDiskAndAnswer(world: QuorumWorld): Promise<QuorumMember> {
  const lost = world.all.find(member => !member.leads)!;
  world.onSend = ({ from, to, api }) => {
    if (api === RemoveRaftVoter) world.blocked.add(`${to}>${from}`);
  };
  lost.wipe();
  await lost.start();
  await world.until(() => world.leader?.node.status.voters.get(lost.node.nodeId) === undefined);
  world.onSend = undefined;
  return lost;
}

const isVoter = (world: QuorumWorld, { node, directoryId }: QuorumMember) =>
  world.leader?.node.status.voters.isVoter({ id: node.nodeId, directoryId }) === true;

test('a voter that was taken out under its old directory, and does not hear of it, gets in again', async () => {
  const world = new QuorumWorld({ voters: 3 });
  await world.startAll();
  await world.commit('a');
  const lost = await loseDiskAndAnswer(world);
  const leader = world.leader!;
  leader.kill();
  world.blocked.clear();
  await leader.start();
  await world.until(() => isVoter(world, lost), 10_000);
  await world.commit('b');
});

test('and so does one that is started again in between', async () => {
  const world = new QuorumWorld({ voters: 3 });
  await world.startAll();
  await world.commit('a');
  const lost = await loseDiskAndAnswer(world);
  lost.kill();
  world.blocked.clear();
  await lost.start();
  await world.until(() => isVoter(world, lost), 10_000);
  await world.commit('b');
});

test('two voters that lost their disks found nothing as long as a third may have data', async () => {
  const world = new QuorumWorld({ voters: 3 });
  await world.startAll();
  await world.commit('a');
  const id = world.member(3).clusterId;
  for (const member of world.all) member.kill();
  for (const lost of [1, 2]) world.member(lost).wipe();
  await world.time.run(Promise.all([1, 2].map(lost => world.member(lost).launch())));
  await world.advance(10_000);
  assert.equal(world.member(1).clusterId, undefined);
  await world.member(3).start();
  await world.advance(3_000);
  assert.equal(world.leader, undefined);
  assert.equal(world.member(3).clusterId, id);
  assert.equal(world.member(1).clusterId, undefined);
});

test('a static voter that lost its disk votes again when nothing that it forgot can matter', async () => {
  const world = new QuorumWorld({ voters: 3, formattedAs: CLUSTER });
  await world.startAll();
  await world.commit('a');
  const leader = world.leader!;
  const lost = world.all.find(member => member !== leader)!;
  lost.wipe();
  leader.kill();
  await lost.start();
  await world.advance(3_000);
  assert.equal(world.leader, undefined, 'its vote could elect one that lacks what it had acknowledged');
  assert.equal(lost.clusterId, undefined);
  await leader.start();
  await world.until(() => lost.clusterId === CLUSTER);
  await world.commit('b');
  world.leader!.kill();
  await world.commit('c');
  assert.equal(lost.node.status.isVoter, true);
});

test('a node of another cluster stops with a clear failure', async () => {
  const world = new QuorumWorld({ voters: 3 });
  await world.startAll();
  await world.commit('a');
  const stray = world.all.find(member => !member.leads)!;
  stray.wipe();
  stray.clusterId = OTHER_CLUSTER;
  let stopped: string | undefined;
  stray.overrides = {
    fatal: failure => {
      assert.equal(failure.code, Errors.INCONSISTENT_CLUSTER_ID);
      stopped = failure.message;
    },
  };
  await stray.start();
  await world.until(() => stopped !== undefined);
  assert.match(
    stopped!,
    /node \d belongs to the cluster AAAAAAAAAAAAAAAAAAAABQ, .* correct controller.quorum.voters/,
  );
  const request = { clusterId: OTHER_CLUSTER, topics: [] };
  const answer = await world.leader!.node.handleVote({ ...request, voterId: -1 }, { version: 2 });
  assert.equal(answer.errorCode, Errors.INCONSISTENT_CLUSTER_ID);
  await world.leader!.node.handleEndQuorumEpoch({ ...request, leaderEndpoints: [] }, { version: 1 });
});

test('an observer with an empty directory learns the cluster from its leader', async () => {
  const world = new QuorumWorld({ voters: 1, observers: 2 });
  await world.startAll();
  await world.commit('a');
  assert.equal(clusters(world).size, 1);
  const observer = world.member(101);
  observer.wipe();
  await observer.start();
  await world.commit('b');
  assert.equal(clusters(world).size, 1);
  assert.equal(world.leader!.node.status.voters.size, 1);
  assert(!failed(observer.node.propose(observer.node.leaderAndEpoch.epoch, [Buffer.from('x')])) === false);
});

test('an observer with an empty directory finds the next leader when the one that it was told of is gone', async () => {
  const world = new QuorumWorld({ voters: 3, observers: 1 });
  await world.startAll();
  await world.commit('a');
  const observer = world.member(101);
  observer.wipe();
  const leader = world.leader!;
  world.partition([leader.id], [observer.id]);
  await world.time.run(observer.launch());
  await world.until(() => observer.node.leaderAndEpoch.leaderId === leader.id);
  leader.kill();
  await world.until(() => observer.clusterId !== undefined);
  await world.commit('b');
  assert.notEqual(observer.node.leaderAndEpoch.leaderId, leader.id);
});
