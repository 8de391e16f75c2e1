import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javaDouble } from '../../src/settings/canonical.ts';

test('numbers as Java writes them', () => {
  const cases: [number, string][] = [
    [0, '0.0'],
    [0.5, '0.5'],
    [1, '1.0'],
    [0.05, '0.05'],
    [0.001, '0.001'],
    [1.5e-5, '1.5E-5'],
    [1234567.891, '1234567.891'],
    [9_999_999, '9999999.0'],
    [1e7, '1.0E7'],
    [12_345_678, '1.2345678E7'],
    [-1e7, '-1.0E7'],
    [Number.MAX_VALUE, '1.7976931348623157E308'],
  ];
  for (const [value, text] of cases) assert.equal(javaDouble(value), text);
});
