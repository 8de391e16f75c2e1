import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { Fetch } from '../../src/messages/01_fetch.ts';
import { ApiVersions } from '../../src/messages/18_api_versions.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Workplace } from '../support/node_process.ts';
import { createTopic, NumberedLoad, produce, readAll, topicNamed } from '../support/numbered_load.ts';

const place = await Workplace.make();
const isWindows = process.platform === 'win32';

test('a node of a server.properties: one line when it is ready, its log in JSON, an end in order', async () => {
  const data = place.path('ordered').replaceAll('\\', '/');
  const file = place.path('server.properties');
  fs.writeFileSync(
    file,
    `# of Kafka's form
process.roles=broker,controller
node.id=7
controller.quorum.voters=7@127.0.0.1:0
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=${data}
num.io.threads=8
`,
  );
  const node = place.serve([], { args: ['-c', file] });
  const ready = await node.ready();
  assert.equal(ready.event, 'ready');
  assert.equal(ready.nodeId, 7);
  assert.deepEqual(Object.keys(ready.listeners), ['PLAINTEXT', 'CONTROLLER']);
  assert.match(ready.listeners['PLAINTEXT']!, /^127\.0\.0\.1:[1-9]\d*$/);
  const send = await node.connect();
  const topic = await createTopic(send, 'kept');
  assert.equal((await produce(send, topic, 'first')).errorCode, Errors.NONE);
  assert.equal(fs.existsSync(`${data}/.kafka_cleanshutdown`), false);

  node.signal('SIGTERM');
  // Windows knows no signals: the process just ends.
  assert.equal(await node.ended(), isWindows ? 'SIGTERM' : 0);
  if (isWindows) return;
  assert.equal(node.stdout, `${JSON.stringify(ready)}\n`);
  assert.ok(
    node.log.every(({ level, time, message }) => level !== undefined && time !== '' && message !== ''),
  );
  assert.ok(node.log.some(({ level, message }) => level === 'warn' && message.includes('num.io.threads')));
  assert.equal(fs.existsSync(`${data}/.kafka_cleanshutdown`), true);

  const again = place.serve([], { args: ['-c', file] });
  const sendAgain = await again.connect();
  assert.deepEqual(await readAll(sendAgain, await topicNamed(sendAgain, 'kept')), ['first']);
  assert.ok(!again.stderr.includes('"log":"kept-0"'), again.stderr);
  again.signal('SIGINT');
  assert.equal(await again.ended(), 0);
});

test('what is in flight is answered before the end', { skip: isWindows && 'no signals' }, async () => {
  const node = place.serve([`log.dirs=${place.path('in-flight')}`]);
  const send = await node.connect();
  const topic = await createTopic(send, 'busy', { partitions: 3 });
  const waiting = await node.connect();
  await waiting(ApiVersions, { clientSoftwareName: 'test', clientSoftwareVersion: '1' });
  const fetched = waiting(Fetch, {
    maxWaitMs: 60_000,
    minBytes: 1,
    sessionId: 0,
    sessionEpoch: -1,
    forgottenTopicsData: [],
    topics: [
      {
        topic: topic.name,
        topicId: topic.id,
        partitions: [{ partition: 2, fetchOffset: 0n, partitionMaxBytes: 1 }],
      },
    ],
  });
  const load = new NumberedLoad(send, topic, { partitions: 2 });
  while (load.count < 200) await new Promise(setImmediate);
  const startedMs = performance.now();
  node.signal('SIGTERM');
  const answer = await fetched;
  assert.equal(answer.responses[0]!.partitions.length, 1);
  assert.equal(await node.ended(), 0);
  assert.ok(performance.now() - startedMs < 8_000, 'the end waits for no timeout');
  await load.stop();

  const again = place.serve([`log.dirs=${place.path('in-flight')}`]);
  await load.assertKept(await again.connect(), topic);
  await again.kill();
});

test('kill -9 under load, again and again: nothing acknowledged is lost', async () => {
  const settings = [`log.dirs=${place.path('killed')}`, 'log.segment.bytes=1048576'];
  const loads = [];
  for (let round = 0; round < 3; round++) {
    const node = place.serve(settings);
    const send = await node.connect();
    for (const { topic, load } of loads) await load.assertKept(send, topic);
    const topic = await createTopic(send, `round-${round}`, { partitions: 3 });
    const load = new NumberedLoad(send, topic);
    while (load.count < 500) await new Promise(setImmediate);
    await node.kill();
    await load.stop();
    loads.push({ topic, load });
  }
  const node = place.serve(settings);
  const send = await node.connect();
  for (const { topic, load } of loads) await load.assertKept(send, topic);
  assert.ok(
    node.log.some(({ message }) => /(checked|truncated|checking) a log/.test(message)),
    `the start says what it checked:\n${node.stderr}`,
  );
  await node.kill();
});

test('a directory belongs to one process', async () => {
  const settings = [`log.dirs=${place.path('taken')}`];
  const first = place.serve(settings);
  const send = await first.connect();
  const second = place.serve(settings);
  assert.equal(await second.ended(), 1);
  assert.equal(second.stdout, '');
  assert.match(second.log.at(-1)!.message, /taken is in use by another process\. Stop that one first/);
  const topic = await createTopic(send, 'alive');
  assert.equal((await produce(send, topic, 'value')).errorCode, Errors.NONE);
  await first.kill();
  const third = place.serve(settings);
  await third.ready();
  await third.kill();
});

test('a port belongs to one process, and a directory to one node', async () => {
  const first = place.serve([`log.dirs=${place.path('port')}`]);
  const { port } = await first.address();
  const second = place.serve([
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:0`,
    `log.dirs=${place.path('port-2')}`,
  ]);
  assert.equal(await second.ended(), 1);
  const { level, message } = second.log.at(-1)!;
  assert.equal(level, 'error');
  assert.match(
    message,
    new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port} .*another process listens there`),
  );
  await first.kill();
  const other = place.serve([
    `log.dirs=${place.path('port')}`,
    'node.id=2',
    'process.roles=broker,controller',
    'controller.listener.names=CONTROLLER',
    'controller.quorum.voters=2@127.0.0.1:0',
  ]);
  assert.equal(await other.ended(), 1);
  assert.match(other.log.at(-1)!.message, /node\.id/);
});

test('all that is wrong with the settings is said at once', async () => {
  const file = place.path('bad.properties');
  fs.writeFileSync(file, 'node.id=x\nlog.retension.ms=5\nnum.partitions=0\n');
  const node = place.run(['serve', '-c', file, '--override', 'log.roll.ms=soon']);
  assert.equal(await node.ended(), 1);
  assert.equal(node.stdout, '');
  const messages = node.log.map(({ message }) => message).join('\n');
  for (const expected of [
    /bad\.properties, line 1: node\.id=x is not allowed: it must be a whole number/,
    /bad\.properties, line 2: log\.retension\.ms=5: no such setting.*log\.retention\.ms/,
    /bad\.properties, line 3: num\.partitions=0 is not allowed/,
    /--override.*log\.roll\.ms=soon/,
  ]) {
    assert.match(messages, expected);
  }
  const missing = place.run(['serve', '-c', place.path('none.properties')]);
  assert.equal(await missing.ended(), 1);
  assert.match(missing.log[0]!.message, /none\.properties: ENOENT/);
  const level = place.run(['serve', '--log-level', 'loud']);
  assert.equal(await level.ended(), 2);
  assert.match(level.log[0]!.message, /debug, info, warn, error/);
});

test('settings from the environment, as images of Kafka pass them', async () => {
  const node = place.serve([], { env: { KAFKA_LOG_DIRS: place.path('environment'), KAFKA_NODE_ID: '1' } });
  await node.ready();
  assert.ok(fs.existsSync(place.path('environment/meta.properties')));
  await node.kill();
});

test('a newcomer is told what to try', { skip: isWindows && 'no signals' }, async () => {
  const node = place.serve([`log.dirs=${place.path('hints')}`], { args: ['--hints'] });
  const { port } = await node.address();
  node.signal('SIGTERM');
  assert.equal(await node.ended(), 0);
  assert.match(node.stdout, new RegExp(`bootstrap\\.servers=127\\.0\\.0\\.1:${port}`));
});
