/*
 * npm test [-- FILTER…] [--name PATTERN]: runs the tests whose path contains one of the filters, all without one.
 * Closes with one line `N passed, N failed, N skipped`.
 */
import { spawn } from 'node:child_process';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { globSync } from './files.ts';

const { positionals: filters, values } = parseArgs({
  allowPositionals: true,
  options: { name: { type: 'string' } },
});
const files = globSync('test', '.test.ts').filter(
  path => filters.length === 0 || filters.some(filter => path.includes(filter)),
);
if (files.length === 0) {
  console.error(`No test file's path contains ${filters.join(' or ')}`);
  process.exit(2);
}
// Node alone would leave a core to itself, of two half the machine.
const concurrency = `--test-concurrency=${os.availableParallelism()}`;
const args = ['--import', 'tsx', '--test', concurrency, '--test-reporter', './test/support/reporter.js'];
if (values.name !== undefined) args.push('--test-name-pattern', values.name);
const child = spawn(process.execPath, [...args, ...files], { stdio: 'inherit' });
child.on('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});
