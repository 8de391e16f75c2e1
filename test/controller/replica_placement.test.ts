import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type PlaceableBroker, placeReplicas } from '../../src/controller/replica_placement.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { asNodeId, type NodeId } from '../../src/model/ids.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';

function brokers(count: number, rackCount = 0): PlaceableBroker[] {
  return Array.from({ length: count }, (_, index) => ({
    id: asNodeId(index + 1),
    rack: rackCount === 0 ? null : `r${index % rackCount}`,
    fenced: false,
  }));
}

function place(all: readonly PlaceableBroker[], partitions: number, factor: number, seed = 1): NodeId[][] {
  const placed = placeReplicas(all, partitions, factor, new SeededRandom(seed));
  assert.ok(!(placed instanceof Failure), String(placed));
  return placed;
}

function countBy<T>(items: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

function spread(counts: Iterable<number>): number {
  const all = [...counts];
  return Math.max(...all) - Math.min(...all);
}

const cluster = fc
  .record({
    racks: fc.integer({ min: 0, max: 4 }),
    fenced: fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
  })
  .map(({ racks, fenced }) =>
    brokers(fenced.length, racks).map((broker, index) => ({ ...broker, fenced: fenced[index]! })),
  )
  .filter(all => all.some(broker => !broker.fenced));

test('no broker has two replicas of a partition, no rack two before each has one, and no leader is fenced', () => {
  fc.assert(
    fc.property(cluster, fc.integer({ min: 1, max: 12 }), fc.integer(), (all, factor, seed) => {
      const racks = new Set(all.map(broker => broker.rack)).size;
      const placed = placeReplicas(all, 20, factor, new SeededRandom(seed));
      if (placed instanceof Failure) {
        assert.equal(placed.code, Errors.INVALID_REPLICATION_FACTOR);
        assert.ok(factor > all.length);
        return;
      }
      for (const replicas of placed) {
        const chosen = replicas.map(id => all.find(broker => broker.id === id)!);
        assert.equal(new Set(replicas).size, factor);
        assert.equal(new Set(chosen.map(broker => broker.rack)).size, Math.min(racks, factor));
        assert.equal(chosen[0]?.fenced, false);
        for (const fenced of chosen.filter(broker => broker.fenced)) {
          const neighbours = all.filter(broker => broker.rack === fenced.rack && !broker.fenced);
          assert.ok(
            neighbours.every(broker => replicas.includes(broker.id)),
            'a fenced broker before one that is up',
          );
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('leaders and replicas spread evenly, with and without racks', () => {
  for (const [count, racks] of [
    [3, 0],
    [6, 3],
    [9, 3],
    [5, 0],
    [4, 2],
    [12, 4],
  ] as const) {
    for (let seed = 0; seed < 10; seed++) {
      const placed = place(brokers(count, racks), count * 10, 3, seed);
      const leaders = countBy(placed.map(replicas => replicas[0]!));
      assert.equal(leaders.size, count);
      assert.ok(spread(leaders.values()) <= 1, `${count} brokers, ${racks} racks: leaders ${[...leaders]}`);
      const replicas = countBy(placed.flat());
      assert.ok(
        spread(replicas.values()) <= 3,
        `${count} brokers, ${racks} racks: replicas ${[...replicas]}`,
      );
    }
  }
});

test('when a broker is lost, its partitions go to all others', () => {
  const placed = place(brokers(6), 300, 3);
  const successors = countBy(placed.filter(replicas => replicas[0] === 1).map(replicas => replicas[1]!));
  assert.equal(successors.size, 5);
  assert.ok(spread(successors.values()) <= 4, `${[...successors]}`);
});

test('a single broker takes all', () => {
  assert.deepEqual(place(brokers(1), 3, 1), [[1], [1], [1]]);
});

test('the same chance places the same', () => {
  assert.deepEqual(place(brokers(5, 2), 20, 3, 7), place(brokers(5, 2), 20, 3, 7));
});

test('too few brokers are an error that says so', () => {
  const fenced = brokers(3).map(broker => ({ ...broker, fenced: true }));
  const table = [
    [brokers(2), /Cannot place 3 replicas: only 2 brokers/],
    [[], /none of the 0 registered brokers is up/],
    [fenced, /none of the 3 registered brokers is up/],
  ] as const;
  for (const [all, text] of table) {
    const failure = placeReplicas(all, 1, 3, new SeededRandom(1));
    assert.ok(failure instanceof Failure);
    assert.equal(failure.code, Errors.INVALID_REPLICATION_FACTOR);
    assert.match(failure.message, text);
  }
});
