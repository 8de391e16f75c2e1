/*
 * Loaded before a simulation (node --import tsx --import ./scripts/mutants/register.ts): has the file that the mutant
 * $SIMULATED_MUTANT changes loaded with its bug. The hook runs in a thread of its own, and gets the source as data.
 */
import fs from 'node:fs';
import { register } from 'node:module';
import process from 'node:process';
import { transformSync } from 'esbuild';
import { applyMutant } from '../../src/simulation/mutants/apply_mutant.ts';
import { MUTANTS } from '../../src/simulation/mutants/mutants.ts';

const mutant = MUTANTS.find(({ name }) => name === process.env['SIMULATED_MUTANT']);
if (mutant === undefined)
  throw new Error(`$SIMULATED_MUTANT names no mutant: ${process.env['SIMULATED_MUTANT']}`);
const url = new URL(`../../src/${mutant.file}`, import.meta.url);
const source = applyMutant(mutant, fs.readFileSync(url, 'utf8'));
const { code } = transformSync(source, {
  loader: 'ts',
  format: 'esm',
  target: 'node20',
  sourcefile: url.pathname,
});
register('./load_mutant.js', import.meta.url, { data: { url: url.href, code } });
