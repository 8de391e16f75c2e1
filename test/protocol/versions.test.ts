import assert from 'node:assert/strict';
import { test } from 'node:test';
import { includesVersion, parseVersions } from '../../src/protocol/versions.ts';

test('ranges of versions as Kafka writes them', () => {
  assert.deepEqual(parseVersions('3+'), { lowest: 3, highest: 32767 });
  assert.deepEqual(parseVersions('0-12'), { lowest: 0, highest: 12 });
  assert.deepEqual(parseVersions('7'), { lowest: 7, highest: 7 });
  assert.equal(includesVersion('none', 0), false);
  assert.equal(includesVersion('4-18', 18), true);
  assert.equal(includesVersion('4-18', 3), false);
});

test('a range that is none is refused', () => {
  assert.throws(() => parseVersions('5-' as never), /Cannot read "5-"/);
});
