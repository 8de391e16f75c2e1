import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Misuse } from '../../src/cli/exit_codes.ts';
import { parseFilter } from '../../src/cli/records/record_filter.ts';
import { parseDelimiter, parseRecordFormat } from '../../src/cli/records/record_format.ts';
import { splitStream } from '../../src/cli/records/record_input.ts';
import type { ConsumedRecord } from '../../src/client/consumer/consumer.ts';
import { asLeaderEpoch, asOffset, asPartitionIndex } from '../../src/model/ids.ts';

const RECORD: ConsumedRecord = {
  topic: 'events',
  partition: asPartitionIndex(3),
  offset: asOffset(9_007_199_254_740_993n),
  leaderEpoch: asLeaderEpoch(5),
  timestamp: 1_700_000_000_000n,
  sequence: -1,
  key: Buffer.from('k'),
  value: Buffer.from('{"a":{"b":7},"t":"x"}'),
  headers: [
    { key: 'h', value: Buffer.from('1') },
    { key: 'n', value: null },
  ],
};
const TOMBSTONE: ConsumedRecord = { ...RECORD, value: null, key: null, headers: [] };
const BINARY: ConsumedRecord = { ...RECORD, value: Buffer.from([0xff, 0x00]) };

function format(text: string, record = RECORD): string {
  const parsed = parseRecordFormat(text);
  assert.ok(!(parsed instanceof Misuse), String(parsed));
  return Buffer.from(parsed.format(record, 42)).toString('latin1');
}

test('formats', () => {
  const cases: readonly [string, string, ConsumedRecord?][] = [
    ['%t-%p@%o', 'events-3@9007199254740993'],
    ['%e %i %K %V %S %H', '5 42 1 21 21 2'],
    ['%d %T', '1700000000000 1700000000000'],
    ['%d{iso}', '2023-11-14T22:13:20.000Z'],
    ['%k=%v', 'k={"a":{"b":7},"t":"x"}'],
    ['%k=%s|%K|%V', '=|-1|-1', TOMBSTONE],
    ['%v{json}', 'null', TOMBSTONE],
    ['%v', '\xff\0', BINARY],
    ['%v{hex} %v{base64}', 'ff00 /wA=', BINARY],
    ['%k{json}', '"k"'],
    ['%h', 'h=1,n='],
    ['%h{[%k:%v{hex}]}', '[h:31][n:]'],
    ['%h{%k\\}}', 'h}n}'],
    ['%%\\t\\x41\\\\\\n', '%\tA\\\n'],
    ['', ''],
  ];
  for (const [text, expected, record] of cases) assert.equal(format(text, record), expected, text);
  assert.equal(JSON.parse(format('%j', { ...RECORD, offset: asOffset(7n) })).value, '{"a":{"b":7},"t":"x"}');
  for (const text of [
    '%q',
    '%',
    '%v{nope}',
    '%v{hex',
    '\\q',
    '%t{hex}',
    '%d{x}',
    '%h{%t}',
    '\\xzz',
    '%h{%k{x}}',
  ]) {
    assert.ok(parseRecordFormat(text) instanceof Misuse, text);
  }
});

test('filters', () => {
  const cases: readonly [string, boolean][] = [
    ['key=k', true],
    ['key!=k', false],
    ['value~"t":"[xy]"', true],
    ['value!~zzz', true],
    ['value.a.b=7', true],
    ['value.a.b>6', true],
    ['value.a.b<=6.5', false],
    ['value.a={"b":7}', true],
    ['value.missing=', true],
    ['value.missing>0', false],
    ['header.h=1', true],
    ['header.none=', true],
    ['partition=3', true],
    ['topic~^ev', true],
    ['offset>=9007199254740992', true],
  ];
  for (const [text, expected] of cases) {
    const filter = parseFilter(text);
    assert.ok(!(filter instanceof Misuse), text);
    assert.equal(filter(RECORD), expected, text);
  }
  for (const text of ['', 'key', '=x', 'nope=1', 'value~(', 'offset>x', 'offset>']) {
    assert.ok(parseFilter(text) instanceof Misuse, text);
  }
  const onKey = parseFilter('key=');
  assert.ok(!(onKey instanceof Misuse) && onKey(TOMBSTONE));
});

test('an input is split at its delimiter, wherever the chunks end', async () => {
  const content = 'one--two-three--\nfour----five--';
  const delimiter = parseDelimiter('--');
  assert.ok(Buffer.isBuffer(delimiter));
  for (let size = 1; size <= content.length; size++) {
    const chunks = async function* () {
      for (let at = 0; at < content.length; at += size) yield Buffer.from(content.slice(at, at + size));
    };
    const pieces: string[] = [];
    for await (const piece of splitStream(chunks(), delimiter)) pieces.push((piece as Buffer).toString());
    assert.deepEqual(pieces, ['one', 'two-three', '\nfour', '', 'five'], `chunks of ${size}`);
  }
  assert.deepEqual(parseDelimiter('\\0%'), Buffer.from('\0%'));
});
