import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { linkTo, parseHash } from '../../../../src/console/page/format/address.ts';
import { EventParser } from '../../../../src/console/page/format/event_parser.ts';
import { hexDump } from '../../../../src/console/page/format/hex_dump.ts';
import { formatMatcher, parseMatchers } from '../../../../src/console/page/format/matchers.ts';
import {
  formatByteRate,
  formatBytes,
  formatCount,
  groupDigits,
} from '../../../../src/console/page/format/numbers.ts';
import { prettyJson } from '../../../../src/console/page/format/pretty_json.ts';
import { parseHeaders, parseSettings } from '../../../../src/console/page/format/setting_lines.ts';
import {
  formatAgo,
  formatDuration,
  formatTime,
  parseTime,
} from '../../../../src/console/page/format/times.ts';

const pretty = (text: string) =>
  prettyJson(text)
    .map(token => token.text)
    .join('');

describe('JSON that is laid out', () => {
  test('has every digit that was written', () => {
    assert.equal(
      pretty('{"id":9223372036854775807,"price":19.90,"small":1E-7}'),
      '{\n  "id": 9223372036854775807,\n  "price": 19.90,\n  "small": 1E-7\n}',
    );
  });

  test('means what it meant', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        assert.deepEqual(JSON.parse(pretty(JSON.stringify(value))), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('keeps a key that comes twice, and text that was cut', () => {
    assert.equal(pretty('{"a":1,"a":2}'), '{\n  "a": 1,\n  "a": 2\n}');
    assert.equal(pretty('{"a":["x","cut of'), '{\n  "a": [\n    "x",\n    "cut of');
  });

  test('knows keys from values', () => {
    const kinds = prettyJson('{"a":"b","c":[true,-1]}').map(({ kind, text }) => `${kind} ${text}`);
    assert.deepEqual(
      kinds.filter(each => /^(key|string|number|word)/.test(each)),
      ['key "a"', 'string "b"', 'key "c"', 'word true', 'number -1'],
    );
  });

  test('takes time in proportion to its length, whatever it is', () => {
    const started = performance.now();
    for (const part of ['"', '\\', '[', '{"a":', '"\\"', '-']) prettyJson(part.repeat(50_000));
    assert.ok(performance.now() - started < 5_000, `${performance.now() - started} ms`);
  });
});

test('bytes are dumped in lines of sixteen with what of them is ASCII', () => {
  assert.equal(
    hexDump('4f647261646b20ff00'.padEnd(34, '41')),
    '000000  4f 64 72 61 64 6b 20 ff 00 41 41 41 41 41 41 41  Odradk ··AAAAAAA\n000010  41                                               A',
  );
});

test('numbers are short, and int64 keeps its digits', () => {
  assert.deepEqual([0, 900, 1024, 1_572_864, '9223372036854775807'].map(formatBytes), [
    '0 B',
    '900 B',
    '1 KiB',
    '1.5 MiB',
    '8 EiB',
  ]);
  assert.deepEqual([0.25, 12.34, 1234, 1_234_567].map(formatCount), ['0.25', '12.3', '1,234', '1.23 M']);
  assert.equal(groupDigits('9223372036854775807'), '9,223,372,036,854,775,807');
  assert.equal(groupDigits('-1234'), '-1,234');
  assert.equal(formatByteRate(null), '–');
});

test('times are written in UTC or the zone of the browser', () => {
  const noonMs = Date.parse('2026-11-30T12:00:00.123Z');
  assert.equal(formatTime(noonMs, { timeZone: 'utc' }), '2026-11-30 12:00:00 UTC');
  assert.equal(formatTime(noonMs, { timeZone: 'utc', hasMilliseconds: true }), '2026-11-30 12:00:00.123 UTC');
  assert.equal(formatTime(null, { timeZone: 'utc' }), '–');
  const local = formatTime(noonMs, { timeZone: 'local', hasMilliseconds: true });
  assert.equal(parseTime(local, 'local'), noonMs);
  assert.deepEqual([950, 61_000, 3_700_000, 200_000_000].map(formatDuration), [
    '950 ms',
    '1 min 1 s',
    '1 h 1 min',
    '2 d 7 h',
  ]);
  assert.equal(formatAgo(noonMs, noonMs + 500), 'now');
});

test('times are read as people write them', () => {
  const noonMs = Date.parse('2026-11-30T12:00:00Z');
  for (const text of [
    '2026-11-30 12:00',
    '2026-11-30T12:00:00Z',
    '2026-11-30 13:00 +01:00',
    '2026-11-30 12:00:00.000 UTC',
    `${noonMs}`,
  ]) {
    assert.equal(parseTime(text, 'utc'), noonMs, text);
  }
  for (const text of ['', 'noon', '2026-13-30', '30.11.2026', '12:00'])
    assert.equal(parseTime(text, 'utc'), undefined, text);
});

test('an address is a path and a query, whatever is in a name', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { maxLength: 3 }), fc.string(), (path, value) => {
      const { path: read, query } = parseHash(linkTo(path, { value, none: undefined }));
      assert.deepEqual(read, path);
      assert.deepEqual([...query], [['value', value]]);
    }),
  );
  assert.deepEqual(parseHash('#/topics/%E0%A4%A').path, ['topics', '%E0%A4%A']);
});

test('events come whole, however their text is cut', () => {
  const text = 'event: messages\ndata: [1,\ndata: 2]\n\n: a comment\n\ndata: x\r\n\r\n';
  for (let size = 1; size < text.length; size++) {
    const parser = new EventParser();
    const events = [];
    for (let at = 0; at < text.length; at += size) events.push(...parser.take(text.slice(at, at + size)));
    assert.deepEqual(events, [
      { event: 'messages', data: '[1,\n2]' },
      { event: 'message', data: 'x' },
    ]);
  }
});

test('matchers are those of Prometheus', () => {
  const text = 'alertname=BrokerDown\ntopic=~orders.*\nseverity!=critical\n\nbroker!~"1|2"';
  const { matchers, problem } = parseMatchers(text);
  assert.equal(problem, undefined);
  assert.deepEqual(matchers[1], { name: 'topic', value: 'orders.*', isRegex: true, isEqual: true });
  assert.deepEqual(matchers.map(formatMatcher), [
    'alertname=BrokerDown',
    'topic=~orders.*',
    'severity!=critical',
    'broker!~1|2',
  ]);
  assert.match(parseMatchers('what is this').problem!, /"what is this" is no matcher/);
});

test('settings and headers are one a line', () => {
  assert.deepEqual(parseSettings(' a=1\n\n b = x=y ').settings, { a: '1', b: 'x=y' });
  assert.match(parseSettings('nothing').problem!, /write name=value/);
  assert.deepEqual(parseHeaders('id: a:b\nid:c').headers, [
    { name: 'id', value: 'a:b' },
    { name: 'id', value: 'c' },
  ]);
  assert.match(parseHeaders('nothing').problem!, /write name: value/);
});
