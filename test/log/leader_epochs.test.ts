import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/log/checkpoint_file.ts';
import { LEADER_EPOCH_FORMAT, LeaderEpochs } from '../../src/log/leader_epochs.ts';
import { failed } from '../../src/model/failure.ts';
import { asLeaderEpoch, asOffset } from '../../src/model/ids.ts';

function epochs(...entries: [number, number][]): LeaderEpochs {
  return new LeaderEpochs(
    entries.map(([epoch, offset]) => ({
      leaderEpoch: asLeaderEpoch(epoch),
      startOffset: asOffset(BigInt(offset)),
    })),
  );
}

function shown(cache: LeaderEpochs): [number, number][] {
  return cache.entries.map(entry => [entry.leaderEpoch, Number(entry.startOffset)]);
}

test('assigning an epoch keeps epochs and offsets rising', () => {
  const cases: { from: [number, number][]; epoch: number; offset: number; to: [number, number][] }[] = [
    { from: [], epoch: 2, offset: 6, to: [[2, 6]] },
    { from: [[2, 6]], epoch: 2, offset: 7, to: [[2, 6]] },
    { from: [[2, 6]], epoch: 2, offset: 5, to: [[2, 5]] },
    { from: [[2, 6]], epoch: 3, offset: 6, to: [[3, 6]] },
    {
      from: [
        [2, 6],
        [4, 9],
      ],
      epoch: 3,
      offset: 12,
      to: [
        [2, 6],
        [3, 12],
      ],
    },
    {
      from: [
        [2, 6],
        [4, 9],
      ],
      epoch: 5,
      offset: 7,
      to: [
        [2, 6],
        [5, 7],
      ],
    },
    {
      from: [
        [2, 6],
        [4, 9],
      ],
      epoch: 1,
      offset: 2,
      to: [[1, 2]],
    },
    { from: [[2, 6]], epoch: -1, offset: 2, to: [[2, 6]] },
  ];
  for (const { from, epoch, offset, to } of cases) {
    const cache = epochs(...from);
    const { version } = cache;
    const changed = cache.assign(asLeaderEpoch(epoch), asOffset(BigInt(offset)));
    assert.deepEqual(shown(cache), to);
    assert.equal(changed, cache.version !== version);
  }
});

test('the end of an epoch is where the next one begins', () => {
  const cache = epochs([2, 5], [4, 10], [6, 20]);
  const cases: [number, number, number][] = [
    [-1, -1, -1],
    [0, 0, 5],
    [1, 1, 5],
    [2, 2, 10],
    [3, 2, 10],
    [4, 4, 20],
    [5, 4, 20],
    [6, 6, 33],
    [7, -1, -1],
  ];
  for (const [asked, epoch, offset] of cases) {
    const end = cache.endOffsetFor(asLeaderEpoch(asked), asOffset(33n));
    assert.deepEqual([end.leaderEpoch, Number(end.endOffset)], [epoch, offset], `epoch ${asked}`);
  }
  assert.deepEqual(epochs().endOffsetFor(asLeaderEpoch(0), asOffset(0n)), {
    leaderEpoch: -1,
    endOffset: -1n,
  });
});

test('truncations take epochs from either end', () => {
  const fromEnd: [number, [number, number][]][] = [
    [
      25,
      [
        [2, 5],
        [4, 10],
        [6, 20],
      ],
    ],
    [
      20,
      [
        [2, 5],
        [4, 10],
      ],
    ],
    [
      11,
      [
        [2, 5],
        [4, 10],
      ],
    ],
    [10, [[2, 5]]],
    [5, []],
  ];
  for (const [offset, left] of fromEnd) {
    const cache = epochs([2, 5], [4, 10], [6, 20]);
    cache.truncateFromEnd(asOffset(BigInt(offset)));
    assert.deepEqual(shown(cache), left, `from ${offset}`);
  }
  const fromStart: [number, [number, number][]][] = [
    [
      3,
      [
        [2, 5],
        [4, 10],
        [6, 20],
      ],
    ],
    [
      5,
      [
        [2, 5],
        [4, 10],
        [6, 20],
      ],
    ],
    [
      7,
      [
        [2, 7],
        [4, 10],
        [6, 20],
      ],
    ],
    [
      10,
      [
        [4, 10],
        [6, 20],
      ],
    ],
    [
      19,
      [
        [4, 19],
        [6, 20],
      ],
    ],
    [30, [[6, 30]]],
  ];
  for (const [offset, left] of fromStart) {
    const cache = epochs([2, 5], [4, 10], [6, 20]);
    cache.truncateFromStart(asOffset(BigInt(offset)));
    assert.deepEqual(shown(cache), left, `to ${offset}`);
  }
});

test('an offset is of the epoch that began last before it', () => {
  const cache = epochs([2, 5], [4, 10]);
  const of = (offset: bigint) => cache.epochAt(asOffset(offset));
  assert.deepEqual([of(4n), of(5n), of(9n), of(10n), of(99n)], [undefined, 2, 2, 4, 4]);
});

test('the checkpoint is text as Kafka writes it, and is read tolerantly but not blindly', () => {
  const { entries } = epochs([0, 0], [3, 120]);
  const text = encodeCheckpoint(LEADER_EPOCH_FORMAT, entries);
  assert.equal(text, '0\n2\n0 0\n3 120\n');
  const decode = (content: string) => decodeCheckpoint(LEADER_EPOCH_FORMAT, content, '/data/x');
  for (const good of [text, text.trimEnd(), `${text}\n\n`, text.replaceAll('\n', '\r\n')]) {
    assert.deepEqual(decode(good), entries);
  }
  assert.deepEqual(decode(''), []);
  assert.deepEqual(decode('0\n'), []);
  assert.deepEqual(decode('0\n0\n'), []);
  const bad: [string, RegExp][] = [
    ['1\n0\n', /version is "1"/],
    ['0\nmany\n', /number of entries is "many"/],
    ['0\n2\n0 0\n', /announces 2 entries and has 1/],
    ['0\n1\n0 0\n1 1\n', /announces 1 entries and has 2/],
    ['0\n1\n0 zero\n', /the line "0 zero" is no entry/],
    ['0\n1\n-1 5\n', /the line "-1 5" is no entry/],
    ['\u0000\u0000\u0000', /version is/],
  ];
  for (const [content, why] of bad) {
    const result = decode(content);
    assert.ok(failed(result));
    assert.match(result.message, why);
    assert.match(result.message, /\/data\/x/);
  }
});
