import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { PartitionLog } from '../../src/log/partition_log.ts';
import { failed } from '../../src/model/failure.ts';
import { asOffset, type Offset } from '../../src/model/ids.ts';
import type { RecordBatch } from '../../src/records/record_batch.ts';
import { splitBatches } from '../../src/records/split_batches.ts';
import { append, batchOf, from, ok, shown } from '../support/log_world.ts';
import { openRealLog } from '../support/real_log.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-log-')).replaceAll('\\', '/');
after(() => fs.rmSync(root, { recursive: true, force: true }));

const CONFIG = { segmentBytes: 50_000, indexIntervalBytes: 2000, fileDeleteDelayMs: 1 };

async function batchesOf(log: PartitionLog): Promise<RecordBatch[]> {
  const found: RecordBatch[] = [];
  let next = log.logStartOffset;
  while (next < log.endOffset) {
    const read = ok(await log.read(next, { maxBytes: 30_000, upTo: log.endOffset, minOneBatch: true }));
    for (const chunk of read.chunks) found.push(...splitBatches(chunk).batches);
    next = read.nextOffset;
  }
  return found;
}

async function fill(log: PartitionLog, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    append(log, batchOf(`value ${index}`, { count: 1 + (index % 4), valueBytes: (index * 91) % 1500 }));
    if (index % 10 === 0) ok(await log.awaitDurable(log.endOffset));
  }
  ok(await log.awaitDurable(log.endOffset));
}

test('a log is the same after it was closed, and after it was not', async () => {
  const directory = `${root}/same-0`;
  let log = await openRealLog(directory, { config: CONFIG });
  await fill(log, 300);
  const written = shown(await batchesOf(log));
  assert.ok(log.segmentCount > 5);
  await log.discard();
  log = await openRealLog(directory, { config: CONFIG });
  assert.deepEqual(shown(await batchesOf(log)), written);
  const recoveryPoint = ok(await log.close());
  log = await openRealLog(directory, { config: CONFIG, isClean: true, recoveryPoint });
  assert.deepEqual(shown(await batchesOf(log)), written);
  assert.equal(log.recoveryReport.checkedBytes, 0);
  ok(await log.close());
});

test('a log is truncated, cleaned up and emptied', async () => {
  const log = await openRealLog(`${root}/cut-0`, { config: { ...CONFIG, retentionBytes: 60_000 } });
  await fill(log, 300);
  const written = shown(await batchesOf(log));
  const cut = (await batchesOf(log))[200]!.baseOffset;
  ok(await log.truncateTo(cut));
  assert.deepEqual(shown(await batchesOf(log)), written.slice(0, 200));
  log.setHighWatermark(log.endOffset);
  assert.ok(ok(await log.deleteOldSegments()) > 0);
  const left = await batchesOf(log);
  assert.deepEqual(shown(left), written.slice(200 - left.length, 200));
  ok(await log.truncateFullyAndStartAt(asOffset(9000n)));
  assert.equal(append(log, batchOf('a')).firstOffset, 9000n);
  ok(await log.close());
  assert.deepEqual(
    fs.readdirSync(`${root}/cut-0`).filter(name => name.endsWith('.log')),
    ['00000000000000009000.log'],
  );
});

test('a broker that is killed under load has lost nothing that was durable', {
  timeout: 60_000,
}, async () => {
  const directory = `${root}/killed-0`;
  for (let life = 0; life < 3; life++) {
    const durable = await writeUntilKilled(directory, 15 + life * 20);
    const log = await openRealLog(directory, { config: CONFIG });
    assert.ok(log.endOffset >= durable, `ends at ${log.endOffset}, was durable up to ${durable}`);
    const batches = await batchesOf(log);
    assert.equal(batches.length, Number(log.endOffset));
    for (const [index, batch] of batches.entries()) {
      assert.ok(batch.isCrcValid());
      assert.ok(batch.payload.includes(`<${index}>`));
    }
    const last = batches.at(-1)!;
    const again = log.appendAsLeader(batchOf('again', from(7n, last.baseSequence)), {
      leaderEpoch: last.partitionLeaderEpoch,
      origin: 'client',
    });
    assert.ok(!failed(again) && again.isDuplicate);
    ok(await log.awaitDurable(log.endOffset));
    await log.discard();
  }
});

/** Runs a writer, kills it when it has said so many times that something is durable, and returns up to where it was. */
function writeUntilKilled(directory: string, lines: number): Promise<Offset> {
  const args = ['--import', 'tsx', 'test/support/log_writer.ts', directory];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    output += text;
    if (output.split('\n').length > lines) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      const said = output.split('\n').slice(0, -1);
      if (said.length < lines) reject(new Error(`the writer ended after ${said.length} lines`));
      else resolve(asOffset(BigInt(said.at(-1)!)));
    });
  });
}
