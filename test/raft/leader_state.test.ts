import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asLeaderEpoch, asOffset } from '../../src/model/ids.ts';
import { MAX_TRACKED_OBSERVERS } from '../../src/model/limits.ts';
import { LeaderState } from '../../src/raft/leader_state.ts';
import { replicaKey } from '../../src/raft/replica_key.ts';
import { VoterSet } from '../../src/raft/voter_set.ts';

const set = (...ids: number[]) =>
  new VoterSet(
    ids.map(id => ({
      key: replicaKey(id),
      endpoints: [{ name: 'CONTROLLER', host: `h${id}`, port: 1 }],
      supportedVersions: { min: 0, max: 1 },
    })),
  );

function make(...voters: number[]): LeaderState {
  return new LeaderState({
    local: replicaKey(1),
    epoch: asLeaderEpoch(5),
    epochStartOffset: asOffset(10n),
    voters: set(...voters),
    grantingVoters: [],
    fetchTimeoutMs: 2_000,
    nowMs: 0,
  });
}

const fetch = (leader: LeaderState, id: number, offset: number, nowMs = 0, leaderEnd = 100) =>
  leader.updateFollower(replicaKey(id), asOffset(BigInt(offset)), {
    leaderEnd: asOffset(BigInt(leaderEnd)),
    nowMs,
  });

test('the high watermark is what a majority has, once a record of the epoch is among it', () => {
  const leader = make(1, 2, 3);
  assert.equal(leader.updateLocal(asOffset(20n)), false);
  assert.equal(fetch(leader, 2, 8), false, 'the majority has old records only');
  assert.equal(leader.highWatermark, undefined);
  assert.equal(fetch(leader, 2, 10), false, 'up to where the epoch begins');
  assert.equal(fetch(leader, 2, 11), true);
  assert.equal(leader.highWatermark, 11n);
  assert.equal(fetch(leader, 3, 15), true);
  assert.equal(leader.highWatermark, 15n);
  assert.equal(fetch(leader, 3, 12), false, 'it never goes back');
  assert.equal(leader.highWatermark, 15n);
  assert.equal(fetch(leader, 2, 30), true);
  assert.equal(leader.highWatermark, 20n, 'the leader itself has no more');
  assert.equal(fetch(leader, 9, 50), false, 'observers do not count');
});

test('majorities of each size', () => {
  const cases: [number[], number[], bigint][] = [
    [[1], [20], 20n],
    [[1, 2], [20, 15], 15n],
    [[1, 2, 3], [20, 15, 12], 15n],
    [[1, 2, 3, 4], [20, 15, 12, 11], 12n],
    [[1, 2, 3, 4, 5], [20, 19, 12, 11, 11], 12n],
  ];
  for (const [voters, ends, expected] of cases) {
    const leader = make(...voters);
    leader.updateLocal(asOffset(BigInt(ends[0]!)));
    for (const [index, id] of voters.entries()) if (index > 0) fetch(leader, id, ends[index]!);
    assert.equal(leader.highWatermark, expected, voters.join());
  }
});

test('a leader that is no voter any more does not count itself', () => {
  const leader = make(1, 2);
  leader.updateLocal(asOffset(20n));
  fetch(leader, 2, 15);
  leader.updateVoters(set(2, 3), 0);
  leader.updateLocal(asOffset(30n));
  assert.equal(leader.highWatermark, 15n);
  fetch(leader, 2, 25);
  assert.equal(leader.highWatermark, 15n);
  fetch(leader, 3, 22);
  assert.equal(leader.highWatermark, 22n);
  assert.deepEqual(
    leader.observerProgress(0).map(progress => progress.key.id),
    [1],
  );
});

test('an observer that becomes a voter keeps its progress, and the other way round', () => {
  const leader = make(1, 2);
  fetch(leader, 3, 40);
  leader.updateVoters(set(1, 3), 0);
  assert.equal(leader.progressOf(replicaKey(3))?.endOffset, 40n);
  assert.deepEqual(
    leader.observerProgress(0).map(progress => progress.key.id),
    [],
  );
  fetch(leader, 2, 12);
  assert.deepEqual(
    leader.observerProgress(0).map(progress => progress.key.id),
    [2],
  );
});

test('a voter in another directory is none', () => {
  const leader = make(1, 2);
  const voter = { ...set(2).voters[0]!, key: replicaKey(2, 'dOZjIaJjR3GlZqKUxBsH8g') };
  leader.updateVoters(new VoterSet([set(1).voters[0]!, voter]), 0);
  leader.updateLocal(asOffset(20n));
  const at = { leaderEnd: asOffset(20n), nowMs: 0 };
  assert.equal(leader.updateFollower(replicaKey(2, 'IXUgR6Zrx-PzTVo2muo_pg'), asOffset(20n), at), false);
  assert.equal(leader.updateFollower(replicaKey(2, 'dOZjIaJjR3GlZqKUxBsH8g'), asOffset(20n), at), true);
});

test('a majority that stops fetching ends the leadership after a time and a half', () => {
  assert.equal(make(1).checkQuorumDeadlineMs, Number.POSITIVE_INFINITY, 'who is alone needs nobody');
  const leader = make(1, 2, 3, 4, 5);
  assert.equal(leader.checkQuorumDeadlineMs, 3_000);
  fetch(leader, 2, 10, 1_000);
  fetch(leader, 2, 10, 1_100);
  fetch(leader, 9, 10, 1_200);
  assert.equal(leader.checkQuorumDeadlineMs, 3_000, 'one of the four is too few');
  leader.noteSnapshotFetch(replicaKey(3), 1_500);
  assert.equal(leader.checkQuorumDeadlineMs, 4_500, 'the leader and two others are a majority');
  const growing = make(1);
  growing.updateVoters(set(1, 2), 50_000);
  assert.equal(growing.checkQuorumDeadlineMs, 53_000, 'a new voter gets its time');
});

test('successors are those who have most', () => {
  const leader = make(1, 2, 3, 4);
  fetch(leader, 4, 30);
  fetch(leader, 3, 40);
  assert.deepEqual(
    leader.successors.map(key => key.id),
    [3, 4, 2],
  );
});

test('caught up is who had everything lately', () => {
  const leader = make(1, 2);
  const key = replicaKey(7);
  assert.equal(leader.isCaughtUp(key, 0), false);
  fetch(leader, 7, 50, 1_000, 100);
  assert.equal(leader.isCaughtUp(key, 1_000), false);
  fetch(leader, 7, 100, 1_500, 120);
  assert.equal(leader.isCaughtUp(key, 1_500), true, 'it has what there was at its fetch before');
  assert.equal(leader.isCaughtUp(key, 1_000 + 4_001), false);
});

test('voters that fetch are not told that the epoch has begun', () => {
  const leader = make(1, 2, 3);
  const id = replicaKey(2).id;
  assert.equal(leader.remindAtMs(id), Number.NEGATIVE_INFINITY);
  leader.noteAcknowledged(id, 100);
  assert.equal(leader.remindAtMs(id), 1_100);
  fetch(leader, 2, 10, 900);
  assert.equal(leader.remindAtMs(id), 1_900);
});

test('observers are forgotten after a while, and when there are too many', () => {
  const leader = make(1, 2);
  fetch(leader, 1_000_000, 10, 0);
  for (let id = 100; id < 100 + MAX_TRACKED_OBSERVERS; id++) fetch(leader, id, 10, 1_000 + id);
  assert.equal(leader.observerProgress(2_000).length, MAX_TRACKED_OBSERVERS);
  assert.equal(leader.progressOf(replicaKey(1_000_000)), undefined, 'the one that fetched longest ago went');
  assert.equal(leader.observerProgress(400_000).length, 0);
});
