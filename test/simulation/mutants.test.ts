import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { transformSync } from 'esbuild';
import { applyMutant } from '../../src/simulation/mutants/apply_mutant.ts';
import { MUTANTS } from '../../src/simulation/mutants/mutants.ts';

test('every mutant finds its place in the code, and is a program', () => {
  assert.ok(MUTANTS.length >= 25);
  assert.equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
  for (const mutant of MUTANTS) {
    const source = fs.readFileSync(new URL(`../../src/${mutant.file}`, import.meta.url), 'utf8');
    const mutated = applyMutant(mutant, source);
    assert.notEqual(mutated, source);
    transformSync(mutated, { loader: 'ts' });
  }
});

test('a mutant whose place is gone, or not the only one, is refused', () => {
  const mutant = { name: 'm', bug: '', file: 'f.ts', find: 'a', replace: 'b' };
  assert.equal(applyMutant(mutant, 'x a y'), 'x b y');
  assert.throws(() => applyMutant(mutant, 'x'), /finds nothing to change in src\/f.ts/);
  assert.throws(() => applyMutant(mutant, 'a a'), /more than once/);
});
