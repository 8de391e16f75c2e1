import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { firstDifference } from '../../scripts/vectors/compare.ts';
import { MESSAGE_BY_NAME } from '../../scripts/vectors/declarations.ts';
import { parseExactJson } from '../../scripts/vectors/exact_json.ts';
import {
  type ApiFacts,
  checkApiFacts,
  checkIndexEntry,
  type IndexEntry,
} from '../../scripts/vectors/facts.ts';
import { readFixture } from '../../scripts/vectors/fixtures.ts';
import { checkFolder, NotVectors } from '../../scripts/vectors/folder.ts';
import { checkMessageLine } from '../../scripts/vectors/message_line.ts';
import { APIS } from '../../src/messages/apis.ts';
import type { Message } from '../../src/protocol/schema.ts';
import { parseVersions } from '../../src/protocol/versions.ts';

const index = readFixture('index.jsonl.gz').map((line): IndexEntry => JSON.parse(line));
const lines = readFixture('messages.jsonl.gz');

test('declarations have the keys, versions and listeners of Kafka 4.4', () => {
  for (const entry of index) {
    assert.equal(checkIndexEntry(MESSAGE_BY_NAME.get(entry.name), entry), undefined, entry.name);
  }
  const known = new Set(index.map(entry => entry.name));
  assert.deepEqual(
    [...MESSAGE_BY_NAME.keys()].filter(name => !known.has(name)),
    [],
  );
});

test('every API and version has the header versions of Kafka 4.4', () => {
  const facts = readFixture('headers.jsonl.gz').map((line): ApiFacts => JSON.parse(line));
  for (const each of facts) assert.equal(checkApiFacts(each), undefined, each.name);
  const keys = facts.filter(each => each.versions.length > 0).map(each => each.apiKey);
  assert.deepEqual(
    APIS.map(api => api.key),
    keys,
  );
});

test('every message and version has golden bytes, and all are right', () => {
  const prefixes = new Map(index.map(entry => [entry.name, entry.prefix]));
  const seen = new Set<string>();
  for (const line of lines) {
    const { name, version } = JSON.parse(line);
    seen.add(`${name} ${version}`);
    assert.equal(checkMessageLine(MESSAGE_BY_NAME.get(name)!, prefixes.get(name), line), undefined, name);
  }
  for (const [name, message] of MESSAGE_BY_NAME) {
    const { lowest, highest } = parseVersions(message.versions);
    for (let version = lowest; version <= highest; version++) assert(seen.has(`${name} ${version}`), name);
  }
});

const everyVector = fileURLToPath(new URL('../../../shared/kafka/vectors', import.meta.url));

test('every vector that lies next to the checkout', { skip: skipWithout(everyVector) }, () => {
  const problems: string[] = [];
  let checks = 0;
  checkFolder(everyVector, {
    checked(place, problem) {
      checks++;
      if (problem !== undefined) problems.push(`${place}: ${problem}`);
    },
    absent: file => problems.push(`${file} is not there`),
  });
  assert.deepEqual(problems, []);
  assert(checks > lines.length);
});

function skipWithout(folder: string): string | false {
  return fs.existsSync(folder) ? false : 'no folder of vectors next to the checkout';
}

test('a folder that is none of vectors', () => {
  const reporter = { checked: () => assert.fail(), absent: () => assert.fail() };
  assert.throws(() => checkFolder('no/such/folder', reporter), NotVectors);
  assert.throws(() => checkFolder('test', reporter), NotVectors);
});

function message(name: string): Message {
  return MESSAGE_BY_NAME.get(name)!;
}

const abortedTxn = {
  json: '{"producerId":9007199254740993,"firstOffset":-1,"lastOffset":0,"lastStableOffset":7}',
  hex: '0020000000000001ffffffffffffffff00000000000000000000000000000007',
};

test('a line that agrees', () => {
  const { json, hex } = abortedTxn;
  const line = `{"version":0,"json":${json},"prefix":"0000","hex":"${hex}"}`;
  assert.equal(checkMessageLine(message('AbortedTxn'), 'int16 version', line), undefined);
});

for (const [what, text, problem] of [
  ['no JSON', '{"version":', /^the line is no JSON: /],
  ['no object', '[]', /^the line has no version/],
  ['null', 'null', /^the line is no JSON object/],
  ['no version', '{"json":{},"hex":""}', /^the line has no version/],
  ['a version that is no integer', '{"version":0.5,"json":{},"hex":""}', /^the line has no version/],
  ['a version that we lack', '{"version":1,"json":{},"hex":""}', /^version 1: we have the versions 0$/],
  ['no json', '{"version":0,"hex":""}', /no json$/],
  ['half a byte', '{"version":0,"json":{},"hex":"abc"}', /no hex of whole bytes$/],
  ['no hex', '{"version":0,"json":{},"hex":12}', /no hex of whole bytes$/],
  [
    'another prefix',
    abortedLine({ prefix: '"0001"' }),
    /^version 0: in its stored form: Cannot decode AbortedTxn version 1/,
  ],
  ['a prefix that is no hex', abortedLine({ prefix: '"0"' }), /the prefix is no hex/],
  ['too few bytes', abortedLine({ hex: abortedTxn.hex.slice(2) }), /8 bytes wanted at 24 where 7 remain$/],
  ['too many bytes', abortedLine({ hex: `${abortedTxn.hex}00` }), /1 bytes are left over$/],
  [
    'other bytes',
    abortedLine({ hex: abortedTxn.hex.replace('20', '21') }),
    /decoded: producerId is 9288674231451649, not 9007/,
  ],
  [
    'an int64 beside',
    abortedLine({ from: '993', to: '992' }),
    /producerId is 9007199254740993, not 9007199254740992$/,
  ],
  [
    'a field less',
    abortedLine({ from: ',"lastStableOffset":7', to: '' }),
    /decoded: lastStableOffset should not be there$/,
  ],
  [
    'a field more',
    abortedLine({ from: '"firstOffset"', to: '"first":1,"firstOffset"' }),
    /decoded: first is missing$/,
  ],
  [
    'a field of another type',
    abortedLine({ from: '-1', to: '"-1"' }),
    /decoded: firstOffset is -1, not "-1"$/,
  ],
  ['a list', abortedLine({ from: '-1', to: '[-1]' }), /decoded: firstOffset is -1, not \[-1\]$/],
] as const) {
  test(`a line is reported, not thrown at, that has ${what}`, () => {
    const found = checkMessageLine(message('AbortedTxn'), 'int16 version', text);
    assert.match(found ?? 'nothing', problem);
  });
}

function abortedLine({ hex = abortedTxn.hex, from = '', to = '', prefix = '"0000"' }): string {
  return `{"version":0,"json":${abortedTxn.json.replace(from, to)},"prefix":${prefix},"hex":"${hex}"}`;
}

test('numbers are compared to their last digit and sign', () => {
  const entity = '{"entityType":"","entityName":null}';
  const record = (value: string) =>
    `{"version":0,"json":{"entity":[${entity}],"key":"","value":${value},"remove":false},"hex":"020100000180000000000000000000"}`;
  assert.equal(checkMessageLine(message('ClientQuotaRecord'), undefined, record('-0.0')), undefined);
  assert.match(
    checkMessageLine(message('ClientQuotaRecord'), undefined, record('0.0'))!,
    /value is -0, not 0$/,
  );
});

test('JSON keeps the digits of integers, and only of them', () => {
  const text =
    '{"a":[9223372036854775807,-9223372036854775808,1],"1234567890123456789":"12345678901234567\\"8"}';
  assert.deepEqual(parseExactJson(text), {
    a: [2n ** 63n - 1n, -(2n ** 63n), 1],
    '1234567890123456789': '12345678901234567"8',
  });
  for (const text of ['0.12345678901234567', '1234567890123456789e3', '-12345678901234567.5']) {
    assert.equal(parseExactJson(text), Number(text));
  }
  assert.throws(() => parseExactJson('{"a":12345678901234567'), SyntaxError);
});

test('differences are found wherever they are', () => {
  assert.equal(firstDifference({ a: [1, { b: null }] }, { a: [1, { b: null }] }), undefined);
  assert.equal(firstDifference([1], [1, 2]), 'the value has 2 elements, not 1');
  assert.equal(firstDifference({ a: {} }, { a: [] }), 'a is [], not {}');
  assert.equal(firstDifference({ a: 5n }, { a: 5 }), undefined);
  assert.equal(firstDifference({ a: { b: 2 } }, { a: { b: 3 } }), 'a.b is 3, not 2');
});
