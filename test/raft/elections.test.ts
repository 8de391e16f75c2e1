import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fetch, type FetchRequest } from '../../src/messages/01_fetch.ts';
import { failed } from '../../src/model/failure.ts';
import { DEFAULT_QUORUM_SETTINGS } from '../../src/raft/quorum_settings.ts';
import { type QuorumMember, QuorumWorld } from '../support/quorum_world.ts';

const CLUSTER = 'MDEyMzQ1Njc4OWFiY2RlZg';
/** Kafka's timeouts, with a network and disks as they are in one place. */
const REAL = { settings: DEFAULT_QUORUM_SETTINGS, latencyMs: 0.3, syncMs: 2 };

const others = (world: QuorumWorld, member: QuorumMember) => world.all.filter(each => each !== member);

/** Runs until another node leads; returns how long that took. */
async function failover(world: QuorumWorld, old: QuorumMember): Promise<number> {
  const startedMs = world.time.nowMs;
  await world.until(() => world.leader !== undefined && world.leader !== old);
  return world.time.nowMs - startedMs;
}

test('formatted voters elect a leader soon after they start, and agree', async () => {
  const world = new QuorumWorld({ voters: 3, observers: 1, formattedAs: CLUSTER, ...REAL });
  await world.startAll();
  await world.untilLeader();
  assert(world.time.nowMs < 200, `it took ${world.time.nowMs} ms`);
  await world.commit('a', 'b');
  await world.commit('c');
  assert.deepEqual(world.checker.values, ['a', 'b', 'c']);
  assert.equal(world.leader!.node.status.kraftVersion, 0, 'static voters stay static');
});

test('a leader whose process ends is followed by another within a tenth of a second', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = new QuorumWorld({ voters: 3, seed, ...REAL });
    await world.startAll();
    await world.commit('a');
    const old = world.leader!;
    old.kill();
    const tookMs = await failover(world, old);
    assert(tookMs < 100, `seed ${seed}: it took ${tookMs} ms`);
    await world.commit('b');
    await old.start();
    await world.commit('c');
  }
});

test('a leader that shuts down hands over within milliseconds', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = new QuorumWorld({ voters: 3, seed, ...REAL });
    await world.startAll();
    await world.commit('a');
    const old = world.leader!;
    let endedMs = 0;
    const ending = old.node.shutdown(5_000).then(() => {
      endedMs = world.time.nowMs;
      old.kill();
    });
    const tookMs = await failover(world, old);
    assert(tookMs < 50, `seed ${seed}: it took ${tookMs} ms`);
    await world.time.run(ending);
    assert(endedMs <= world.time.nowMs);
    await world.commit('b');
  }
});

test('a leader whose machine is gone is followed by another after the fetch timeout', async () => {
  const world = new QuorumWorld({ voters: 3, ...REAL });
  await world.startAll();
  await world.commit('a');
  const old = world.leader!;
  old.crash();
  const tookMs = await failover(world, old);
  assert(tookMs > 1_000 && tookMs < 5_000, `it took ${tookMs} ms`);
});

test('a leader without a majority gives up, and what it took is not lost or doubled', async () => {
  const world = new QuorumWorld({ voters: 3 });
  await world.startAll();
  await world.commit('a');
  const old = world.leader!;
  world.partition(
    [old.id],
    others(world, old).map(member => member.id),
  );
  const offset = old.node.propose(old.node.leaderAndEpoch.epoch, [Buffer.from('lonely')]);
  assert(!failed(offset));
  await failover(world, old);
  await world.until(() => old.node.leaderAndEpoch.leaderId === undefined);
  assert(failed(old.node.propose(old.listener.leader!.epoch, [Buffer.from('late')])));
  world.heal();
  await world.commit('b');
  assert.deepEqual(world.checker.values, ['a', 'b']);
});

test('a follower that was cut off does not unseat the leader when it returns', async () => {
  const world = new QuorumWorld({ voters: 3 });
  await world.startAll();
  await world.commit('a');
  const leader = world.leader!;
  const { epoch } = leader.node.leaderAndEpoch;
  const [lonely] = others(world, leader);
  world.partition(
    [lonely!.id],
    others(world, lonely!).map(member => member.id),
  );
  await world.advance(3_000);
  world.heal();
  await world.advance(3_000);
  await world.commit('b');
  assert.equal(world.leader, leader);
  assert.equal(leader.node.leaderAndEpoch.epoch, epoch);
});

test('a follower that alone is refused by the leader does not unseat it', async () => {
  const world = new QuorumWorld({ voters: 3, ...REAL });
  await world.startAll();
  await world.commit('a');
  const leader = world.leader!;
  const [refused] = others(world, leader);
  let sent = 0;
  world.onSend = ({ from }) => {
    if (from === refused!.id) sent++;
  };
  world.refused.add(`${refused!.id}>${leader.id}`);
  await world.advance(10_000);
  assert.equal(world.leader, leader);
  assert(sent < 1_000, `it sent ${sent} requests in ten seconds`);
  world.heal();
  await world.commit('b');
  assert.equal(leader.node.leaderAndEpoch.epoch, 1);
});

test('a leader that only its followers do not hear is replaced', async () => {
  const world = new QuorumWorld({ voters: 3 });
  await world.startAll();
  await world.commit('a');
  const old = world.leader!;
  for (const member of others(world, old)) world.blocked.add(`${old.id}>${member.id}`);
  await failover(world, old);
  world.heal();
  await world.commit('b');
});

test('records of an earlier epoch are not committed by counting copies', async () => {
  // Figure 8 of the Raft paper: what is on a majority may still be overwritten, as long as nothing of the leader's
  // own epoch is. Reads give one batch, so that a follower has the old record before it has anything of the new epoch.
  const world = new QuorumWorld({ voters: 5, formattedAs: CLUSTER, shortReads: 1 });
  await world.startAll();
  await world.commit('a');
  const first = world.leader!;
  const [second, third, fourth, fifth] = others(world, first) as [
    QuorumMember,
    QuorumMember,
    QuorumMember,
    QuorumMember,
  ];
  const rest = [third, fourth, fifth];
  world.partition(
    [first.id, second.id],
    rest.map(member => member.id),
  );
  const offset = first.node.propose(first.node.leaderAndEpoch.epoch, [Buffer.from('old')]);
  assert(!failed(offset));
  await world.until(() => second.log.stable.endOffset > offset);
  // The next leader writes its first record, which nobody else gets.
  let lonely: QuorumMember | undefined;
  world.onLog = (member, message, fields) => {
    if (
      message !== 'quorum role changed' ||
      fields['to'] !== 'leader' ||
      member === first ||
      lonely !== undefined
    )
      return;
    lonely = member;
    world.partition(
      [member.id],
      others(world, member).map(each => each.id),
    );
  };
  await world.until(() => lonely !== undefined && lonely.log.stable.endOffset > offset);
  lonely!.kill();
  // One of the first two leads again. A third gets the old record and acknowledges it, and nothing more gets through.
  let isAcknowledged = false;
  world.onSend = ({ from, to, api, request }) => {
    const isFetch =
      api === Fetch && (request as FetchRequest).topics[0]!.partitions[0]!.fetchOffset === offset + 1n;
    if (!isFetch || !rest.some(member => member.id === from)) return;
    isAcknowledged = true;
    for (const member of rest) world.blocked.add(`${to}>${member.id}`);
  };
  world.heal();
  await world.until(() => isAcknowledged);
  await world.advance(5);
  for (const member of [first, second]) member.kill();
  world.onSend = undefined;
  world.heal();
  await lonely!.start();
  await world.until(() => world.leader === lonely);
  await world.commit('new');
  await first.start();
  await second.start();
  await world.commit('last');
  assert.deepEqual(world.checker.values, ['a', 'new', 'last']);
});

test("a log that differs from the leader's is cut, whatever its length", async () => {
  const world = new QuorumWorld({ voters: 3 });
  await world.startAll();
  await world.commit('a');
  const old = world.leader!;
  world.partition(
    [old.id],
    others(world, old).map(member => member.id),
  );
  for (let index = 0; index < 20; index++) {
    old.node.propose(old.node.leaderAndEpoch.epoch, [Buffer.from(`lonely ${index}`)]);
  }
  await failover(world, old);
  await world.until(() => world.leader!.node.highWatermark !== undefined);
  const next = world.leader!;
  next.node.propose(next.node.leaderAndEpoch.epoch, [Buffer.from('b')]);
  world.heal();
  await world.commit('c');
  assert.deepEqual(world.checker.values, ['a', 'b', 'c']);
  assert.equal(old.log.endOffset, next.log.endOffset);
});

test('a restarted voter knows its vote and its epoch', async () => {
  const world = new QuorumWorld({ voters: 3 });
  await world.startAll();
  await world.commit('a');
  const epochs = world.all.map(member => member.node.leaderAndEpoch.epoch);
  for (const member of world.all) member.crash();
  await world.startAll();
  for (const [index, member] of world.all.entries())
    assert(member.node.leaderAndEpoch.epoch >= epochs[index]!);
  await world.commit('b');
  assert(world.leader!.node.leaderAndEpoch.epoch > Math.max(...epochs));
});
