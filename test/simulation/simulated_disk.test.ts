import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Disk, DiskError } from '../../src/model/ports.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedDisk, type SimulatedDiskOptions } from '../../src/simulation/simulated_disk.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

const SECTOR = 512;
const PAGE = 4_096;

function createDisk(options: Partial<SimulatedDiskOptions> = {}) {
  const time = new SimulatedTime();
  const device = new SimulatedDisk({ time, random: new SeededRandom(5), ...options });
  const mount = () => device.mount(new SimulatedClock(time));
  return { time, device, mount, disk: mount() };
}

/** Everything on a disk, path by path. */
function contents(disk: Disk, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of disk.list(path === '' ? '/' : path)) {
    const below = `${path}/${name}`;
    if (disk.isDirectory(below)) {
      found.set(`${below}/`, '');
      for (const [key, value] of contents(disk, below)) found.set(key, value);
    } else found.set(below, read(disk, below).toString('latin1'));
  }
  return found;
}

function read(disk: Disk, path: string): Buffer {
  const file = disk.open(path, 'read');
  const bytes = file.readNow(0, file.sizeBytes);
  file.close();
  return bytes;
}

function put(disk: Disk, path: string, text: string): void {
  const file = disk.open(path, 'create');
  file.truncate(0);
  file.write(0, [Buffer.from(text)]);
  file.close();
}

test('a power cut drops what was not synced, in the simple mode all of it', async () => {
  const { time, device, disk, mount } = createDisk();
  disk.makeDirectory('/d');
  const synced = disk.open('/d/synced', 'create');
  const renamed = disk.open('/d/temporary', 'create');
  synced.write(0, [Buffer.from('kept')]);
  await time.run(
    Promise.all([synced.sync(), renamed.sync(), disk.syncDirectory('/d'), disk.syncDirectory('/')]),
  );
  synced.write(2, [Buffer.alloc(10_000, 'x')]);
  renamed.write(0, [Buffer.from('new')]);
  disk.rename('/d/temporary', '/d/final');
  put(disk, '/d/created', 'text');
  disk.makeDirectory('/d/e');
  device.crash('drop-unsynced');
  assert.deepEqual(
    contents(mount()),
    new Map([
      ['/d/', ''],
      ['/d/synced', 'kept'],
      ['/d/temporary', ''],
    ]),
  );
});

test('a removed file comes back when its directory was not synced, and does not when it was', async () => {
  const { time, device, disk, mount } = createDisk();
  put(disk, '/a', 'a');
  put(disk, '/b', 'b');
  await time.run(Promise.all(['/a', '/b'].map(path => disk.open(path, 'write').sync())));
  await time.run(disk.syncDirectory('/'));
  disk.remove('/a');
  await time.run(disk.syncDirectory('/'));
  disk.remove('/b');
  device.crash('drop-unsynced');
  const again = mount();
  assert.deepEqual(contents(again), new Map([['/b', 'b']]));
  assert.equal(device.usedBytes, PAGE);
});

test('the death of a process alone loses nothing', async () => {
  const { time, disk, mount } = createDisk({ syncMs: 5 });
  disk.makeDirectory('/d');
  const lock = disk.lockDirectory('/d');
  const file = disk.open('/d/a', 'create');
  file.write(0, [Buffer.from('cached')]);
  const sync = file.sync();
  let answered = false;
  sync.then(() => {
    answered = true;
  });
  disk.kill();
  assert.throws(() => file.write(0, [Buffer.from('zombie')]), isError('EIO'));
  assert.throws(() => disk.remove('/d/a'), isError('EIO'));
  assert.throws(() => disk.exists('/d/a'), isError('EIO'));
  lock?.release();
  file.close();
  const next = mount();
  const nextLock = next.lockDirectory('/d');
  assert.ok(nextLock !== undefined);
  lock?.release();
  assert.equal(next.lockDirectory('/d'), undefined);
  assert.equal(read(next, '/d/a').toString(), 'cached');
  await time.advance(10);
  assert.equal(answered, false);
  let zombieSync = false;
  const mark = (): void => {
    zombieSync = true;
  };
  file.sync().then(mark, mark);
  await time.advance(10);
  assert.equal(zombieSync, false);
});

test('a sync that was under way when the process died still ends on the disk', async () => {
  const { time, device, disk, mount } = createDisk({ syncMs: 5 });
  const file = disk.open('/a', 'create');
  file.write(0, [Buffer.from('cached')]);
  void file.sync();
  void disk.syncDirectory('/');
  disk.kill();
  await time.advance(5);
  device.crash('drop-unsynced');
  assert.equal(read(mount(), '/a').toString(), 'cached');
});

test('a sync covers what was written before it, and answers when its time has come', async () => {
  const { time, device, disk, mount } = createDisk({ syncMs: 5 });
  const file = disk.open('/a', 'create');
  await time.run(disk.syncDirectory('/'));
  file.write(0, [Buffer.from('before')]);
  let endedMs = 0;
  const sync = file.sync().then(() => {
    endedMs = time.nowMs;
  });
  file.write(0, [Buffer.from('after!')]);
  file.write(PAGE, [Buffer.from('more')]);
  const startedMs = time.nowMs;
  await time.run(sync);
  assert.equal(endedMs, startedMs + 5);
  device.crash('drop-unsynced');
  assert.equal(read(mount(), '/a').toString(), 'before');
});

test('of two syncs the younger counts, whichever ends first', async () => {
  const { time, device, disk, mount } = createDisk();
  const file = disk.open('/a', 'create');
  await time.run(disk.syncDirectory('/'));
  const delays = [50, 10];
  device.faults = ({ kind }) => (kind === 'sync' ? { delayMs: delays.shift() ?? 0 } : undefined);
  file.write(0, [Buffer.alloc(2 * PAGE, 'a')]);
  const slow = file.sync();
  file.truncate(3);
  const quick = file.sync();
  await time.run(quick);
  file.write(PAGE, [Buffer.from('unsynced')]);
  await time.run(slow);
  device.crash('drop-unsynced');
  assert.equal(read(mount(), '/a').toString(), 'aaa');
});

test('a failed sync leaves pages clean that may not be on the disk: a second one proves nothing', async () => {
  let lost = 0;
  for (let seed = 0; seed < 40; seed++) {
    const { time, device, disk, mount } = createDisk({ random: new SeededRandom(seed) });
    const file = disk.open('/a', 'create');
    await time.run(disk.syncDirectory('/'));
    file.write(0, [Buffer.alloc(PAGE, 'a')]);
    device.faults = ({ kind }) => (kind === 'sync' ? { code: 'EIO' } : undefined);
    await assert.rejects(time.run(file.sync()), isError('EIO'));
    device.faults = undefined;
    await time.run(file.sync());
    assert.equal(file.readNow(0, PAGE).toString('latin1'), 'a'.repeat(PAGE));
    device.crash('drop-unsynced');
    const left = read(mount(), '/a');
    assert.equal(left.length, PAGE);
    if (left[0] === 0) lost++;
    else assert.equal(left.toString('latin1'), 'a'.repeat(PAGE));
  }
  assert.ok(lost > 5 && lost < 35, `${lost} of 40`);
});

test('a failed write leaves a part of itself', () => {
  const { device, disk } = createDisk();
  const file = disk.open('/a', 'create');
  device.faults = ({ kind, position }) => (kind === 'write' && position > 0 ? { code: 'EIO' } : undefined);
  file.write(0, [Buffer.from('good')]);
  assert.throws(() => file.write(4, [Buffer.alloc(100, 'x'), Buffer.alloc(100, 'y')]), isError('EIO'));
  device.faults = undefined;
  const left = file.readNow(0, 1000).toString();
  assert.match(left, /^goodx+y*$/);
  assert.ok(left.length < 204);
});

test('a full disk takes what fits, and has room again when files go', () => {
  const { device, disk } = createDisk({ capacityBytes: 4 * PAGE });
  const file = disk.open('/a', 'create');
  file.write(0, [Buffer.alloc(PAGE + 10, 'a')]);
  assert.deepEqual(disk.space('/'), { totalBytes: 4 * PAGE, usableBytes: 2 * PAGE });
  assert.throws(() => file.write(PAGE + 10, [Buffer.alloc(PAGE), Buffer.alloc(3 * PAGE)]), isError('ENOSPC'));
  assert.equal(disk.fileSizeBytes('/a'), 4 * PAGE);
  file.write(100, [Buffer.alloc(2 * PAGE, 'b')]);
  assert.throws(() => file.write(4 * PAGE, [Buffer.from('x')]), isError('ENOSPC'));
  file.truncate(PAGE);
  assert.equal(disk.space('/').usableBytes, 3 * PAGE);
  disk.remove('/a');
  assert.equal(disk.space('/').usableBytes, 3 * PAGE);
  file.close();
  assert.equal(disk.space('/').usableBytes, 4 * PAGE);
  const sparse = disk.open('/sparse', 'create');
  sparse.truncate(100 * PAGE);
  assert.equal(device.usedBytes, 0);
  put(disk, '/b', 'x');
  put(disk, '/c', 'y');
  disk.rename('/b', '/c');
  assert.equal(device.usedBytes, PAGE);
});

test('faults reach every operation by their predicate', async () => {
  const { time, device, disk } = createDisk();
  disk.makeDirectory('/d');
  const file = disk.open('/d/a', 'create');
  file.write(0, [Buffer.from('text')]);
  const kinds = new Set<string>();
  device.faults = ({ kind, path }) => {
    assert.ok(path.startsWith('/d'));
    kinds.add(kind);
    return { code: 'EIO' };
  };
  const fails = (action: () => unknown): void => assert.throws(action, isError('EIO'));
  fails(() => disk.open('/d/a', 'read'));
  fails(() => disk.list('/d'));
  fails(() => disk.makeDirectory('/d/e'));
  fails(() => disk.rename('/d/a', '/d/b'));
  fails(() => disk.remove('/d/a'));
  fails(() => disk.removeDirectory('/d'));
  fails(() => file.readNow(0, 1));
  fails(() => file.write(0, [Buffer.from('x')]));
  fails(() => file.truncate(0));
  await assert.rejects(time.run(file.read(0, 1)), isError('EIO'));
  await assert.rejects(time.run(file.sync()), isError('EIO'));
  await assert.rejects(time.run(disk.syncDirectory('/d')), isError('EIO'));
  assert.equal(kinds.size, 10);
  device.faults = undefined;
  assert.deepEqual(disk.list('/d'), ['a']);
});

test('the power can be cut at any operation: it and all later ones have no effect', () => {
  const { device, disk, mount } = createDisk();
  let left = 3;
  device.faults = () => {
    if (left-- === 0) device.crash({ random: new SeededRandom(1) });
    return undefined;
  };
  const file = disk.open('/a', 'create');
  file.write(0, [Buffer.from('1')]);
  file.write(1, [Buffer.from('2')]);
  assert.throws(() => file.write(2, [Buffer.from('3')]), isError('EIO'));
  assert.throws(() => disk.rename('/a', '/b'), isError('EIO'));
  device.faults = undefined;
  assert.ok(!mount().exists('/b'));
});

test('a flipped bit is read at once and survives a power cut', async () => {
  const { time, device, disk, mount } = createDisk();
  const file = disk.open('/a', 'create');
  file.write(0, [Buffer.alloc(PAGE + 5, 'a')]);
  await time.run(Promise.all([file.sync(), disk.syncDirectory('/')]));
  device.flipBit('/a', PAGE + 2, 1);
  assert.equal(file.readNow(PAGE, 5).toString(), 'aacaa');
  device.crash('drop-unsynced');
  assert.equal(read(mount(), '/a').subarray(PAGE).toString(), 'aacaa');
});

test('a rename is on the disk whole or not at all', async () => {
  const outcomes = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const { time, device, disk, mount } = createDisk();
    put(disk, '/old', 'old');
    disk.makeDirectory('/d');
    await time.run(Promise.all([disk.open('/old', 'write').sync(), disk.syncDirectory('/')]));
    put(disk, '/new', 'new');
    await time.run(disk.open('/new', 'write').sync());
    disk.rename('/new', '/old');
    disk.rename('/old', '/d/moved');
    device.crash({ random: new SeededRandom(seed) });
    outcomes.add([...contents(mount())].join(' '));
  }
  assert.deepEqual(
    [...outcomes].sort(),
    ['/d/, /d/moved,new', '/d/, /new,new /old,old', '/d/, /old,new', '/d/, /old,old'].sort(),
  );
});

/** What the reference knows of a file whose name is durable. */
interface Expected {
  stable: Buffer;
  current: Buffer;
  /** The smallest that the file was made since the last sync. */
  lowest: number;
}

function sectorOf(bytes: Buffer, sector: number, limit: number): string {
  const part = bytes.subarray(sector * SECTOR, Math.min((sector + 1) * SECTOR, limit));
  return part.toString('latin1').padEnd(SECTOR, '\0');
}

/** Each sector must be from one of the two versions (or zero where a truncation had been), each size between them. */
function checkLeft(left: Buffer, { stable, current, lowest }: Expected): void {
  const cut = Math.min(lowest, stable.length);
  const sizes = [stable.length, cut, current.length];
  assert.ok(left.length >= Math.min(...sizes) && left.length <= Math.max(...sizes), `size ${left.length}`);
  for (let sector = 0; sector * SECTOR < left.length; sector++) {
    const found = sectorOf(left, sector, left.length);
    const possible = [stable, current, stable.subarray(0, cut)].map(version =>
      sectorOf(version, sector, left.length),
    );
    assert.ok(possible.includes(found), `sector ${sector} of ${left.length} bytes is from nowhere`);
  }
}

async function writeAtRandom(seed: number) {
  const random = new SeededRandom(seed);
  const { time, device, disk, mount } = createDisk();
  const expected = new Map<string, Expected>();
  const files = ['/a', '/b', '/c'].map(path => disk.open(path, 'create'));
  for (const { path } of files) {
    expected.set(path, { stable: Buffer.alloc(0), current: Buffer.alloc(0), lowest: Infinity });
  }
  await time.run(disk.syncDirectory('/'));
  for (let step = random.below(60); step > 0; step--) {
    const file = files[random.below(files.length)]!;
    const reference = expected.get(file.path)!;
    const choice = random.fraction();
    if (choice < 0.6) {
      const position = random.chance(0.5) ? file.sizeBytes : random.below(30_000);
      const bytes = Buffer.from(random.bytes(random.below(9_000)));
      file.write(position, [bytes]);
      if (bytes.length === 0) continue;
      const grown = Buffer.alloc(Math.max(reference.current.length, position + bytes.length));
      reference.current.copy(grown);
      bytes.copy(grown, position);
      reference.current = grown;
    } else if (choice < 0.75) {
      const sizeBytes = random.below(30_000);
      file.truncate(sizeBytes);
      const resized = Buffer.alloc(sizeBytes);
      reference.current.copy(resized);
      reference.current = resized;
      reference.lowest = Math.min(reference.lowest, sizeBytes);
    } else {
      await time.run(file.sync());
      reference.stable = reference.current;
      reference.lowest = Infinity;
    }
    assert.ok(file.readNow(0, 1e6).equals(reference.current));
  }
  return { device, mount, expected, random };
}

test('after any writes and a power cut, each sector is old or new', async () => {
  let torn = 0;
  for (let seed = 0; seed < 150; seed++) {
    const { device, mount, expected, random } = await writeAtRandom(seed);
    device.crash({ random });
    const disk = mount();
    let pages = 0;
    for (const [path, reference] of expected) {
      const left = read(disk, path);
      checkLeft(left, reference);
      if (!left.equals(reference.current) && !left.equals(reference.stable)) torn++;
      for (let at = 0; at < left.length; at += PAGE) {
        if (left.subarray(at, at + PAGE).some(byte => byte !== 0)) pages++;
      }
    }
    assert.ok(device.usedBytes >= pages * PAGE, 'space is counted');
    // What a crash left is durable.
    const before = contents(disk);
    device.crash({ random });
    assert.deepEqual(contents(mount()), before);
  }
  assert.ok(torn > 50, `${torn} files were in between`);
});

test('in the simple mode exactly what was synced is left', async () => {
  for (let seed = 0; seed < 100; seed++) {
    const { device, mount, expected } = await writeAtRandom(seed);
    device.crash('drop-unsynced');
    const disk = mount();
    for (const [path, { stable }] of expected)
      assert.ok(read(disk, path).equals(stable), `seed ${seed} ${path}`);
  }
});

test('the same seed leaves the same bytes, another seed others', async () => {
  const run = async (seed: number): Promise<string> => {
    const { device, mount } = await writeAtRandom(77);
    device.crash({ random: new SeededRandom(seed) });
    return createHash('sha256')
      .update(JSON.stringify([...contents(mount())]))
      .digest('hex');
  };
  assert.equal(await run(1), await run(1));
  assert.notEqual(await run(1), await run(2));
});

test('names that are never synced cost no memory once their directory is gone', async () => {
  const { time, device, disk, mount } = createDisk();
  for (let round = 0; round < 50; round++) {
    disk.makeDirectory('/t/p');
    put(disk, '/t/p/checkpoint.tmp', 'x');
    disk.rename('/t/p/checkpoint.tmp', '/t/p/checkpoint');
    disk.removeDirectory('/t');
    await time.run(disk.syncDirectory('/'));
  }
  assert.equal(device.namespace.unsyncedCount, 0);
  for (let round = 0; round < 20_000; round++) {
    put(disk, '/checkpoint.tmp', 'x');
    disk.rename('/checkpoint.tmp', '/checkpoint');
  }
  await time.run(disk.syncDirectory('/'));
  assert.equal(device.namespace.unsyncedCount, 0);
  device.crash('drop-unsynced');
  assert.deepEqual([...contents(mount()).keys()], ['/checkpoint']);
});

function isError(code: string): (error: unknown) => boolean {
  return error => error instanceof DiskError && error.code === code;
}
