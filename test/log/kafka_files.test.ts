import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { NodeDisk } from '../../src/io/node_disk.ts';
import { IndexCache } from '../../src/log/index_cache.ts';
import { OpenFiles } from '../../src/log/open_files.ts';
import { PartitionLog } from '../../src/log/partition_log.ts';
import { TailCache } from '../../src/log/tail_cache.ts';
import { asOffset, asPartitionIndex, asUuid } from '../../src/model/ids.ts';
import { readRecords } from '../../src/records/read_records.ts';
import { CompressionType } from '../../src/records/record_batch.ts';
import {
  append,
  batchOf,
  DEFAULT_CONFIG,
  EPOCH,
  from,
  LOG_DIRECTORY,
  LogWorld,
  markerOf,
  NOW,
  ok,
} from '../support/log_world.ts';

const FIXTURES = new URL('../fixtures/log/kafka-4.3.1/', import.meta.url);
const CONFIG = { indexIntervalBytes: 256, segmentIndexBytes: 4800 };
const LIVES = { closed: ['first'], killed: ['first', 'second'] } as const;
type Life = keyof typeof LIVES;

/** Opens a log that Kafka wrote, on a simulated disk. */
async function opened(life: Life, topic: string): Promise<{ world: LogWorld; log: PartitionLog }> {
  const world = new LogWorld();
  world.disk.makeDirectory(LOG_DIRECTORY);
  const folder = new URL(`${life}/${topic}-0/`, FIXTURES);
  for (const name of fs.readdirSync(folder)) world.put(name, fs.readFileSync(new URL(name, folder)));
  // The clock is Kafka's, or its producers would have expired.
  world.clock.jumpWall(1_795_408_800_000 - world.clock.nowMs());
  const log = await world.open({
    isClean: life === 'closed',
    config: CONFIG,
    producerIdExpirationMs: 2 ** 50,
  });
  return { world, log };
}

async function values(world: LogWorld, log: PartitionLog): Promise<string[]> {
  const batches = await world.batches(log);
  return batches
    .filter(batch => !batch.isControl)
    .flatMap(batch => ok(readRecords(batch, 1_000_000)).map(record => String(record.value)));
}

for (const life of Object.keys(LIVES) as Life[]) {
  test(`a log that Kafka left ${life} has all its records, in every codec`, async () => {
    const { world, log } = await opened(life, 'codecs');
    const expected = LIVES[life].flatMap(name =>
      ['none', 'gzip', 'snappy', 'lz4', 'zstd'].flatMap(codec =>
        Array.from({ length: 8 }, (_, index) => `${name} ${codec} ${index} ${'x'.repeat(index)}`),
      ),
    );
    assert.deepEqual(await values(world, log), expected);
    assert.equal(log.endOffset, BigInt(expected.length));
    assert.deepEqual(
      log.leaderEpochs.map(entry => [entry.leaderEpoch, entry.startOffset]),
      life === 'closed'
        ? [[0, 0n]]
        : [
            [0, 0n],
            [2, 40n],
          ],
    );
    assert.notEqual(log.topicId, undefined);
    assert.equal(log.recoveryReport.reason, undefined);
    // The indexes lead to every record.
    for (let offset = 0n; offset < log.endOffset; offset++) {
      const bounds = { maxBytes: 1, upTo: log.endOffset, minOneBatch: true };
      const read = ok(await world.run(Promise.resolve(log.read(asOffset(offset), bounds))));
      assert.ok(read.chunks[0]!.readBigInt64BE(0) <= offset && read.nextOffset > offset);
    }
  });

  test(`the idempotent producer of a log that Kafka left ${life} can go on, and send again`, async () => {
    const { world, log } = await opened(life, 'plain');
    const producers = [...log.producers];
    assert.equal(producers.length, LIVES[life].length);
    const last = (await world.batches(log)).at(-1)!;
    const again = Buffer.from(last.buffer);
    again.writeBigInt64BE(0n, 0);
    const { isDuplicate, lastOffset } = append(log, again);
    assert.deepEqual([isDuplicate, lastOffset], [true, last.lastOffset]);
    append(log, batchOf('next', from(last.producerId, last.lastSequence + 1, last.producerEpoch)));
  });

  test(`the transactions of a log that Kafka left ${life} are known`, async () => {
    const { world, log } = await opened(life, 'txn');
    log.setHighWatermark(log.endOffset);
    const aborted = ok(await world.run(log.abortedTransactions(asOffset(0n), log.endOffset)));
    // Two a life, and in the first one the transaction that was begun at its end.
    assert.equal(aborted.length, life === 'closed' ? 3 : 5);
    const batches = await world.batches(log);
    for (const { producerId, firstOffset, lastOffset } of aborted) {
      const first = batches.find(batch => batch.baseOffset === firstOffset);
      const marker = batches.find(batch => batch.baseOffset === lastOffset);
      assert.deepEqual(
        [first?.producerId, marker?.producerId, marker?.isControl],
        [producerId, producerId, true],
      );
    }
    assert.equal(log.lastStableOffset, life === 'closed' ? log.endOffset : log.endOffset - 1n);
    assert.match((await values(world, log)).at(-1)!, /open$/);
  });

  test(`what is made anew for a log that Kafka left ${life} is what Kafka wrote`, async () => {
    for (const topic of ['codecs', 'plain', 'txn']) {
      const { world, log } = await opened(life, topic);
      const folder = new URL(`${life}/${topic}-0/`, FIXTURES);
      if (life === 'closed') {
        // As if it had been killed, without indexes.
        world.kill();
        for (const name of world.names())
          if (name.endsWith('index')) world.disk.remove(`${LOG_DIRECTORY}/${name}`);
        const again = await world.open({ config: CONFIG, producerIdExpirationMs: 2 ** 50 });
        ok(await world.run(again.close()));
      } else ok(await world.run(log.close()));
      // Where entries are depends on when a broker was started; a closed log had one life only.
      const suffix = life === 'closed' ? 'index' : '.txnindex';
      for (const name of fs.readdirSync(folder).filter(each => each.endsWith(suffix))) {
        assert.deepEqual(world.content(name), fs.readFileSync(new URL(name, folder)), `${topic} ${name}`);
      }
    }
  });
}

const JARS = process.env['KAFKA_LIBS'];
const hasJava = JARS !== undefined && spawnSync('java', ['-version']).status === 0;

test('Kafka reads what is written here', {
  skip: hasJava ? false : 'no Java, or KAFKA_LIBS names no folder with its jars',
}, async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-log-'));
  try {
    const directory = `${folder.replaceAll('\\', '/')}/events-0`;
    await writeEverything(directory);
    const files = fs.readdirSync(directory).map(name => path.join(directory, name));
    const dump = (suffix: string, ...options: string[]): string => {
      const names = files
        .filter(name => name.endsWith(suffix))
        .sort()
        .join(',');
      const args = [
        '-cp',
        path.join(JARS!, '*'),
        'org.apache.kafka.tools.DumpLogSegments',
        '--files',
        names,
        ...options,
      ];
      const { stdout, stderr, status } = spawnSync('java', args, { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.doesNotMatch(stdout, /mismatch|invalid bytes|could not|exception/i);
      return stdout;
    };
    const log = dump('.log', '--deep-iteration', '--print-data-log');
    const records = [...log.matchAll(/^\| offset: (\d+) /gm)].map(match => Number(match[1]));
    assert.deepEqual(
      records,
      Array.from({ length: records.length }, (_, index) => index),
    );
    assert.equal(records.length, 345);
    assert.match(log, /endTxnMarker: ABORT coordinatorEpoch: 3/);
    for (const codec of Object.keys(CompressionType))
      assert.match(log, new RegExp(`compresscodec: ${codec} `));
    assert.match(dump('.index', '--index-sanity-check'), /passed sanity check/);
    assert.match(dump('.index'), /offset: \d+ position: \d+/);
    assert.match(dump('.timeindex'), /timestamp: \d+ offset: \d+/);
    assert.match(dump('.txnindex'), /producerId: 8 firstOffset: \d+ lastOffset: \d+/);
    assert.match(dump('.snapshot'), /producerId: 7 producerEpoch: 0 /);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

/** A log of some segments with all that a log can hold, written through the real disk and closed. */
async function writeEverything(directory: string): Promise<void> {
  const world = new LogWorld();
  const disk = new NodeDisk();
  const services = {
    ...world.services,
    disk,
    files: new OpenFiles(disk),
    indexCache: new IndexCache(),
    tailCache: new TailCache(),
  };
  const log = ok(
    await PartitionLog.open(services, {
      directory,
      topic: 'events',
      partition: asPartitionIndex(0),
      topicId: asUuid('AbcdefghijklmnopqrstuA'),
      config: { ...DEFAULT_CONFIG, segmentBytes: 20_000, indexIntervalBytes: 500 },
      isClean: false,
      recoveryPoint: asOffset(0n),
      logStartOffset: asOffset(0n),
      highWatermark: asOffset(0n),
      producerIdExpirationMs: 2 ** 50,
      owner: { diskFailed: error => assert.fail(error), lowerRecoveryPoint: () => Promise.resolve() },
    }),
  );
  const codecs = Object.values(CompressionType);
  for (let index = 0; index < 100; index++) {
    const compression = codecs[index % codecs.length]!;
    const timestamp = NOW + BigInt(index);
    append(log, batchOf('a', { count: 3, valueBytes: 300, compression, timestamp, ...from(7n, index * 3) }));
    ok(await log.awaitDurable(log.endOffset));
  }
  for (let round = 0; round < 9; round++) {
    append(log, batchOf('t', { count: 4, isTransactional: true, ...from(8n, round * 4) }));
    const marker = markerOf(round % 2 === 0 ? 'ABORT' : 'COMMIT', 8n, { coordinatorEpoch: 3 });
    ok(log.appendAsLeader(marker, { leaderEpoch: EPOCH, origin: 'coordinator' }));
  }
  ok(await log.close());
}
