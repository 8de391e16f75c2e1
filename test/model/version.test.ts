import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { VERSION } from '../../src/model/version.ts';

test('the version is that of package.json', () => {
  assert.equal(VERSION, JSON.parse(fs.readFileSync('package.json', 'utf8')).version);
});
