import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { bundle } from '../../scripts/build.ts';
import { VERSION } from '../../src/model/version.ts';

test('the bundle starts, and without it bin/odradek says what to do', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-bundle-'));
  const odradek = (...args: string[]) =>
    spawnSync(process.execPath, [path.join(folder, 'bin', 'odradek'), ...args], { encoding: 'utf8' });
  try {
    fs.cpSync('bin', path.join(folder, 'bin'), { recursive: true });
    fs.copyFileSync('package.json', path.join(folder, 'package.json'));
    fs.symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'), 'junction');

    const unbuilt = odradek('--version');
    assert.equal(unbuilt.status, 1);
    assert.equal(unbuilt.stdout, '');
    assert.match(unbuilt.stderr, /^odradek: .*npm run build\n$/);

    await bundle(path.join(folder, 'dist'));
    const version = odradek('--version');
    assert.deepEqual([version.status, version.stdout, version.stderr], [0, `${VERSION}\n`, '']);
    const help = odradek('--help');
    assert.equal(help.status, 0);
    assert.match(help.stdout, /^Usage: odradek /);
    const unknown = odradek('--no-such-option');
    assert.equal(unknown.status, 2);
    assert.match(unknown.stderr, /--no-such-option/);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
