import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupMemberFacts } from '../../src/client/group/assignor.ts';
import { cooperativeStickyAssignor } from '../../src/client/group/cooperative_sticky_assignor.ts';
import { rangeAssignor } from '../../src/client/group/range_assignor.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../src/client/group/subscription.ts';
import { failed } from '../../src/model/failure.ts';
import { asPartitionIndex } from '../../src/model/ids.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';

const tp = (name: string) => {
  const at = name.lastIndexOf('-');
  return { topic: name.slice(0, at), partition: asPartitionIndex(Number(name.slice(at + 1))) };
};

interface Wish {
  readonly topics?: readonly string[];
  readonly owned?: readonly string[];
  readonly generation?: number;
  readonly instance?: string;
}

function member(
  memberId: string,
  { generation = -1, instance, owned = [], topics = ['a'] }: Wish = {},
): GroupMemberFacts {
  const subscription = { topics, ownedPartitions: owned.map(tp), generation };
  return { memberId, groupInstanceId: instance ?? null, subscription };
}

const shown = (assignment: Map<string, { topic: string; partition: number }[]>) =>
  Object.fromEntries(
    Array.from(assignment, ([id, partitions]) => [
      id,
      partitions.map(({ partition, topic }) => `${topic}-${partition}`).sort(),
    ]),
  );

test('range: runs of each topic, the first members one more; static members first, by their names', () => {
  const counts = new Map([
    ['a', 5],
    ['b', 1],
    ['gone', 0],
  ]);
  const topics = ['a', 'b', 'gone'];
  const members = [member('m2', { topics }), member('m1'), member('m3', { topics, instance: 'z' })];
  assert.deepEqual(shown(rangeAssignor.assign(members, counts)), {
    m3: ['a-0', 'a-1', 'b-0'],
    m1: ['a-2', 'a-3'],
    m2: ['a-4'],
  });
});

test('cooperative-sticky: what goes to another is given to nobody yet', () => {
  const counts = new Map([['a', 4]]);
  const owner = member('m1', { owned: ['a-0', 'a-1', 'a-2', 'a-3'], generation: 3 });
  assert.deepEqual(shown(cooperativeStickyAssignor.assign([owner, member('m2')], counts)), {
    m1: ['a-0', 'a-1'],
    m2: [],
  });
  const after = member('m1', { owned: ['a-0', 'a-1'], generation: 4 });
  assert.deepEqual(
    shown(cooperativeStickyAssignor.assign([after, member('m2', { generation: 4 })], counts)),
    { m1: ['a-0', 'a-1'], m2: ['a-2', 'a-3'] },
  );
});

test('cooperative-sticky: of two that claim a partition the later generation has it, of the same neither', () => {
  const counts = new Map([['a', 2]]);
  const claims = [
    member('m1', { owned: ['a-0', 'a-1'], generation: 3 }),
    member('m2', { owned: ['a-0'], generation: 5 }),
  ];
  assert.deepEqual(shown(cooperativeStickyAssignor.assign(claims, counts)), { m1: ['a-1'], m2: ['a-0'] });
  const equal = [
    member('m1', { owned: ['a-0'], generation: 3 }),
    member('m2', { owned: ['a-0'], generation: 3 }),
  ];
  const result = shown(cooperativeStickyAssignor.assign(equal, counts));
  assert.deepEqual(Object.values(result).flat().sort(), ['a-0', 'a-1']);
});

test('cooperative-sticky: even and complete after two rounds, and sticky, whatever the members had', () => {
  const random = new SeededRandom(7);
  for (let round = 0; round < 200; round++) {
    const counts = new Map([
      ['a', random.below(9)],
      ['b', random.below(9)],
    ]);
    const all = [...counts].flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, index) => `${topic}-${index}`),
    );
    const ids = Array.from({ length: 1 + random.below(5) }, (_, index) => `m${index}`);
    let owned = new Map(ids.map(id => [id, [] as string[]]));
    for (const partition of all) {
      if (random.chance(0.7)) owned.get(ids[random.below(ids.length)]!)!.push(partition);
    }
    const before = owned;
    for (let generation = 1; generation <= 2; generation++) {
      const members = ids.map(id => member(id, { topics: ['a', 'b'], owned: owned.get(id)!, generation }));
      owned = new Map(Object.entries(shown(cooperativeStickyAssignor.assign(members, counts))));
    }
    assert.deepEqual([...owned.values()].flat().sort(), [...all].sort());
    const sizes = [...owned.values()].map(({ length }) => length);
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `sizes ${sizes}`);
    const share = Math.floor(all.length / ids.length);
    for (const [id, had] of before) {
      const kept = owned.get(id)!.filter(partition => had.includes(partition)).length;
      assert.ok(kept >= Math.min(had.length, share), `${id} keeps ${kept} of ${had.length}`);
    }
  }
});

test("subscriptions and assignments are in the bytes of Kafka's consumers", () => {
  const subscription = { topics: ['b', 'a'], ownedPartitions: [tp('a-0'), tp('a-2')], generation: 7 };
  const bytes = encodeSubscription(subscription);
  assert.equal(
    bytes.toString('hex'),
    '0003' +
      '00000002' +
      '000161' +
      '000162' +
      'ffffffff' +
      '00000001' +
      '000161' +
      '00000002' +
      '00000000' +
      '00000002' +
      '00000007' +
      'ffff',
  );
  assert.deepEqual(decodeSubscription(bytes), { ...subscription, topics: ['a', 'b'] });
  assert.deepEqual(decodeAssignment(encodeAssignment([tp('a-0'), tp('b-1')])), [tp('a-0'), tp('b-1')]);
  assert.deepEqual(decodeAssignment(Buffer.alloc(0)), []);
  assert.ok(failed(decodeSubscription(Buffer.from('7f'))));
});
