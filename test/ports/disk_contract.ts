import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Disk, DiskError } from '../../src/model/ports.ts';

/** A disk under test. */
export interface DiskUnderTest {
  readonly disk: Disk;
  /** A directory that is there and empty. */
  readonly root: string;
  /** Waits for what the disk does later. */
  run<T>(promise: Promise<T>): Promise<T>;
  /** The disk as another process would see it. */
  another(): Disk;
  close(): void;
}

/** What every Disk does, simulated or real. */
export function testDisk(name: string, create: () => DiskUnderTest): void {
  const contract = (what: string, body: (under: DiskUnderTest) => Promise<void> | void): void => {
    test(`${name}: ${what}`, async () => {
      const under = create();
      try {
        await body(under);
      } finally {
        under.close();
      }
    });
  };

  contract('what was written is read, at any position', async ({ disk, root, run }) => {
    const file = disk.open(`${root}/a`, 'create-new');
    assert.equal(file.path, `${root}/a`);
    assert.equal(file.sizeBytes, 0);
    file.write(0, [Buffer.from('hello'), Buffer.alloc(0), Buffer.from(' world')]);
    assert.equal(file.sizeBytes, 11);
    assert.equal((await run(file.read(0, 100))).toString(), 'hello world');
    assert.equal(file.readNow(6, 5).toString(), 'world');
    assert.equal((await run(file.read(11, 5))).length, 0);
    assert.equal(file.readNow(500, 5).length, 0);
    file.write(6, [Buffer.from('W')]);
    assert.equal(file.sizeBytes, 11);
    assert.equal((await run(file.read(4, 4))).toString(), 'o Wo');
    file.close();
    file.close();
  });

  contract('a path from the root on leads to the same file', async ({ disk, root, run }) => {
    const path = disk.absolutePath(`${root}/./below/../a`);
    assert.match(path, /^(\/|[A-Z]:\/)/);
    assert.doesNotMatch(path, /\.\./);
    const file = disk.open(path, 'create-new');
    file.write(0, [Buffer.from('x')]);
    file.close();
    const again = disk.open(`${root}/a`, 'read');
    assert.equal((await run(again.read(0, 10))).toString(), 'x');
    again.close();
    assert.equal(disk.absolutePath(path), path);
  });

  contract('a gap reads as zeros', async ({ disk, root, run }) => {
    const file = disk.open(`${root}/a`, 'create');
    file.write(10_000, [Buffer.from('x')]);
    assert.equal(file.sizeBytes, 10_001);
    assert.deepEqual(await run(file.read(9_998, 10)), Buffer.from([0, 0, 120]));
    assert.ok(file.readNow(0, 10_000).every(byte => byte === 0));
    file.close();
  });

  contract('thousands of chunks and megabytes in one write', async ({ disk, root, run }) => {
    const file = disk.open(`${root}/a`, 'create');
    const chunks = Array.from({ length: 5_000 }, (_, index) =>
      Buffer.alloc(index % 7 === 0 ? 0 : index % 900, index),
    );
    const whole = Buffer.concat([...chunks, Buffer.alloc(3_000_000, 'z')]);
    file.write(3, [...chunks, Buffer.alloc(3_000_000, 'z')]);
    assert.equal(file.sizeBytes, whole.length + 3);
    assert.ok((await run(file.read(3, whole.length))).equals(whole));
    assert.ok(file.readNow(3, whole.length + 50).equals(whole));
    file.close();
  });

  contract('what was read is the reader’s own', async ({ disk, root, run }) => {
    const file = disk.open(`${root}/a`, 'create');
    const given = Buffer.from('first');
    file.write(0, [given]);
    const read = await run(file.read(0, 5));
    file.write(0, [Buffer.from('other')]);
    given.fill('!');
    assert.equal(read.toString(), 'first');
    read.fill('?');
    assert.equal(file.readNow(0, 5).toString(), 'other');
    file.close();
  });

  contract('truncation cuts and extends', ({ disk, root }) => {
    const file = disk.open(`${root}/a`, 'create');
    file.write(0, [Buffer.alloc(9_000, 'a')]);
    file.truncate(5_000);
    assert.equal(file.sizeBytes, 5_000);
    assert.equal(file.readNow(0, 9_000).length, 5_000);
    file.truncate(6_000);
    assert.equal(file.sizeBytes, 6_000);
    assert.deepEqual(file.readNow(4_999, 3), Buffer.from([97, 0, 0]));
    file.close();
    assert.equal(disk.fileSizeBytes(`${root}/a`), 6_000);
  });

  contract('modes of opening', ({ disk, root }) => {
    const path = `${root}/a`;
    assert.throws(() => disk.open(path, 'read'), isDiskError('ENOENT', path));
    assert.throws(() => disk.open(path, 'write'), isDiskError('ENOENT', path));
    disk.open(path, 'create-new').close();
    assert.throws(() => disk.open(path, 'create-new'), isDiskError('EEXIST', path));
    const file = disk.open(path, 'create');
    file.write(0, [Buffer.from('kept')]);
    file.close();
    for (const mode of ['read', 'write', 'create'] as const) {
      const again = disk.open(path, mode);
      assert.equal(again.sizeBytes, 4);
      assert.equal(again.readNow(0, 4).toString(), 'kept');
      again.close();
    }
    const reader = disk.open(path, 'read');
    assert.throws(() => reader.write(0, [Buffer.from('x')]), isDiskError('EBADF', path));
    assert.throws(() => reader.truncate(0), DiskError);
    reader.close();
    assert.throws(() => disk.open(root, 'read'), isDiskError('EISDIR', root));
    assert.throws(() => disk.open(`${root}/no/file`, 'create'), isDiskError('ENOENT', `${root}/no/file`));
    assert.throws(() => disk.open(`${path}/file`, 'create'), isDiskError('ENOTDIR', `${path}/file`));
  });

  contract('a closed file is not used', ({ disk, root }) => {
    const file = disk.open(`${root}/a`, 'create');
    file.close();
    const isAssertion = { name: 'AssertionError' };
    assert.throws(() => file.write(0, [Buffer.from('x')]), isAssertion);
    assert.throws(() => file.readNow(0, 1), isAssertion);
    assert.throws(() => file.truncate(0), isAssertion);
    assert.throws(() => file.read(0, 1), isAssertion);
    assert.throws(() => file.sync(), isAssertion);
  });

  contract('what is under way when a file is closed still ends', async ({ disk, root, run }) => {
    const file = disk.open(`${root}/a`, 'create');
    file.write(0, [Buffer.from('hello')]);
    const work = [file.read(0, 5), file.read(1, 2), file.sync()] as const;
    file.close();
    const other = disk.open(`${root}/b`, 'create');
    other.write(0, [Buffer.from('other')]);
    const [first, second] = await run(Promise.all(work));
    assert.equal(first.toString(), 'hello');
    assert.equal(second.toString(), 'el');
    other.close();
  });

  contract('directories', ({ disk, root }) => {
    assert.deepEqual(disk.list(root), []);
    disk.makeDirectory(`${root}/d/e/f`);
    disk.makeDirectory(`${root}/d/e/f`);
    assert.ok(disk.isDirectory(`${root}/d/e`));
    for (const name of ['b', 'B', 'a10', 'a9', '.x']) disk.open(`${root}/d/${name}`, 'create').close();
    assert.deepEqual(disk.list(`${root}/d`), ['.x', 'B', 'a10', 'a9', 'b', 'e']);
    assert.ok(disk.exists(`${root}/d/b`));
    assert.ok(!disk.isDirectory(`${root}/d/b`));
    assert.ok(!disk.exists(`${root}/none`));
    assert.ok(!disk.isDirectory(`${root}/none`));
    assert.ok(!disk.exists(`${root}/d/b/c`));
    assert.throws(() => disk.list(`${root}/none`), isDiskError('ENOENT', `${root}/none`));
    assert.throws(() => disk.list(`${root}/d/b`), isDiskError('ENOTDIR', `${root}/d/b`));
    assert.throws(() => disk.fileSizeBytes(`${root}/none`), isDiskError('ENOENT', `${root}/none`));
    assert.throws(() => disk.modifiedMs(`${root}/none`), isDiskError('ENOENT', `${root}/none`));
    assert.throws(() => disk.makeDirectory(`${root}/d/b/c`), isDiskError('ENOTDIR', `${root}/d/b/c`));
    assert.throws(() => disk.makeDirectory(`${root}/d/b`), isDiskError('EEXIST', `${root}/d/b`));
    disk.removeDirectory(`${root}/d`);
    disk.removeDirectory(`${root}/d`);
    assert.deepEqual(disk.list(root), []);
  });

  contract('a rename replaces a file, open handles follow it', ({ disk, root }) => {
    const first = disk.open(`${root}/first`, 'create');
    first.write(0, [Buffer.from('1')]);
    disk.open(`${root}/second`, 'create').close();
    disk.rename(`${root}/first`, `${root}/second`);
    assert.deepEqual(disk.list(root), ['second']);
    first.write(1, [Buffer.from('2')]);
    first.close();
    const second = disk.open(`${root}/second`, 'read');
    assert.equal(second.readNow(0, 9).toString(), '12');
    second.close();
    disk.rename(`${root}/second`, `${root}/second`);
    assert.deepEqual(disk.list(root), ['second']);
    assert.throws(() => disk.rename(`${root}/none`, `${root}/x`), isDiskError('ENOENT', `${root}/none`));
    assert.throws(() => disk.rename(`${root}/second`, `${root}/no/x`), DiskError);
  });

  contract('a directory is renamed with what is in it', ({ disk, root }) => {
    disk.makeDirectory(`${root}/t-0`);
    disk.open(`${root}/t-0/0.log`, 'create').close();
    disk.makeDirectory(`${root}/full`);
    disk.open(`${root}/full/file`, 'create').close();
    assert.throws(() => disk.rename(`${root}/t-0`, `${root}/full`), DiskError);
    assert.throws(() => disk.rename(`${root}/t-0`, `${root}/t-0/inside`), DiskError);
    disk.rename(`${root}/t-0`, `${root}/t-0.delete`);
    assert.deepEqual(disk.list(root), ['full', 't-0.delete']);
    assert.deepEqual(disk.list(`${root}/t-0.delete`), ['0.log']);
  });

  contract('removing', ({ disk, root }) => {
    const file = disk.open(`${root}/a`, 'create');
    file.write(0, [Buffer.from('still')]);
    disk.remove(`${root}/a`);
    disk.remove(`${root}/a`);
    disk.remove(`${root}/no/such`);
    assert.ok(!disk.exists(`${root}/a`));
    assert.equal(file.readNow(0, 5).toString(), 'still');
    file.close();
    disk.makeDirectory(`${root}/d`);
    assert.throws(() => disk.remove(`${root}/d`), DiskError);
    disk.open(`${root}/b`, 'create').close();
    assert.throws(() => disk.removeDirectory(`${root}/b`), DiskError);
    assert.ok(disk.exists(`${root}/b`));
  });

  contract('syncs of files and directories end', async ({ disk, root, run }) => {
    disk.makeDirectory(`${root}/d`);
    const file = disk.open(`${root}/d/a`, 'create');
    file.write(0, [Buffer.from('x')]);
    await run(Promise.all([file.sync(), file.sync(), disk.syncDirectory(`${root}/d`)]));
    file.close();
    await assert.rejects(run(disk.syncDirectory(`${root}/none`)), isDiskError('ENOENT', `${root}/none`));
  });

  contract('the time of the last write', ({ disk, root }) => {
    const file = disk.open(`${root}/a`, 'create');
    file.write(0, [Buffer.from('x')]);
    file.close();
    const at = disk.modifiedMs(`${root}/a`);
    assert.ok(Number.isInteger(at) && at > Date.UTC(2020, 0), `${at}`);
  });

  contract('space', ({ disk, root }) => {
    const { totalBytes, usableBytes } = disk.space(root);
    assert.ok(totalBytes >= usableBytes && usableBytes > 0);
  });

  contract('a directory has one holder at a time', ({ disk, root, another }) => {
    const lock = disk.lockDirectory(root);
    assert.ok(lock !== undefined);
    assert.equal(disk.lockDirectory(root), undefined);
    assert.equal(another().lockDirectory(root), undefined);
    assert.deepEqual(disk.list(root), ['.lock']);
    disk.makeDirectory(`${root}/other`);
    const other = another().lockDirectory(`${root}/other`);
    assert.ok(other !== undefined);
    lock.release();
    lock.release();
    const again = another().lockDirectory(root);
    assert.ok(again !== undefined);
    assert.equal(disk.lockDirectory(root), undefined);
    again.release();
    other.release();
    assert.throws(() => disk.lockDirectory(`${root}/none`), DiskError);
  });
}

function isDiskError(code: string, path: string): (error: unknown) => boolean {
  return error => {
    assert.ok(error instanceof DiskError, String(error));
    assert.equal(error.code, code);
    assert.equal(error.path, path);
    assert.ok(error.message.includes(path), error.message);
    return true;
  };
}
