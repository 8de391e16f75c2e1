import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromJson, type Json, toJson } from '../../src/protocol/json.ts';
import {
  array,
  bool,
  bytes,
  float64,
  int8,
  int64,
  message,
  records,
  string,
  struct,
  uint32,
  uuid,
} from '../../src/protocol/schema.ts';

const Example = message(
  { name: 'Example', versions: '0-1', flexible: '1+' },
  {
    small: int8('0+'),
    large: int64('0+'),
    crc: uint32('0+'),
    real: float64('0+'),
    flag: bool('0+'),
    text: string('0+', { nullable: '0+' }),
    id: uuid('0+'),
    raw: bytes('0+'),
    batches: records('0+', { nullable: '0+' }),
    list: array('0+', { item: string('0+') }),
    only1: string('1+', { default: 'x', tag: 0 }),
    node: struct('1+', { id: int64('1+', { default: -1n }) }, { tag: 1 }),
  },
);

const json = {
  small: -1,
  large: 2n ** 63n - 1n,
  crc: 4294967295,
  real: -0,
  flag: true,
  text: null,
  id: 'bS2J-0vuTCq5cVdkq0Qh3A',
  raw: 'YWI=',
  batches: 'YWJj',
  list: [{ item: 'one' }],
};
const value = {
  ...json,
  raw: Buffer.from('ab'),
  batches: [Buffer.from('a'), Buffer.from('bc')],
  only1: 'x',
  node: { id: -1n },
};

test('a message as JSON has the fields of its version, tagged ones unless they are their default', () => {
  assert.deepEqual(toJson(Example, 0, { ...value, only1: 'y' }), json);
  assert.deepEqual(toJson(Example, 1, value), json);
  assert.deepEqual(toJson(Example, 1, { ...value, only1: 'y', node: { id: 0n } }), {
    ...json,
    only1: 'y',
    node: { id: 0n },
  });
});

test('JSON as a message', () => {
  const { only1: _, node: __, ...given } = value;
  assert.deepEqual(fromJson(Example, json), { ...given, batches: [Buffer.from('abc')] });
});

test('numbers that JSON has no form for', () => {
  for (const real of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const text = (toJson(Example, 0, { ...value, real }) as { real: Json }).real;
    assert.equal(text, String(real));
    assert.deepEqual(fromJson(Example, { real: text }), { real });
  }
});

for (const [what, given, problem] of [
  ['an unknown field', { other: 1 }, 'Cannot read Example: there is no field other'],
  ['a name that all objects have', { constructor: 1 }, 'Cannot read Example: there is no field constructor'],
  [
    'a number above the range',
    { small: 128 },
    'Cannot read Example.small: an integer from -128 to 127 is wanted',
  ],
  ['a fraction', { small: 0.5 }, 'Cannot read Example.small: an integer from -128 to 127 is wanted'],
  ['an int64 above its range', { large: 2n ** 63n }, 'Cannot read Example.large: an int64 is wanted'],
  ['an int64 that was rounded', { large: 2 ** 60 }, 'Cannot read Example.large: an int64 is wanted'],
  ['a negative uint32', { crc: -1 }, 'Cannot read Example.crc: an integer from 0 to 4294967295 is wanted'],
  ['text for a number', { real: '1' }, 'Cannot read Example.real: a number is wanted'],
  ['a number for a flag', { flag: 1 }, 'Cannot read Example.flag: a boolean is wanted'],
  ['a short uuid', { id: 'abc' }, 'Cannot read Example.id: a uuid in base64url is wanted'],
  ['what is not base64', { raw: 'a-_' }, 'Cannot read Example.raw: a string in base64 is wanted'],
  ['an object for an array', { list: {} }, 'Cannot read Example.list: an array is wanted'],
  [
    'a deep fault',
    { list: [{ item: 'a' }, { item: 5 }] },
    'Cannot read Example.list[1].item: a string is wanted',
  ],
  ['no object', [], 'Cannot read Example: an object is wanted'],
] as const satisfies readonly (readonly [string, Json, string])[]) {
  test(`JSON with ${what} is refused by its path`, () => {
    assert.throws(() => fromJson(Example, given), new TypeError(problem));
  });
}
