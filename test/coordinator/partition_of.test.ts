import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partitionOf } from '../../src/coordinator/partition_of.ts';

test('keys go to the partitions that Kafka puts them in', () => {
  // Java: Utils.abs("…".hashCode()) % 50
  assert.equal(partitionOf('', 50), 0);
  assert.equal(partitionOf('a', 50), 97 % 50);
  assert.equal(partitionOf('my-group', 50), 12);
  assert.equal(partitionOf('console-consumer-12345', 50), 6);
  assert.equal(partitionOf('grüppe', 50), 12);
  // The one hash without a positive counterpart: Integer.MIN_VALUE.
  assert.equal(partitionOf('polygenelubricants', 50), 0);
});
