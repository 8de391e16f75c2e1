import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asLeaderEpoch, asNodeId, asOffset } from '../../src/model/ids.ts';
import { type Election, QuorumState, type Role } from '../../src/raft/quorum_state.ts';
import { type ReplicaKey, replicaKey } from '../../src/raft/replica_key.ts';
import { VoterSet } from '../../src/raft/voter_set.ts';

const SELF = replicaKey(1);
const TIMEOUTS = { electionTimeoutMs: 1_000, fetchTimeoutMs: 2_000 };
const ENDPOINTS = [{ name: 'CONTROLLER', host: 'h', port: 1 }];
const TWO_ENDPOINTS = [...ENDPOINTS, { name: 'OTHER', host: 'h', port: 2 }];

const voter = (id: number) => ({
  key: replicaKey(id),
  endpoints: [{ name: 'CONTROLLER', host: `h${id}`, port: 1 }],
  supportedVersions: { min: 0, max: 1 },
});

interface Start {
  readonly voters?: readonly number[];
  readonly stored?: Partial<Election>;
  readonly lastEpoch?: number;
  readonly mayStand?: boolean;
}

function make({ voters = [1, 2, 3], stored, lastEpoch = 0, mayStand = false }: Start = {}): QuorumState {
  const set = new VoterSet(voters.map(voter));
  const election: Election | undefined = stored && {
    epoch: asLeaderEpoch(0),
    leaderId: undefined,
    votedKey: undefined,
    ...stored,
  };
  return new QuorumState(
    {
      local: SELF,
      localEndpoints: ENDPOINTS,
      voters: () => set,
      mayStand: () => mayStand,
      timeouts: TIMEOUTS,
      fraction: () => 0.5,
    },
    election,
    { lastEpoch: asLeaderEpoch(lastEpoch), nowMs: 0 },
  );
}

/** A node in each role, in epoch 5. */
const IN_ROLE: Record<Role, () => QuorumState> = {
  unattached: () => make({ stored: { epoch: asLeaderEpoch(5) } }),
  prospective: () => {
    const state = IN_ROLE.unattached();
    state.toProspective(0);
    return state;
  },
  candidate: () => {
    const state = make({ stored: { epoch: asLeaderEpoch(4) } });
    state.toProspective(0);
    grant(state, 2);
    state.toCandidate(0);
    return state;
  },
  leader: () => {
    const state = IN_ROLE.candidate();
    grant(state, 1);
    grant(state, 2);
    state.toLeader(asOffset(10n), 0);
    return state;
  },
  resigned: () => {
    const state = IN_ROLE.leader();
    state.toResigned([replicaKey(3), replicaKey(2)], 0);
    return state;
  },
  follower: () => {
    const state = IN_ROLE.unattached();
    state.toFollower(asLeaderEpoch(5), { id: asNodeId(2), endpoints: ENDPOINTS }, 0);
    return state;
  },
};
const ROLES = Object.keys(IN_ROLE) as Role[];

function grant(state: QuorumState, id: number): void {
  const { state: role } = state;
  assert(role.role === 'prospective' || role.role === 'candidate');
  role.tally.record(asNodeId(id), true);
}

const follow =
  (epoch: number, id = 2, endpoints = ENDPOINTS) =>
  (state: QuorumState) =>
    state.toFollower(asLeaderEpoch(epoch), { id: asNodeId(id), endpoints }, 0);
const granted = (state: QuorumState) => {
  if (state.role === 'prospective') grant(state, 2);
  state.toCandidate(0);
};
const elected = (state: QuorumState) => {
  if (state.role === 'candidate') for (const id of [1, 3]) grant(state, id);
  state.toLeader(asOffset(1n), 0);
};

/** What each role becomes by each change; roles that are not named must not change so. */
const TRANSITIONS: [string, (state: QuorumState) => void, Partial<Record<Role, string>>][] = [
  [
    'a higher epoch is seen',
    state => state.toUnattached(asLeaderEpoch(6), 0),
    Object.fromEntries(ROLES.map(role => [role, 'unattached 6'])),
  ],
  [
    'the same epoch is seen',
    state => state.toUnattached(asLeaderEpoch(5), 0),
    { prospective: 'unattached 5' },
  ],
  ['a lower epoch is seen', state => state.toUnattached(asLeaderEpoch(4), 0), {}],
  [
    'the leader of a higher epoch is found',
    follow(6),
    Object.fromEntries(ROLES.map(role => [role, 'follower 6 of 2'])),
  ],
  [
    'the leader of this epoch is found',
    follow(5),
    { unattached: 'follower 5 of 2', prospective: 'follower 5 of 2', candidate: 'follower 5 of 2' },
  ],
  [
    'more endpoints of the leader are found',
    follow(5, 2, TWO_ENDPOINTS),
    {
      unattached: 'follower 5 of 2',
      prospective: 'follower 5 of 2',
      candidate: 'follower 5 of 2',
      follower: 'follower 5 of 2',
    },
  ],
  [
    'another leader of this epoch is found',
    state => follow(5, 3)(state),
    {
      unattached: 'follower 5 of 3',
      prospective: 'follower 5 of 3',
      candidate: 'follower 5 of 3',
    },
  ],
  ['the leader of a lower epoch is found', follow(4), {}],
  ['the node itself is found to lead', follow(6, 1), {}],
  ['a leader without an endpoint is found', follow(6, 2, []), {}],
  [
    'it asks before an election',
    state => state.toProspective(0),
    { unattached: 'prospective 5', candidate: 'prospective 5', follower: 'prospective 5 of 2' },
  ],
  ['a majority would vote for it', granted, { prospective: 'candidate 6' }],
  ['a majority votes for it', elected, { candidate: 'leader 5 of 1' }],
  ['it gives up', state => state.toResigned([], 0), { leader: 'resigned 5 of 1' }],
  [
    'it votes',
    state => state.toVoted(replicaKey(3), 0),
    { unattached: 'unattached 5', prospective: 'unattached 5' },
  ],
  ['it votes for itself', state => state.toVoted(SELF, 0), {}],
];

test('every transition of the header, and no other', () => {
  for (const [what, change, expected] of TRANSITIONS) {
    for (const role of ROLES) {
      const state = IN_ROLE[role]();
      assert.equal(state.epoch, 5, `${role} begins in epoch 5`);
      const wanted = expected[role];
      if (wanted === undefined) {
        assert.throws(() => change(state), { name: 'AssertionError' }, `${what}: ${role} must not change`);
        continue;
      }
      change(state);
      const leader = state.leaderId === undefined ? '' : ` of ${state.leaderId}`;
      assert.equal(`${state.role} ${state.epoch}${leader}`, wanted, `${what}: ${role}`);
    }
  }
});

test('nobody stands or leads without a majority', () => {
  const prospective = IN_ROLE.prospective();
  assert.throws(() => prospective.toCandidate(0), { name: 'AssertionError' });
  const candidate = IN_ROLE.candidate();
  grant(candidate, 1);
  assert.throws(() => candidate.toLeader(asOffset(0n), 0), { name: 'AssertionError' });
});

test('an observer never asks for votes, unless its removal may not be committed', () => {
  const observer = make({ voters: [2, 3] });
  assert.equal(
    observer.state.role === 'unattached' && observer.state.electionDeadlineMs,
    Number.POSITIVE_INFINITY,
  );
  assert.throws(() => observer.toProspective(0), { name: 'AssertionError' });
  const leaving = make({ voters: [2, 3], mayStand: true });
  leaving.toProspective(0);
  assert(leaving.state.role === 'prospective');
  grant(leaving, 2);
  assert.equal(leaving.state.tally.isGranted, false, 'its own vote does not count');
});

test('what a node was when it ended decides what it begins as', () => {
  const voted = (id: number): Partial<Election> => ({ epoch: asLeaderEpoch(5), votedKey: replicaKey(id) });
  const led = (id: number): Partial<Election> => ({ epoch: asLeaderEpoch(5), leaderId: asNodeId(id) });
  const cases: [string, Start, string, number | undefined][] = [
    ['nothing', {}, 'unattached 0', undefined],
    ['nothing but a log', { lastEpoch: 3 }, 'unattached 3', undefined],
    ['a log ahead of the file', { stored: voted(2), lastEpoch: 7 }, 'unattached 7', undefined],
    ['a vote', { stored: voted(2) }, 'unattached 5', 2],
    ['a vote for itself', { stored: voted(1) }, 'unattached 5', 1],
    ['a leader', { stored: led(2) }, 'follower 5', undefined],
    ['a leader that is no voter', { stored: led(9) }, 'unattached 5', undefined],
    ['its own leadership', { stored: led(1) }, 'resigned 5', 1],
    ['its own leadership of nobody else', { stored: led(1), voters: [1] }, 'unattached 5', 1],
  ];
  for (const [what, start, expected, votedId] of cases) {
    const state = make(start);
    assert.equal(`${state.role} ${state.epoch}`, expected, what);
    assert.equal(state.votedKey?.id, votedId, what);
  }
});

test('who gets a vote', () => {
  const other = replicaKey(3, 'dOZjIaJjR3GlZqKUxBsH8g');
  const ask = (
    state: QuorumState,
    isPreVote: boolean,
    isLogUpToDate: boolean,
    candidate: ReplicaKey = other,
  ) => state.canGrantVote(candidate, { isPreVote, isLogUpToDate });
  const expected: Record<Role, { vote: boolean; preVote: boolean }> = {
    unattached: { vote: true, preVote: true },
    prospective: { vote: true, preVote: true },
    candidate: { vote: false, preVote: true },
    leader: { vote: false, preVote: false },
    resigned: { vote: false, preVote: true },
    follower: { vote: false, preVote: true },
  };
  for (const role of ROLES) {
    assert.equal(ask(IN_ROLE[role](), false, true), expected[role].vote, `${role}: vote`);
    assert.equal(ask(IN_ROLE[role](), true, true), expected[role].preVote, `${role}: pre-vote`);
    assert.equal(ask(IN_ROLE[role](), false, false), false, `${role}: a log that lacks something`);
    assert.equal(ask(IN_ROLE[role](), true, false), false, `${role}: a log that lacks something`);
  }
  const follower = IN_ROLE.follower();
  follower.noteFetched(0);
  assert.equal(ask(follower, true, true), false, 'a leader that answers needs no successor');
  follower.noteLeaderGone(0);
  assert.equal(ask(follower, true, true), true, 'one that has said that it goes does');
  const voted = IN_ROLE.unattached();
  voted.toVoted(other, 0);
  assert.equal(ask(voted, false, false), true, 'the vote that was given is given again');
  assert.equal(ask(voted, false, true, replicaKey(2)), false);
  assert.equal(ask(voted, false, true, replicaKey(3, 'IXUgR6Zrx-PzTVo2muo_pg')), false, 'another directory');
  voted.toUnattached(asLeaderEpoch(6), 0);
  assert.equal(ask(voted, false, true, replicaKey(2)), true, 'another epoch');
});

test('deadlines', () => {
  const deadline = (state: QuorumState) => {
    const { state: role } = state;
    return role.role === 'follower'
      ? role.fetchDeadlineMs
      : 'electionDeadlineMs' in role
        ? role.electionDeadlineMs
        : 0;
  };
  const state = make();
  assert.equal(deadline(state), 1_500);
  state.toUnattached(asLeaderEpoch(1), 700);
  assert.equal(deadline(state), 1_500, 'a new epoch does not make it wait again');
  state.toVoted(replicaKey(2), 700);
  assert.equal(deadline(state), 2_200, 'a vote does');
  state.hasten(900);
  assert.equal(deadline(state), 900);
  follow(2)(state);
  assert.equal(deadline(state), 2_000);
  state.noteFetched(500);
  assert.equal(deadline(state), 2_500);
  state.noteLeaderGone(600);
  state.noteFetched(700);
  assert.equal(deadline(state), 600, 'what a leader that goes still answers does not keep it');
});
