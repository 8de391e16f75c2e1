import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import { asOffset, asProducerEpoch, asProducerId } from '../../src/model/ids.ts';
import {
  buildControlBatch,
  type ControlRecordInput,
  readControlRecord,
} from '../../src/records/control_records.ts';
import { readRecords } from '../../src/records/read_records.ts';

const UUID = 'AAECAwQFBgcICQoLDA0ODw';
const RECORDS: readonly ControlRecordInput[] = [
  { type: 'COMMIT', coordinatorEpoch: 25 },
  { type: 'ABORT', coordinatorEpoch: 0 },
  { type: 'SNAPSHOT_HEADER', value: { version: 0, lastContainedLogTimestamp: 1_700_000_000_000n } },
  { type: 'SNAPSHOT_FOOTER', value: { version: 0 } },
  { type: 'KRAFT_VERSION', value: { version: 0, kRaftVersion: 1 } },
  {
    type: 'KRAFT_VOTERS',
    value: {
      version: 0,
      voters: [
        {
          voterId: 3,
          voterDirectoryId: UUID,
          endpoints: [{ name: 'CONTROLLER', host: 'localhost', port: 65535 }],
          kRaftVersionFeature: { minSupportedVersion: 0, maxSupportedVersion: 1 },
        },
      ],
    },
  },
];

describe('control records', () => {
  for (const record of RECORDS) {
    test(`${record.type} reads back`, () => {
      const batch = buildControlBatch([record], {
        timestamp: 5n,
        baseOffset: asOffset(9n),
        producerId: asProducerId(4n),
        producerEpoch: asProducerEpoch(2),
        isTransactional: true,
      });
      assert.equal(batch.isControl, true);
      assert.equal(batch.isTransactional, true);
      assert.equal(batch.isCrcValid(), true);
      const records = readRecords(batch, 1000);
      assert.ok(!failed(records));
      assert.equal(records[0]!.timestamp, 5n);
      assert.deepEqual(readControlRecord(records[0]!), record);
    });
  }

  test('a leader change carries no directory ids: its version 0 has none', () => {
    const voters = [{ voterId: 1, voterDirectoryId: 'AAAAAAAAAAAAAAAAAAAAAA' }];
    const value = { version: 1, leaderId: 1, voters, grantingVoters: voters };
    const batch = buildControlBatch([{ type: 'LEADER_CHANGE', value }], { timestamp: 5n });
    const records = readRecords(batch, 1000);
    assert.ok(!failed(records));
    assert.deepEqual(readControlRecord(records[0]!), { type: 'LEADER_CHANGE', value });
  });

  test('a batch may hold several', () => {
    const batch = buildControlBatch(RECORDS.slice(2), { timestamp: 5n });
    const records = readRecords(batch, 1000);
    assert.ok(!failed(records));
    assert.deepEqual(records.map(readControlRecord), RECORDS.slice(2));
  });

  const value = Buffer.from('000000000019', 'hex');
  const bad: readonly [string, Buffer | null, Buffer | null, RegExp][] = [
    ['no key', null, value, /has no bytes/],
    ['a key that is cut off', Buffer.from('000000', 'hex'), value, /ControlRecordTypeSchema/],
    ['a negative version of the key', Buffer.from('ffff0001', 'hex'), value, /version -1/],
    ['a marker without a value', Buffer.from('00000001', 'hex'), null, /has no bytes/],
    ['a marker that is cut off', Buffer.from('00000001', 'hex'), value.subarray(0, 5), /EndTxnMarker/],
    [
      'a negative version of a marker',
      Buffer.from('00000001', 'hex'),
      Buffer.from('ffff00000001', 'hex'),
      /version -1/,
    ],
    ['voters that are cut off', Buffer.from('00000006', 'hex'), Buffer.from('000002', 'hex'), /VotersRecord/],
  ];
  for (const [what, key, bytes, text] of bad) {
    test(`${what} is an invalid record`, () => {
      const result = readControlRecord({ key, value: bytes });
      assert.ok(result instanceof Failure);
      assert.equal(result.code, Errors.INVALID_RECORD);
      assert.match(result.message, text);
    });
  }

  test('later versions, longer values and unknown types are taken', () => {
    const key = Buffer.from('00070001ffff', 'hex');
    const longer = Buffer.from('000900000019abcd', 'hex');
    assert.deepEqual(readControlRecord({ key, value: longer }), { type: 'COMMIT', coordinatorEpoch: 25 });
    assert.deepEqual(readControlRecord({ key: Buffer.from('00000063', 'hex'), value: null }), {
      type: 'UNKNOWN',
      typeId: 99,
    });
    assert.deepEqual(readControlRecord({ key: Buffer.from('0000ffff', 'hex'), value: null }), {
      type: 'UNKNOWN',
      typeId: -1,
    });
  });
});
