/*
 * npm run check: types, lint and format, and the rules of the house (scripts/check/house.ts). Says all that is
 * wrong, not only the first, and exits 1 if anything is.
 */
import { spawnSync } from 'node:child_process';
import { checkFile } from './check/house.ts';
import { globSync, readFileSync } from './files.ts';

function run(what: string, command: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(command, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error) console.error(`Cannot run ${command}: ${error.message}`);
  console.log(`${status === 0 ? 'ok' : 'FAILED'}: ${what}`);
  return status === 0;
}

function checkHouse(): boolean {
  const paths = [...globSync('src', '.ts'), ...globSync('src', '.tsx')];
  const findings = paths.flatMap(path => checkFile(path, readFileSync(path)));
  for (const { path, line, text } of findings) console.error(`${path}:${line}: ${text}`);
  console.log(`${findings.length === 0 ? 'ok' : 'FAILED'}: the rooms, their imports and their purity`);
  return findings.length === 0;
}

const results = [
  run('types', 'npx', ['tsc', '--project', '.']),
  run("types of the console's page", 'npx', ['tsc', '--project', 'src/console/page']),
  run('lint and format', 'npx', ['biome', 'check', '--error-on-warnings', '.']),
  checkHouse(),
];
const failed = results.filter(result => !result).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
