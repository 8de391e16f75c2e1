import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { NodeDisk } from '../../src/io/node_disk.ts';
import { PidFileLock } from '../../src/io/pid_file_lock.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-lock-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Starts a process that runs `statement` with the exports of a module of src/io/, says so, and stays. */
async function startHolder(module: string, statement: string): Promise<ChildProcess> {
  const url = pathToFileURL(path.resolve('src/io', module)).href;
  const code = `import * as io from '${url}'; ${statement}; console.log('held'); setInterval(() => {}, 60_000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

test('another process is kept out until the holder dies, however it dies', async () => {
  const disk = new NodeDisk();
  const place = path.join(folder, 'kernel');
  disk.makeDirectory(place);
  const child = await startHolder(
    'node_disk.ts',
    `globalThis.lock = new io.NodeDisk().lockDirectory(${JSON.stringify(place)}); if (!lock) throw new Error('not held')`,
  );
  try {
    assert.equal(disk.lockDirectory(place), undefined);
  } finally {
    await kill(child);
  }
  const lock = disk.lockDirectory(place);
  assert.ok(lock !== undefined);
  lock.release();
});

test('without the kernel’s locks a file with the process id stands in', async () => {
  const file = path.join(folder, '.lock');
  const lock = PidFileLock.take(file);
  assert.ok(lock !== undefined);
  assert.equal(PidFileLock.take(file), undefined);
  lock.release();
  lock.release();
  const again = PidFileLock.take(file);
  assert.ok(again !== undefined);
  again.release();

  const child = await startHolder(
    'pid_file_lock.ts',
    `if (!io.PidFileLock.take(${JSON.stringify(file)})) throw new Error('not held')`,
  );
  try {
    assert.equal(PidFileLock.take(file), undefined);
  } finally {
    await kill(child);
  }
  const taken = PidFileLock.take(file);
  assert.ok(taken !== undefined);
  taken.release();
});

test('a pid file that means nothing any more is taken over', () => {
  const file = path.join(folder, '.stale');
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  for (const content of ['', 'garbage', `${dead}\n`, `${process.pid} some-boot 1\n`]) {
    fs.writeFileSync(file, content);
    const lock = PidFileLock.take(file);
    assert.ok(lock !== undefined, JSON.stringify(content));
    lock.release();
  }
  // A living process that got the id of the holder later.
  if (process.platform === 'linux') {
    fs.writeFileSync(file, `${process.ppid} some-boot 1\n`);
    const lock = PidFileLock.take(file);
    assert.ok(lock !== undefined);
    lock.release();
  }
  fs.writeFileSync(file, `${process.ppid}\n`);
  assert.equal(PidFileLock.take(file), undefined);
  assert.deepEqual(
    fs.readdirSync(folder).filter(name => name.startsWith('.stale.')),
    [],
  );
});
