import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClassicGroup, type ClassicState } from '../../src/group/classic_group.ts';
import { ClassicMember } from '../../src/group/classic_member.ts';
import { Errors } from '../../src/model/error_codes.ts';

const STATES: readonly ClassicState[] = ['Empty', 'PreparingRebalance', 'CompletingRebalance', 'Stable'];

/** The ways into each state, from Empty. */
const PATHS: Readonly<Record<ClassicState, readonly ClassicState[]>> = {
  Empty: [],
  PreparingRebalance: ['PreparingRebalance'],
  CompletingRebalance: ['PreparingRebalance', 'CompletingRebalance'],
  Stable: ['PreparingRebalance', 'CompletingRebalance', 'Stable'],
};

function groupIn(state: ClassicState): ClassicGroup {
  const group = new ClassicGroup({ id: 'g', state: 'Empty', stateTimestampMs: 0 });
  for (const next of PATHS[state]) group.transitionTo(next, 1);
  return group;
}

function memberOf(id: string, ...assignors: readonly string[]): ClassicMember {
  return new ClassicMember({
    id,
    instanceId: null,
    clientId: 'client',
    clientHost: '/host',
    rebalanceTimeoutMs: 1_000,
    sessionTimeoutMs: 1_000,
    protocols: assignors.map(name => ({ name, metadata: Buffer.alloc(0) })),
  });
}

test('the transitions that there are, and no others', () => {
  const allowed: Readonly<Record<ClassicState, readonly ClassicState[]>> = {
    Empty: ['PreparingRebalance'],
    PreparingRebalance: ['CompletingRebalance', 'Empty'],
    CompletingRebalance: ['Stable', 'PreparingRebalance'],
    Stable: ['PreparingRebalance'],
  };
  for (const from of STATES) {
    for (const to of STATES) {
      const go = () => groupIn(from).transitionTo(to, 7);
      if (!allowed[from].includes(to)) {
        assert.throws(go, /goes from/, `${from} → ${to}`);
        continue;
      }
      const group = groupIn(from);
      group.transitionTo(to, 7);
      assert.deepEqual([group.state, group.previousState, group.stateTimestampMs], [to, from, 7]);
    }
  }
});

test('the assignor is the one that most prefer of those that all offer', () => {
  const cases: [readonly (readonly string[])[], string][] = [
    [[['a', 'b']], 'a'],
    [
      [
        ['a', 'b'],
        ['b', 'a'],
        ['b', 'a'],
      ],
      'b',
    ],
    [
      [
        ['a', 'b', 'c'],
        ['c', 'a'],
        ['c', 'b', 'a'],
      ],
      'c',
    ],
    // Most like a best, and one does not offer it.
    [[['a', 'b'], ['a', 'b'], ['b']], 'b'],
    // A name that comes twice is one offer.
    [[['a', 'a', 'b'], ['b']], 'b'],
  ];
  for (const [offers, expected] of cases) {
    const group = groupIn('Empty');
    offers.forEach((assignors, at) => {
      group.add(memberOf(`m${at}`, ...assignors), 'consumer');
    });
    assert.equal(group.selectProtocol(), expected, JSON.stringify(offers));
  }
});

test('who may take part: all must have an assignor in common, also after members changed and left', () => {
  const group = groupIn('PreparingRebalance');
  const [one, two] = [memberOf('one', 'a', 'b'), memberOf('two', 'b', 'c')];
  group.add(one, 'consumer');
  group.add(two, 'consumer');
  const supports = (...names: readonly string[]) =>
    group.supports(
      'consumer',
      names.map(name => ({ name })),
    );
  assert.deepEqual(
    [supports('a'), supports('b'), supports('x', 'b'), supports('c')],
    [false, true, true, false],
  );
  assert.equal(group.supports('connect', [{ name: 'b' }]), false);
  group.update(two, { protocols: one.protocols, rebalanceTimeoutMs: 5, sessionTimeoutMs: 6 });
  assert.deepEqual([supports('a'), supports('c')], [true, false]);
  group.remove('one');
  assert.deepEqual([supports('a'), supports('b')], [true, true]);
});

test('a leader that is gone is followed by the member that has been there for longest', () => {
  const group = groupIn('PreparingRebalance');
  for (const id of ['one', 'two', 'three']) group.add(memberOf(id, 'a'), 'consumer');
  assert.equal(group.leaderId, 'one');
  group.remove('one');
  assert.equal(group.leaderId, 'two');
  group.awaitJoin(group.member('three')!, () => {});
  assert.equal(group.electJoinedLeader(), true);
  assert.equal(group.leaderId, 'three');
  group.remove('two');
  group.remove('three');
  assert.equal(group.leaderId, undefined);
});

test('a member that is removed is told so wherever it waits', () => {
  const group = groupIn('PreparingRebalance');
  const member = memberOf('one', 'a');
  const told: unknown[] = [];
  group.add(member, 'consumer', ({ errorCode }) => told.push(['join', errorCode]));
  group.awaitSync(member, ({ errorCode }) => told.push(['sync', errorCode]));
  group.remove('one');
  assert.deepEqual(told, [
    ['join', Errors.UNKNOWN_MEMBER_ID],
    ['sync', Errors.UNKNOWN_MEMBER_ID],
  ]);
});
