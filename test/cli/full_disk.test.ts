import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { DescribeLogDirs } from '../../src/messages/35_describe_log_dirs.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { type NodeProcess, type Send, Workplace } from '../support/node_process.ts';
import { createTopic, produce, readAll, type TestTopic } from '../support/numbered_load.ts';

const place = await Workplace.make();
const isWindows = process.platform === 'win32';
const VALUE = 'x'.repeat(50_000);

/** A file system of a few megabytes; empty where this process can't make one. */
function mountSmall(megabytes: number): string {
  if (process.platform !== 'linux') return '';
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-small-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  after(() => {
    if (status === 0) spawnSync('umount', ['--lazy', folder]);
    fs.rmdirSync(folder);
  });
  return status === 0 ? folder : '';
}

interface Filled {
  readonly acknowledged: string[];
  readonly errorCode: number;
}

/** Produces until the node refuses. */
async function fill(send: Send, topic: TestTopic, partition: number): Promise<Filled> {
  const acknowledged: string[] = [];
  for (;;) {
    const value = `${acknowledged.length} ${VALUE}`;
    const { errorCode } = await produce(send, topic, value, { partition });
    if (errorCode !== Errors.NONE) return { acknowledged, errorCode };
    acknowledged.push(value);
  }
}

/** Everything acknowledged is there, and at most the one record more that was refused. */
function assertKept(found: readonly string[], acknowledged: readonly string[]): void {
  assert.deepEqual(found.slice(0, acknowledged.length), acknowledged);
  assert.ok(found.length <= acknowledged.length + 1);
}

async function logDirs(
  node: NodeProcess,
): Promise<ReadonlyMap<string, { errorCode: number; partitions: number[] }>> {
  const send = await node.connect();
  const { results } = await send(DescribeLogDirs, { topics: null });
  return new Map(
    results.map(({ logDir, errorCode, topics }) => [
      logDir,
      {
        errorCode,
        partitions: topics.flatMap(({ partitions }) => partitions.map(each => each.partitionIndex)),
      },
    ]),
  );
}

const small = mountSmall(4);

test('a full disk: that directory goes offline, the others serve, and nothing acknowledged is lost', {
  skip: small === '' && 'no right to mount a small file system',
}, async () => {
  const large = place.path('large');
  const settings = [`log.dirs=${small},${large}`, `metadata.log.dir=${large}`];
  const node = place.serve(settings);
  const send = await node.connect();
  const topic = await createTopic(send, 'events', { partitions: 2 });
  const before = await logDirs(node);
  const [onSmall] = before.get(small)!.partitions;
  const [onLarge] = before.get(large)!.partitions;
  assert.ok(onSmall !== undefined && onLarge !== undefined, 'one partition in each directory');

  const { acknowledged, errorCode } = await fill(send, topic, onSmall);
  assert.equal(errorCode, Errors.KAFKA_STORAGE_ERROR);
  assert.ok(acknowledged.length > 20);
  const during = await logDirs(node);
  assert.equal(during.get(small)!.errorCode, Errors.KAFKA_STORAGE_ERROR);
  assert.equal(during.get(large)!.errorCode, Errors.NONE);
  assert.equal((await produce(send, topic, 'goes on', { partition: onLarge })).errorCode, Errors.NONE);
  assert.ok(
    node.log.some(({ level, code }) => level === 'error' && code === 'ENOSPC'),
    node.stderr,
  );
  node.signal('SIGTERM');
  assert.equal(await node.ended(), 0);

  assert.equal(spawnSync('mount', ['-o', 'remount,size=16m', small]).status, 0);
  const again = place.serve(settings);
  const sendAgain = await again.connect();
  assertKept(await readAll(sendAgain, topic, onSmall), acknowledged);
  assert.deepEqual(await readAll(sendAgain, topic, onLarge), ['goes on']);
  assert.equal(
    (await produce(sendAgain, topic, 'room again', { partition: onSmall })).errorCode,
    Errors.NONE,
  );
  await again.kill();
});

test('the only directory fails: the node ends, and nothing acknowledged is lost', {
  skip: isWindows && 'files have no limit here',
}, async () => {
  const settings = [`log.dirs=${place.path('only')}`];
  // A file may not grow beyond 2 MB: writing fails with EFBIG.
  const node = place.serve(settings, { wrapper: ['bash', '-c', 'ulimit -f 2048; exec "$@"', 'bash'] });
  const send = await node.connect();
  const topic = await createTopic(send, 'events');
  const { acknowledged, errorCode } = await fill(send, topic, 0);
  assert.equal(errorCode, Errors.KAFKA_STORAGE_ERROR);
  assert.ok(acknowledged.length > 20);
  assert.equal(await node.ended(), 1);
  assert.ok(
    node.log.some(({ level, code }) => level === 'error' && code === 'EFBIG'),
    node.stderr,
  );

  const again = place.serve(settings);
  const sendAgain = await again.connect();
  assertKept(await readAll(sendAgain, topic), acknowledged);
  assert.equal((await produce(sendAgain, topic, 'on again')).errorCode, Errors.NONE);
  await again.kill();
});
