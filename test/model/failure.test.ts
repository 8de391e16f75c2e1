import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import { MAX_FAILURE_TEXT_LENGTH } from '../../src/model/limits.ts';

test('a failure is told from a result', () => {
  assert.equal(failed(new Failure(Errors.INVALID_REQUEST, 'no')), true);
  assert.equal(failed({ code: 42, message: 'no' }), false);
});

test('a failure is shown with the name of its code', () => {
  assert.equal(String(new Failure(Errors.NOT_COORDINATOR, 'not me')), 'NOT_COORDINATOR: not me');
});

test('a text that quotes what is too long is cut off', () => {
  const text = 'x'.repeat(MAX_FAILURE_TEXT_LENGTH);
  assert.equal(new Failure(Errors.INVALID_REQUEST, text).message, text);
  assert.equal(new Failure(Errors.INVALID_REQUEST, `${text}y`).message, `${text}…`);
});
