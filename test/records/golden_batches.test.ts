import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkBatchLine } from '../../scripts/vectors/batch_line.ts';
import { readFixture } from '../../scripts/vectors/fixtures.ts';
import { checkInvalidLine } from '../../scripts/vectors/invalid_line.ts';

test('batches as Kafka writes them are read, and built again to the byte', () => {
  const lines = readFixture('batches.jsonl.gz');
  assert.ok(lines.length > 90);
  for (const line of lines) assert.equal(checkBatchLine(line), undefined);
});

test('broken batches are taken and refused as by Kafka', () => {
  const lines = readFixture('invalid_batches.jsonl.gz');
  assert.ok(lines.length > 100);
  for (const line of lines) assert.equal(checkInvalidLine(line), undefined);
});

test('a line that is not right is told', () => {
  const line = readFixture('batches.jsonl.gz')[0]!;
  assert.match(checkBatchLine(line.replace('"isControl":false', '"isControl":true'))!, /isControl is false/);
  assert.match(checkBatchLine(line.replace(/"hex":"../, '"hex":"ff'))!, /baseOffset is -/);
  const invalid = readFixture('invalid_batches.jsonl.gz').find(each => each.includes('"bad-crc-field"'))!;
  assert.match(checkInvalidLine(invalid.replace('"errorCode":2', '"errorCode":3'))!, /refused with 2, not 3/);
});
