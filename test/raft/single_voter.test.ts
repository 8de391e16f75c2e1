import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { failed } from '../../src/model/failure.ts';
import { asLeaderEpoch, asUuid, type Offset } from '../../src/model/ids.ts';
import { readBootstrapCheckpoint } from '../../src/raft/bootstrap_checkpoint.ts';
import { metadataLogDirectory } from '../../src/raft/partition_metadata_log.ts';
import { MACHINE_DIRECTORY, QuorumMachine, type QuorumRecorder } from '../support/quorum_machine.ts';

const KAFKA_DIRECTORY = new URL('../fixtures/raft/kafka-4.3.1/', import.meta.url);
const LOG_DIRECTORY = metadataLogDirectory(MACHINE_DIRECTORY);
const text = (value: string) => Buffer.from(value);

/** Proposes one batch, and waits until it is committed. */
async function commit(machine: QuorumMachine, recorder: QuorumRecorder, values: string[]): Promise<Offset> {
  const offset = machine.node.propose(machine.node.leaderAndEpoch.epoch, values.map(text));
  assert(!failed(offset), String(offset));
  await machine.time.runUntil(() => recorder.end > offset);
  return offset;
}

test('a single voter founds its cluster and leads within milliseconds, and again after a power cut', async () => {
  const machine = new QuorumMachine();
  const recorder = await machine.start();
  assert(machine.time.nowMs < 25, `it led after ${machine.time.nowMs} ms`);
  assert.equal(machine.node.clusterId, machine.clusterId);
  assert.deepEqual(machine.node.leaderAndEpoch, { leaderId: 1, epoch: 1 });
  assert.equal(machine.node.status.kraftVersion, 1);
  await commit(machine, recorder, ['a', 'b']);
  await commit(machine, recorder, ['c']);
  assert.deepEqual(recorder.values, ['a', 'b', 'c']);

  machine.crash();
  const restartedMs = machine.time.nowMs;
  const again = await machine.start();
  assert(machine.time.nowMs - restartedMs < 25, `it led after ${machine.time.nowMs - restartedMs} ms`);
  assert.deepEqual(again.values, ['a', 'b', 'c']);
  assert.equal(machine.node.leaderAndEpoch.epoch, 2);
  assert.deepEqual(machine.failures, []);
});

test('proposals of one turn share a sync and are committed together', async () => {
  const machine = new QuorumMachine();
  const recorder = await machine.start();
  const { epoch } = machine.node.leaderAndEpoch;
  await commit(machine, recorder, ['first']);
  const startedMs = machine.time.nowMs;
  for (let index = 0; index < 100; index++) machine.node.propose(epoch, [text(`value ${index}`)]);
  await machine.time.runUntil(() => recorder.values.length === 101);
  assert(machine.time.nowMs - startedMs <= 2.5, `${machine.time.nowMs - startedMs} ms for 100 batches`);
});

test('what is not the current epoch, or too large, is refused', async () => {
  const machine = new QuorumMachine();
  await machine.start();
  const stale = machine.node.propose(asLeaderEpoch(0), [text('x')]);
  assert(failed(stale));
  assert.match(stale.toString(), /^NOT_CONTROLLER: .* does not lead the quorum in epoch 0/);
  const large = machine.node.propose(asLeaderEpoch(1), [Buffer.alloc(8 * 1024 * 1024)]);
  assert(failed(large));
  assert.match(large.toString(), /^MESSAGE_TOO_LARGE/);
});

test('a snapshot stands for the log before it, which goes', async () => {
  const machine = new QuorumMachine();
  machine.segmentBytes = 4096;
  machine.retentionBytes = 0;
  let recorder = await machine.start();
  let last = 0n as Offset;
  for (let index = 0; index < 40; index++) last = await commit(machine, recorder, [`${index}`.padEnd(300)]);
  const taken = machine.node.takeSnapshot((last + 1n) as Offset, [text('the state')]);
  assert.deepEqual(await machine.time.run(taken), { endOffset: last + 1n, epoch: 1 });
  const early = await machine.time.run(machine.node.takeSnapshot((last + 1n) as Offset, []));
  assert(failed(early), 'there is one of that offset already');
  const late = await machine.time.run(machine.node.takeSnapshot((last + 2n) as Offset, []));
  assert(failed(late), 'nothing is committed there');
  await commit(machine, recorder, ['behind it']);
  const segments = () => machine.disk.list(LOG_DIRECTORY).filter(name => name.endsWith('.log'));
  assert(segments().length < 4, `the old segments went: ${segments()}`);

  machine.crash();
  recorder = await machine.start();
  assert.deepEqual(recorder.values, ['the state', 'behind it']);
  assert.equal(recorder.snapshots.length, 1);
  assert.equal(machine.node.status.voters.size, 1);
});

test('a directory that Kafka 4.3.1 formatted and wrote goes on here', async () => {
  const machine = new QuorumMachine();
  const directory = new URL('__cluster_metadata-0/', KAFKA_DIRECTORY);
  const files = readdirSync(directory).map(name => [name, readFileSync(new URL(name, directory))] as const);
  await machine.install(Object.fromEntries(files));
  machine.clusterId = 'MDEyMzQ1Njc4OWFiY2RlZg';
  machine.directoryId = asUuid('dOZjIaJjR3GlZqKUxBsH8g');
  const recorder = await machine.start();
  assert.equal(machine.node.leaderAndEpoch.epoch, 2);
  assert.equal(machine.node.status.kraftVersion, 1);
  assert.equal(recorder.values.length, 9 + 24, 'the records that are none of the quorum itself');
  assert(recorder.values[1]!.includes('metadata.version'));
});

test('a lost voter key is an observer: it does not lead what it may have forgotten', async () => {
  const machine = new QuorumMachine();
  await machine.start();
  machine.crash();
  machine.directoryId = asUuid('dOZjIaJjR3GlZqKUxBsH8g');
  const node = await machine.open();
  assert(!failed(node));
  node.start();
  await machine.time.advance(10_000);
  assert.equal(node.leaderAndEpoch.leaderId, undefined);
  assert.equal(node.status.isVoter, false);
});

test("the records of Kafka's formatter are read", async () => {
  const machine = new QuorumMachine();
  await machine.boot();
  assert.equal(await readBootstrapCheckpoint(machine.disk, MACHINE_DIRECTORY), undefined);
  const file = machine.disk.open(`${MACHINE_DIRECTORY}/bootstrap.checkpoint`, 'create');
  const bytes = readFileSync(new URL('bootstrap.checkpoint', KAFKA_DIRECTORY));
  file.write(0, [bytes]);
  const values = await machine.time.run(readBootstrapCheckpoint(machine.disk, MACHINE_DIRECTORY));
  assert(values !== undefined && !failed(values));
  assert.equal(values.length, 6);
  file.truncate(bytes.length - 1);
  const cut = await machine.time.run(readBootstrapCheckpoint(machine.disk, MACHINE_DIRECTORY));
  assert(failed(cut));
  assert.match(cut.toString(), /^CORRUPT_MESSAGE: .* a batch is cut off at byte 336/);
});
