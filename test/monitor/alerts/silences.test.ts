import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed } from '../../../src/model/failure.ts';
import { type Matcher, matchesAll } from '../../../src/monitor/alerts/matchers.ts';
import { parseSilence } from '../../../src/monitor/alerts/silences.ts';
import { decodeSilences, encodeSilence } from '../../../src/monitor/alerts/stored_state.ts';

const NOW_MS = Date.parse('2026-11-30T12:00:00Z');
const good = {
  matchers: [{ name: 'alertname', value: 'BrokerDown' }],
  endsAt: '2026-11-30T14:00:00Z',
  comment: 'maintenance',
  createdBy: 'me',
};

test('a silence is read in the form of Alertmanager', () => {
  assert.deepEqual(parseSilence(good, NOW_MS), {
    matchers: [{ name: 'alertname', value: 'BrokerDown', isRegex: false, isEqual: true }],
    startsMs: NOW_MS,
    endsMs: NOW_MS + 7_200_000,
    createdBy: 'me',
    comment: 'maintenance',
  });
});

const BAD: readonly (readonly [what: string, body: unknown, text: RegExp])[] = [
  ['nothing', undefined, /it must be an object/],
  ['no matchers', { ...good, matchers: [] }, /matchers must be a list of 1 to 10/],
  ['too many matchers', { ...good, matchers: new Array(11).fill(good.matchers[0]) }, /1 to 10/],
  ['a matcher without a value', { ...good, matchers: [{ name: 'a' }] }, /has a name and a value/],
  ['a matcher that is none', { ...good, matchers: [null] }, /has a name and a value/],
  ['a name that is none', { ...good, matchers: [{ name: 'a-b', value: 'x' }] }, /is no label's name/],
  [
    'a regular expression that is none',
    { ...good, matchers: [{ name: 'a', value: '(', isRegex: true }] },
    /is no regular expression/,
  ],
  [
    'a regular expression that can take for ever',
    { ...good, matchers: [{ name: 'a', value: '(a+)+b', isRegex: true }] },
    /repeats a repetition/,
  ],
  [
    'a matcher for everything',
    { ...good, matchers: [{ name: 'a', value: '.*', isRegex: true }] },
    /these hold for every alert/,
  ],
  ['no end', { ...good, endsAt: undefined }, /must be times like/],
  ['an end in the past', { ...good, endsAt: '2026-11-30T11:00:00Z' }, /must be in the future/],
  ['an end before the start', { ...good, startsAt: '2026-12-01T11:00:00Z' }, /after startsAt/],
  ['an end in many years', { ...good, endsAt: '2036-11-30T11:00:00Z' }, /may last a year/],
  ['no comment', { ...good, comment: ' ' }, /comment must say why/],
  ['an author that is none', { ...good, createdBy: 7 }, /createdBy must be a text/],
];

for (const [what, body, text] of BAD) {
  test(`${what} is refused`, () => {
    const silence = parseSilence(body, NOW_MS);
    assert.ok(failed(silence));
    assert.match(silence.message, text);
  });
}

const MATCHERS: readonly (readonly [Partial<Matcher>, matches: boolean])[] = [
  [{ value: 'orders' }, true],
  [{ value: 'order' }, false],
  [{ value: 'order', isEqual: false }, true],
  [{ value: 'ord.*', isRegex: true }, true],
  [{ value: 'ord', isRegex: true }, false],
  [{ value: 'a|orders', isRegex: true }, true],
  [{ value: 'a|b', isRegex: true, isEqual: false }, true],
  [{ name: 'missing', value: '' }, true],
  [{ name: 'missing', value: 'x' }, false],
];

for (const [matcher, matches] of MATCHERS) {
  test(`${JSON.stringify(matcher)} ${matches ? 'matches' : 'does not match'}`, () => {
    const whole = { name: 'topic', value: '', isRegex: false, isEqual: true, ...matcher };
    assert.equal(matchesAll({ topic: 'orders' }, [whole]), matches);
  });
}

test('silences are kept as elements of a list, and what is none is left out', () => {
  const parsed = parseSilence(good, NOW_MS);
  assert.ok(!failed(parsed));
  const silence = { id: 's1', ...parsed };
  const element = encodeSilence(silence);
  assert.doesNotMatch(element, /[,\s]/);
  assert.deepEqual(decodeSilences(['rubbish', element, '']), [{ silence, element }]);
});
