import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCounter } from '../../src/broker/response_errors.ts';
import { Produce } from '../../src/messages/00_produce.ts';
import { Fetch } from '../../src/messages/01_fetch.ts';
import { ListOffsets } from '../../src/messages/02_list_offsets.ts';
import { Heartbeat } from '../../src/messages/12_heartbeat.ts';
import type { Api } from '../../src/protocol/schema.ts';

const TABLE: readonly (readonly [what: string, api: Api, response: unknown, codes: number[]])[] = [
  ['the one of a response', Heartbeat as Api, { errorCode: 27 }, [27]],
  ['one that was left out, which is none', Heartbeat as Api, {}, [0]],
  [
    'those of all partitions',
    Produce as unknown as Api,
    {
      responses: [
        { name: 'a', partitionResponses: [{ errorCode: 0 }, { errorCode: 6 }] },
        { name: 'b', partitionResponses: [{ errorCode: 6 }] },
      ],
    },
    [0, 6, 6],
  ],
  [
    'that of the whole and those of partitions',
    Fetch as unknown as Api,
    { errorCode: 0, responses: [{ topic: 'a', partitions: [{ errorCode: 1 }] }] },
    [0, 1],
  ],
  ['no partitions, no codes', ListOffsets as unknown as Api, { topics: [] }, []],
];

for (const [what, api, response, codes] of TABLE) {
  test(`finds ${what}`, () => {
    const found: number[] = [];
    errorCounter(api)(response, code => found.push(code));
    assert.deepEqual(found, codes);
  });
}
