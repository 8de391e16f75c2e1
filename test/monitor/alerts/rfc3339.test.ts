import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatTime, parseTime } from '../../../src/monitor/alerts/rfc3339.ts';

const TIMES: readonly (readonly [text: string, timeMs: number | undefined])[] = [
  ['1970-01-01T00:00:00Z', 0],
  ['2026-11-30T12:00:00.250Z', 1_796_040_000_250],
  ['2024-02-29T23:59:59+02:00', 1_709_243_999_000],
  ['2024-02-29t00:00:00.123456789z', 1_709_164_800_123],
  ['2026-11-30', undefined],
  ['2026-13-01T00:00:00Z', undefined],
  ['2026-11-30T24:00:00Z', undefined],
  ['tomorrow', undefined],
  ['', undefined],
];

for (const [text, timeMs] of TIMES) {
  test(`"${text}" is ${timeMs ?? 'no time'}`, () => assert.equal(parseTime(text), timeMs));
}

test('times are written and read as Date does it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), timeMs => {
      const text = formatTime(timeMs);
      assert.equal(text, new Date(timeMs).toISOString());
      assert.equal(parseTime(text), timeMs);
    }),
  );
});
