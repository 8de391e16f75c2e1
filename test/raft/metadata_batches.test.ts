import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { metadataBatches } from '../../src/raft/metadata_batches.ts';
import { batchOf, ok, refused } from '../support/log_world.ts';

test('of a damaged metadata log it is told what to do', () => {
  const bytes = Buffer.concat([batchOf('a'), batchOf('b')]);
  bytes[bytes.length - 1]! ^= 1;
  const failure = refused(metadataBatches([bytes]));
  assert.equal(failure.code, Errors.CORRUPT_MESSAGE);
  assert.match(
    failure.message,
    /^The metadata log is damaged\. .* fails its checksum.*__cluster_metadata-0 away/,
  );
  assert.equal(ok(metadataBatches([Buffer.concat([batchOf('a'), batchOf('b')])])).length, 2);
});
