import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** The golden vectors that the project carries: a compact set, packed. */
export const FIXTURES = fileURLToPath(new URL('../../test/fixtures/vectors/', import.meta.url));

export type FixtureName =
  | 'index.jsonl.gz'
  | 'headers.jsonl.gz'
  | 'messages.jsonl.gz'
  | 'batches.jsonl.gz'
  | 'invalid_batches.jsonl.gz';

/** The lines of a packed file. */
export function readFixture(name: FixtureName): string[] {
  return gunzipSync(fs.readFileSync(FIXTURES + name))
    .toString('utf8')
    .trimEnd()
    .split('\n');
}
