import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, mock, test } from 'node:test';
import { NodeDisk } from '../../src/io/node_disk.ts';
import { LARGE_FILE_BYTES } from '../../src/io/node_file.ts';
import { DiskError } from '../../src/model/ports.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-file-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const disk = new NodeDisk();

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: described, write`), { code, syscall: 'write', errno: -1 });
}

function isDiskError(code: string): (error: unknown) => boolean {
  return error => error instanceof DiskError && error.code === code;
}

test('the system may take any part of a write, and be interrupted', () => {
  const file = disk.open(`${folder}/partial`, 'create');
  const { writeSync } = fs;
  let calls = 0;
  // Takes one byte more of what it is given at each call, over the borders of chunks.
  const writev = mock.method(fs, 'writevSync', (descriptor: number, chunks: Uint8Array[], at: number) => {
    if (++calls % 5 === 0) throw systemError('EINTR');
    const whole = Buffer.concat(chunks);
    return writeSync(descriptor, whole, 0, Math.min(calls, whole.length), at);
  });
  const chunks = Array.from({ length: 40 }, (_, index) => Buffer.alloc(index % 9, index));
  try {
    file.write(10, chunks);
  } finally {
    writev.mock.restore();
  }
  assert.ok(calls > 10);
  const whole = Buffer.concat(chunks);
  assert.ok(file.readNow(10, 1_000).equals(whole));
  assert.equal(file.sizeBytes, whole.length + 10);
  file.close();
});

for (const code of ['ENOSPC', 'EIO', 'EDQUOT']) {
  test(`${code} is told with the path`, async () => {
    const file = disk.open(`${folder}/${code}`, 'create');
    file.write(0, [Buffer.from('before')]);
    const fail = (): never => {
      throw systemError(code);
    };
    const failLater = (...args: unknown[]): void => {
      const callback = args.at(-1) as (error: Error) => void;
      setImmediate(callback, systemError(code));
    };
    const mocks = [
      ...(['writevSync', 'writeSync', 'readSync', 'ftruncateSync'] as const).map(name =>
        mock.method(fs, name, fail),
      ),
      ...(['read', 'fdatasync'] as const).map(name => mock.method(fs, name, failLater)),
    ];
    const expect = (error: unknown): boolean => {
      assert.ok(error instanceof DiskError);
      assert.deepEqual([error.code, error.path], [code, `${folder}/${code}`]);
      assert.match(error.message, new RegExp(`^Cannot .*${code}: described$`));
      return true;
    };
    try {
      assert.throws(() => file.write(6, [Buffer.from('x')]), expect);
      assert.throws(() => file.write(6, [Buffer.from('x'), Buffer.from('y')]), expect);
      assert.throws(() => file.readNow(0, 1), expect);
      assert.throws(() => file.truncate(1), expect);
      await assert.rejects(file.read(0, 1), expect);
      await assert.rejects(file.sync(), expect);
    } finally {
      for (const each of mocks) each.mock.restore();
    }
    assert.equal(file.sizeBytes, 6);
    file.close();
  });
}

test('a write that the system answers with 0 bytes ends', () => {
  const file = disk.open(`${folder}/zero`, 'create');
  const write = mock.method(fs, 'writeSync', () => 0);
  try {
    assert.throws(() => file.write(0, [Buffer.from('x')]), isDiskError('EIO'));
  } finally {
    write.mock.restore();
  }
  file.close();
});

test('reads come in parts, too', async () => {
  const file = disk.open(`${folder}/reads`, 'create');
  file.write(0, [Buffer.from('0123456789')]);
  const { read, readSync } = fs;
  const later = mock.method(
    fs,
    'read',
    (...[descriptor, buffer, offset, length, position, done]: ReadArguments) =>
      read(descriptor, buffer, offset, Math.min(length, 3), position, done),
  );
  const now = mock.method(
    fs,
    'readSync',
    (descriptor: number, buffer: Buffer, offset: number, length: number, position: number) =>
      readSync(descriptor, buffer, offset, Math.min(length, 3), position),
  );
  try {
    assert.equal((await file.read(1, 8)).toString(), '12345678');
    assert.equal(file.readNow(1, 100).toString(), '123456789');
    assert.equal(now.mock.callCount(), 3);
    assert.equal(later.mock.callCount(), 3);
  } finally {
    later.mock.restore();
    now.mock.restore();
  }
  file.close();
});

type ReadArguments = [number, Buffer, number, number, number, (error: Error | null, bytes: number) => void];

test('a read asks for no more memory than the file has bytes', async () => {
  const file = disk.open(`${folder}/small`, 'create');
  const writer = disk.open(`${folder}/small`, 'write');
  writer.write(0, [Buffer.from('by another handle')]);
  assert.equal((await file.read(3, 2 ** 40)).toString(), 'another handle');
  assert.equal(file.readNow(2 ** 40, 2 ** 40).length, 0);
  file.close();
  writer.close();
});

test('removing a large file frees its blocks without blocking, and keeps open handles', async () => {
  const name = `${folder}/large`;
  const file = disk.open(name, 'create');
  file.truncate(LARGE_FILE_BYTES + 5);
  file.write(LARGE_FILE_BYTES, [Buffer.from('large')]);
  disk.remove(name);
  assert.ok(!disk.exists(name));
  assert.equal((await file.read(LARGE_FILE_BYTES, 5)).toString(), 'large');
  file.close();
  disk.makeDirectory(`${folder}/t-0/deep`);
  const other = disk.open(`${folder}/t-0/deep/0.log`, 'create');
  other.truncate(LARGE_FILE_BYTES);
  other.close();
  disk.removeDirectory(`${folder}/t-0`);
  assert.ok(!disk.exists(`${folder}/t-0`));
});

test('a mistake of the caller is not taken for one of the disk', () => {
  assert.throws(
    () => disk.open('/tmp/\0', 'read'),
    error => !(error instanceof DiskError),
  );
});
