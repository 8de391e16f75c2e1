import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  metadataRecord,
} from '../../src/controller/metadata_record.ts';
import { metadataChangedBetween, metadataVersionOf } from '../../src/controller/metadata_version.ts';
import { METADATA_MESSAGES } from '../../src/messages/records.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure } from '../../src/model/failure.ts';
import { encodeMetadataRecord as encodeStored } from '../../src/protocol/stored.ts';
import { parseVersions } from '../../src/protocol/versions.ts';

const TOPIC_BYTES = Buffer.from('01020004612e62000102030405060708090a0b0c0d0e0f00', 'hex');

test('a record is a frame version, a type, a version and the message', () => {
  const record = metadataRecord('TopicRecord', 0, { name: 'a.b', topicId: 'AAECAwQFBgcICQoLDA0ODw' });
  assert.equal(encodeMetadataRecord(record).toString('hex'), TOPIC_BYTES.toString('hex'));
  assert.deepEqual(decodeMetadataRecord(TOPIC_BYTES), record);
});

test('every type of record in every version', () => {
  for (const message of METADATA_MESSAGES) {
    const { lowest, highest } = parseVersions(message.versions);
    for (let version = lowest; version <= highest; version++) {
      const bytes = encodeStored(message, version, {});
      const record = decodeMetadataRecord(bytes);
      assert.ok(!(record instanceof Failure), `${message.name} ${version}: ${String(record)}`);
      assert.equal(record.type, message.name);
      assert.equal(record.version, version);
      assert.deepEqual(encodeMetadataRecord(record), bytes);
    }
  }
});

const unreadable: readonly (readonly [string, string, number])[] = [
  ['a newer frame', '0202', Errors.UNSUPPORTED_VERSION],
  ['the frame of the preview in Kafka 2.8', '0002', Errors.UNSUPPORTED_VERSION],
  ['an unknown type', '016300', Errors.UNSUPPORTED_VERSION],
  ['a newer version', '010207', Errors.UNSUPPORTED_VERSION],
  [
    'a metadata.version of the future',
    `010c0011${hexText('metadata.version')}00ff00`,
    Errors.UNSUPPORTED_VERSION,
  ],
  ['nothing', '', Errors.INVALID_REQUEST],
  ['a record that is cut', '01020004612e', Errors.INVALID_REQUEST],
  ['bytes behind the record', `${TOPIC_BYTES.toString('hex')}00`, Errors.INVALID_REQUEST],
];

for (const [what, hex, code] of unreadable) {
  test(`can't be read: ${what}`, () => {
    const failure = decodeMetadataRecord(Buffer.from(hex, 'hex'));
    assert.ok(failure instanceof Failure);
    assert.equal(failure.code, code, failure.message);
  });
}

function hexText(text: string): string {
  return Buffer.from(text).toString('hex');
}

test('between which levels of metadata.version the metadata changed', () => {
  const table = [
    [30, 30, false],
    [29, 30, true],
    [30, 25, true],
    [29, 23, false],
    [23, 22, true],
    [33, 31, true],
  ] as const;
  for (const [from, to, changed] of table) {
    assert.equal(
      metadataChangedBetween(metadataVersionOf(from)!, metadataVersionOf(to)!),
      changed,
      `${from} ${to}`,
    );
  }
  assert.equal(metadataVersionOf(6), undefined);
  assert.equal(metadataVersionOf(34), undefined);
});
