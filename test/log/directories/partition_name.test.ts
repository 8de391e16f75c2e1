import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asideName, parsePartitionDirectory } from '../../../src/log/directories/partition_name.ts';
import { asUuid } from '../../../src/model/ids.ts';

const HEX = '0123456789abcdef0123456789abcdef';

for (const [name, expected] of [
  ['events-0', ['log', 'events', 0]],
  ['a.b-c_d-12', ['log', 'a.b-c_d', 12]],
  ['a--3', ['log', 'a-', 3]],
  ['t-2147483647', ['log', 't', 2147483647]],
  ['t-2147483648', undefined],
  [`a.b-7.${HEX}-delete`, ['delete', 'a.b', 7]],
  [`a-b-7.${HEX}-future`, ['future', 'a-b', 7]],
  [`a-7.${HEX}-stray`, ['stray', 'a', 7]],
  [`a-7.${HEX.toUpperCase()}-delete`, undefined],
  ['my-notes.old-delete', undefined],
  ['events', undefined],
  ['-0', undefined],
  ['events-', undefined],
  ['events-01', undefined],
  ['events-x', undefined],
  ['remote-log-index-cache', undefined],
  ['lost+found', undefined],
] as const) {
  test(`the directory name ${name} is ${expected === undefined ? 'none of a partition' : expected[0]}`, () => {
    const parsed = parsePartitionDirectory(name);
    assert.deepEqual(parsed && [parsed.kind, parsed.topic, parsed.index], expected);
  });
}

test('a log that is set aside keeps its name before the uuid, cut off where it would be too long', () => {
  const uuid = asUuid('ASNFZ4mrze8BI0VniavN7w');
  assert.equal(asideName('a.b-c-12', uuid, 'delete'), `a.b-c-12.${HEX}-delete`);
  const long = asideName(`${'t'.repeat(249)}-12`, uuid, 'stray');
  assert.equal(long.length, 255);
  assert.deepEqual(parsePartitionDirectory(long)?.index, 12);
});
