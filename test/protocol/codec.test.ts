import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Failure, failed } from '../../src/model/failure.ts';
import { decode, encode, encodeToBuffer } from '../../src/protocol/codec.ts';
import { UnsupportedField } from '../../src/protocol/compile_encoder.ts';
import {
  array,
  bool,
  bytes,
  float64,
  int8,
  int16,
  int32,
  int64,
  type Message,
  type MessageInput,
  type MessageOf,
  message,
  records,
  string,
  struct,
  uint16,
  uint32,
  uuid,
} from '../../src/protocol/schema.ts';

function hexOf<M extends Message>(declaration: M, version: number, value: MessageInput<M>): string {
  return encodeToBuffer(declaration, version, value).toString('hex');
}

function decodeHex<M extends Message>(declaration: M, version: number, hex: string): MessageOf<M> {
  const value = decode(declaration, version, Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  assert(!failed(value), String(value));
  return value;
}

function failureOf(declaration: Message, version: number, hex: string): string {
  const value = decode(declaration, version, Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  assert(value instanceof Failure);
  return value.message;
}

const ID = 'bS2J-0vuTCq5cVdkq0Qh3A';
const ZERO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';

const Primitives = message(
  { name: 'Primitives', versions: '0-1', flexible: '1+' },
  {
    yes: bool('0+'),
    tiny: int8('0+'),
    small: int16('0+'),
    port: uint16('0+'),
    medium: int32('0+'),
    crc: uint32('0+'),
    large: int64('0+'),
    real: float64('0+'),
    text: string('0+'),
    raw: bytes('0+'),
    id: uuid('0+'),
  },
);

const uuids = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map(id => Buffer.from(id).toString('base64url'));

const primitives = fc.record(
  {
    yes: fc.boolean(),
    tiny: fc.integer({ min: -0x80, max: 0x7f }),
    small: fc.integer({ min: -0x8000, max: 0x7fff }),
    port: fc.integer({ min: 0, max: 0xffff }),
    medium: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
    crc: fc.integer({ min: 0, max: 0xffffffff }),
    large: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    real: fc.double(),
    text: fc.string({ unit: 'grapheme', maxLength: 300 }),
    raw: fc.uint8Array({ maxLength: 300 }).map(each => Buffer.from(each)),
    id: fc.oneof(uuids, fc.constant(ZERO_ID)),
  },
  { noNullPrototype: true },
);

test('every primitive value comes back as it was, in the old and the flexible encoding', () => {
  fc.assert(
    fc.property(primitives, fc.constantFrom(0, 1), (value, version) => {
      const encoded = encodeToBuffer(Primitives, version, value);
      assert.deepEqual(decode(Primitives, version, encoded), value);
    }),
  );
});

test('the bytes of primitives', () => {
  const value = {
    yes: true,
    tiny: -2,
    small: -3,
    port: 0xfffe,
    medium: -4,
    crc: 0xfffffffe,
    large: -5n,
    real: 1.5,
    text: 'né',
    raw: Buffer.from('ab'),
    id: ID,
  };
  const fixed = '01 fe fffd fffe fffffffc fffffffe fffffffffffffffb 3ff8000000000000'.replaceAll(' ', '');
  const id = '6d2d89fb4bee4c2ab9715764ab4421dc';
  assert.equal(hexOf(Primitives, 0, value), `${fixed}00036ec3a9000000026162${id}`);
  assert.equal(hexOf(Primitives, 1, value), `${fixed}046ec3a9036162${id}00`);
});

test('a string with half a character is written as U+FFFD', () => {
  const Text = message({ name: 'Text', versions: '0', flexible: 'none' }, { text: string('0+') });
  assert.equal(hexOf(Text, 0, { text: 'a\ud800' }), '000461efbfbd');
  assert.equal(decodeHex(Text, 0, '0002 61ff').text, 'a\ufffd');
});

test('lengths of all sizes', () => {
  const Text = message({ name: 'Text', versions: '0-1', flexible: '1+' }, { text: string('0+') });
  for (const length of [0, 1, 126, 127, 128, 16382, 16383, 16384, 32767]) {
    const text = 'x'.repeat(length);
    for (const version of [0, 1]) {
      assert.deepEqual(decode(Text, version, encodeToBuffer(Text, version, { text })), { text });
    }
  }
  for (const version of [0, 1]) {
    assert.throws(() => encodeToBuffer(Text, version, { text: 'x'.repeat(32768) }), RangeError);
  }
  assert.match(failureOf(Text, 1, `818002 ${'78'.repeat(32768)}`), /a string of 32768 bytes at 3$/);
});

test('what is no uuid is not written', () => {
  const Id = message({ name: 'Id', versions: '0', flexible: 'none' }, { id: uuid('0+') });
  for (const id of ['', ID.slice(1), `${ID}A`, `${ID.slice(1)}=`, `${ID.slice(1)}+`, `${ID.slice(1)}é`]) {
    assert.throws(() => encodeToBuffer(Id, 0, { id }), /is no uuid$/);
  }
});

const Versions = message(
  { name: 'Versions', versions: '0-3', flexible: '2+' },
  {
    always: int32('0+'),
    since1: string('1+', { nullable: '2+', default: 'none' }),
    until1: int64('0-1', { default: -1n, ignorable: true }),
    since3: array('3+', 'int16'),
    ids: array('3+', 'uuid', { nullable: '3+', default: null, ignorable: true }),
    flag: bool('3+', { default: true }),
    leader: struct('3+', { id: int32('3+', { default: -1 }), name: string('3+') }),
  },
);
const ABSENT_LEADER = { id: -1, name: '' };

test('fields that a version lacks have their defaults when it is decoded', () => {
  assert.deepEqual(decodeHex(Versions, 0, '00000007 0000000000000009'), {
    always: 7,
    since1: 'none',
    until1: 9n,
    since3: [],
    ids: null,
    flag: true,
    leader: ABSENT_LEADER,
  });
  assert.deepEqual(decodeHex(Versions, 3, '00000007 00 02 0005 00 00 0000000a 02 78 00 00'), {
    always: 7,
    since1: null,
    until1: -1n,
    since3: [5],
    ids: null,
    flag: false,
    leader: { id: 10, name: 'x' },
  });
});

test('defaults are made anew for each value', () => {
  const [one, two] = [0, 0].map(() => decodeHex(Versions, 0, '00000007 0000000000000009'));
  assert.notEqual(one!.leader, two!.leader);
  assert.notEqual(one!.since3, two!.since3);
});

const BASE = { always: 7, leader: {}, since3: [] };

test('what is left out is encoded as its default', () => {
  const leader = { name: 'x' };
  assert.equal(
    hexOf(Versions, 3, { always: 7, since3: [], leader }),
    '00000007 056e6f6e65 01 00 01 ffffffff 0278 00 00'.replaceAll(' ', ''),
  );
});

for (const [what, version, value, field] of [
  ['a value', 0, { since1: 'x' }, 'since1'],
  ['null', 0, { since1: null }, 'since1'],
  ['elements', 2, { since3: [1] }, 'since3'],
  ['a flag', 2, { flag: false }, 'flag'],
  ['a struct', 2, { leader: { id: 1, name: '' } }, 'leader'],
] as const) {
  test(`${what} for a field that the version lacks is refused`, () => {
    const input = { ...BASE, leader: { name: '' }, ...value };
    assert.throws(
      () => encodeToBuffer(Versions, version, input),
      (error: Error) => {
        assert(error instanceof UnsupportedField);
        assert.equal(error.message, `Cannot encode Versions version ${version}: it has no field ${field}`);
        return true;
      },
    );
  });
}

test('a default, or a value that may be ignored, for a field that the version lacks is left out', () => {
  const leader = { id: -1, name: '' };
  const value = { always: 7, since1: 'none', since3: [], ids: [ID], flag: true, leader };
  assert.equal(hexOf(Versions, 0, value), '00000007ffffffffffffffff');
  assert.equal(hexOf(Versions, 2, { ...value, until1: 9n }), '00000007056e6f6e6500');
});

test('null only where the version allows it', () => {
  const input = { ...BASE, leader: { name: '' }, since1: null };
  assert.equal(hexOf(Versions, 2, input), '000000070000');
  assert.throws(() => encodeToBuffer(Versions, 1, input), /version 1: since1 must not be null$/);
  const refused = /since1 is null, which this version does not allow$/;
  assert.match(failureOf(Versions, 1, '00000007 ffff 0000000000000009'), refused);
  assert.match(failureOf(Versions, 3, '00000007 056e6f6e65 00 00 01 ffffffff 01 00 00'), /since3 is null/);
});

const Tagged = message(
  { name: 'Tagged', versions: '0-2', flexible: '0+' },
  {
    name: string('0+', { default: 'me', tag: 3 }),
    count: int64('0+', { default: -1n, tag: 0 }),
    plainThenTagged: int32('0+', { default: 5, tag: 2, tagged: '1+' }),
    node: struct('0+', { id: int32('0+'), host: string('0+', { default: 'here' }) }, { tag: 1 }),
    maybe: struct('2+', { id: int32('0+') }, { tag: 4, nullable: '2+', default: null }),
    list: array('2+', 'string', { tag: 200, nullable: '2+' }),
  },
);
const NO_TAGS = {
  name: 'me',
  count: -1n,
  plainThenTagged: 5,
  node: { id: 0, host: 'here' },
  maybe: null,
  list: [],
};

test('tagged fields with their defaults are not on the wire', () => {
  assert.equal(hexOf(Tagged, 2, {}), '00');
  assert.equal(hexOf(Tagged, 2, NO_TAGS), '00');
  assert.deepEqual(decodeHex(Tagged, 2, '00'), NO_TAGS);
});

test('tagged fields are written in the order of their tags', () => {
  const value = {
    name: 'x',
    count: 1n,
    plainThenTagged: 6,
    node: { id: 7, host: 'here' },
    maybe: { id: 8 },
    list: ['a', ''],
  };
  const hex = [
    '06',
    '00 08 0000000000000001',
    '01 0a 00000007 0568657265 00',
    '02 04 00000006',
    '03 02 0278',
    '04 06 01 00000008 00',
    'c801 04 03 0261 01',
  ].join('');
  assert.equal(hexOf(Tagged, 2, value), hex.replaceAll(' ', ''));
  assert.deepEqual(decodeHex(Tagged, 2, hex), value);
});

test('a tagged struct that may be null is 0 when it is null and not by default', () => {
  const Strange = message(
    { name: 'Strange', versions: '0', flexible: '0+' },
    { maybe: struct('0+', { id: int32('0+') }, { tag: 0, nullable: '0+' }) },
  );
  assert.equal(hexOf(Strange, 0, { maybe: null }), '01000100');
  assert.deepEqual(decodeHex(Strange, 0, '01000100'), { maybe: null });
  assert.equal(hexOf(Strange, 0, {}), '00');
  assert.deepEqual(decodeHex(Strange, 0, '00'), { maybe: { id: 0 } });
});

test('a field that is tagged from a version on is plain before', () => {
  assert.equal(hexOf(Tagged, 0, {}), '0000000500');
  assert.equal(decodeHex(Tagged, 0, '0000000900').plainThenTagged, 9);
});

test('tagged fields that are not known are skipped', () => {
  assert.deepEqual(decodeHex(Tagged, 2, '03 05 00 02 04 0000000a ff7f 03 616263'), {
    ...NO_TAGS,
    plainThenTagged: 10,
  });
});

test('a tagged field that comes twice has its last value', () => {
  assert.equal(decodeHex(Tagged, 2, '02 03 02 0261 03 02 0262').name, 'b');
});

test('a tagged field is as long as it says', () => {
  assert.match(
    failureOf(Tagged, 2, '01 02 05 00000006 00'),
    /tagged field 2 of 5 bytes ends at 7 instead of 8$/,
  );
  assert.match(
    failureOf(Tagged, 2, '01 02 03 00000006'),
    /tagged field 2 of 3 bytes ends at 7 instead of 6$/,
  );
  assert.match(failureOf(Tagged, 2, '01 63 05 0000'), /5 bytes wanted at 3 where 2 remain$/);
  assert.match(failureOf(Tagged, 2, '9150'), /10257 tagged fields at 2 where 0 bytes remain$/);
});

const Arrays = message(
  { name: 'Arrays', versions: '0-1', flexible: '1+' },
  {
    numbers: array('0+', 'int64'),
    texts: array('0+', 'string'),
    ids: array('0+', 'uuid', { nullable: '0+' }),
    blobs: array('0+', 'bytes'),
    nested: array('0+', { index: int16('0+'), inner: array('0+', { flag: bool('0+') }) }),
    maybe: struct('0+', { id: int8('0+') }, { nullable: '0+' }),
  },
);

test('arrays of everything', () => {
  const value = {
    numbers: [1n, -1n],
    texts: ['', 'né'],
    ids: [ZERO_ID, ID],
    blobs: [Buffer.from('a'), Buffer.alloc(0)],
    nested: [
      { index: 1, inner: [{ flag: true }, { flag: false }] },
      { index: 2, inner: [] },
    ],
    maybe: { id: 3 },
  };
  for (const version of [0, 1]) {
    assert.deepEqual(decode(Arrays, version, encodeToBuffer(Arrays, version, value)), value);
    const empty = { numbers: [], texts: [], ids: null, blobs: [], nested: [], maybe: null };
    assert.deepEqual(decode(Arrays, version, encodeToBuffer(Arrays, version, empty)), empty);
  }
  assert.equal(
    hexOf(Arrays, 1, { ...value, numbers: [], texts: ['a'], ids: null, blobs: [] }),
    '01 020261 00 01 03 0001 03 0100 0000 00 0002 01 00 01 03 00 00'.replaceAll(' ', ''),
  );
});

test('an array that the bytes can not hold is refused before it is made', () => {
  assert.match(
    failureOf(Arrays, 0, '7fffffff 00000000'),
    /an array of 2147483647 elements at 4 where 4 bytes/,
  );
  assert.match(
    failureOf(Arrays, 0, '00000002 00000000 00000001'),
    /an array of 2 elements at 4 where 8 bytes/,
  );
  assert.match(failureOf(Arrays, 1, 'ffffffff0f 00'), /an array of 4294967294 elements at 5 where 1 bytes/);
  assert.match(failureOf(Arrays, 1, 'ffffffffff00'), /a varint of more than 5 bytes at 5$/);
});

const Payload = message(
  { name: 'Payload', versions: '0-1', flexible: '1+' },
  { before: int8('0+'), batches: records('0+', { nullable: '0+' }), after: int8('0+') },
);

test('payloads pass by reference, chunk after chunk', () => {
  const chunks = [Buffer.from('one'), Buffer.alloc(0), Buffer.from('three')];
  const encoded = encode(Payload, 0, { before: 1, batches: chunks, after: 2 });
  assert.deepEqual(
    encoded.chunks.map(chunk => chunk.toString('hex')),
    ['0100000008', Buffer.from('one').toString('hex'), Buffer.from('three').toString('hex'), '02'],
  );
  assert.equal(encoded.chunks[1], chunks[0]);
  assert.equal(encoded.chunks[2], chunks[2]);
  assert.equal(encoded.sizeBytes, 14);
  assert.equal(hexOf(Payload, 1, { before: 1, batches: chunks, after: 2 }), '01096f6e6574687265650200');
});

test('a payload is decoded as a view of its frame; none, and an empty one, are told apart', () => {
  const frame = Buffer.from('010000000461626364 02'.replaceAll(' ', ''), 'hex');
  const value = decode(Payload, 0, frame);
  assert(!failed(value));
  assert.equal(value.batches?.length, 1);
  assert.equal(value.batches[0]?.buffer, frame.buffer);
  assert.equal(value.batches[0].toString(), 'abcd');
  for (const version of [0, 1]) {
    for (const batches of [null, [Buffer.alloc(0)]]) {
      const again = decode(
        Payload,
        version,
        encodeToBuffer(Payload, version, { before: 1, batches, after: 2 }),
      );
      assert.deepEqual(again, { before: 1, batches, after: 2 });
    }
  }
  assert.equal(hexOf(Payload, 0, { before: 1, batches: [], after: 2 }), '010000000002');
});

test('bytes that are left over are told', () => {
  assert.match(
    failureOf(Payload, 0, '01 ffffffff 02 0000'),
    /^Cannot decode Payload version 0: 2 bytes are left over$/,
  );
});

test('a version that the declaration lacks is our own error', () => {
  assert.throws(() => decode(Payload, 2, Buffer.alloc(0)), /Payload has no version 2: it has 0-1/);
  assert.throws(() => encodeToBuffer(Payload, -1, { before: 1, batches: null, after: 2 }), /no version -1/);
});
