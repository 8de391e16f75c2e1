import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { parse as parseYaml } from 'yaml';
import { type CommandOptions, type CommandResult, run } from '../support/command_line.ts';
import { RealBroker } from '../support/real_broker.ts';

let broker: RealBroker;

before(async () => {
  broker = await RealBroker.start(['auto.create.topics.enable=false']);
});
after(() => broker.stop());

/** Runs a command against the broker; `words` are split at spaces. */
async function cli(words: string, options: CommandOptions = {}): Promise<CommandResult> {
  return await run([...words.split(' '), '-B', broker.address], options);
}

/** The same, where it has to go well. */
async function ok(words: string, options: CommandOptions = {}): Promise<string> {
  const { code, stderr, stdout } = await cli(words, options);
  assert.equal(code, 0, `${words}: ${stderr}`);
  return stdout;
}

// biome-ignore lint/suspicious/noExplicitAny: what a command prints is looked at, not typed
async function json(words: string, options: CommandOptions = {}): Promise<any> {
  return JSON.parse(await ok(`${words} -o json`, options));
}

const lines = (text: string): string[] => text.split('\n').filter(line => line !== '');

test('topic: create, list, describe, alter, add-partitions, delete', async () => {
  await ok('topic create one two -p 3 -c retention.ms=1000');
  const listed = await json('topic list');
  assert.deepEqual(
    listed.map((topic: { name: string; partitions: number }) => [topic.name, topic.partitions]),
    [
      ['one', 3],
      ['two', 3],
    ],
  );
  const table = lines(await ok('topic list'));
  assert.match(table[0]!, /^NAME +PARTITIONS +REPLICAS +HEALTH$/);
  assert.match(table[1]!, /^one +3 +1 +ok$/);
  assert.match(lines(await ok('topic list -o wide'))[0]!, /ID +INTERNAL$/);
  assert.deepEqual(parseYaml(await ok('topic list -o yaml')), listed);

  await ok('topic alter one -c segment.bytes=1048576 -d retention.ms');
  const [one] = await json('topic describe one');
  assert.deepEqual(one.configs, [{ name: 'segment.bytes', value: '1048576' }]);
  assert.equal(one.partitions[2].leader, 1);
  assert.deepEqual(one.partitions[2].isr, [1]);
  const described = await ok('topic describe one two');
  assert.match(described, /Topic +one\n/);
  assert.match(described, /segment\.bytes +1048576/);
  assert.match(described, /PARTITION +LEADER +REPLICAS +IN SYNC +EARLIEST +LATEST/);

  assert.equal((await json('topic add-partitions one --add 2')).partitions, 5);
  assert.equal((await json('topic add-partitions one --total 7 --dry-run')).isDone, false);
  assert.equal((await json('topic describe one'))[0].partitions.length, 5);

  await ok('topic delete one two');
  assert.equal(await ok('topic list'), 'There are no topics. Make one: odradek topic create NAME\n');
});

test('topic create: by brokers, without doing it, and what can not be done', async () => {
  await ok('topic create placed --assignment 1,1');
  assert.equal((await json('topic describe placed'))[0].partitions.length, 2);
  assert.match(await ok('topic create dry --dry-run'), /can be created/);
  const again = await cli('topic create placed fresh');
  assert.equal(again.code, 1);
  assert.match(again.stdout, /placed +failed +.*already/);
  assert.match(again.stdout, /fresh +created/);
  assert.match(again.stderr, /^Try: .*--if-not-exists/);
  await ok('topic create placed --if-not-exists');
  const tooMany = await cli('topic create many -r 3');
  assert.equal(tooMany.code, 1);
  assert.match(tooMany.stderr, /Try: "odradek broker list"/);
  const gone = await cli('topic delete nosuch');
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /odradek topic list/);
  await ok('topic delete placed fresh nosuch --if-exists');
});

test('produce and consume: lines, keys, headers, JSON and back, binary', async () => {
  await ok('topic create records -p 2');
  assert.equal(await ok('produce records -p 0', { input: 'a\nb\n\nc' }), '');
  assert.equal(await ok('consume records -p 0 -e'), 'a\nb\n\nc\n');
  const keyed = await ok('produce records -p 1 -K : -H trace=7 --timestamp @1000000000000 -o json', {
    input: 'k1:v1\nk2:v:2\n',
  });
  assert.deepEqual(
    lines(keyed).map(line => JSON.parse(line)),
    [0, 1].map(offset => ({ topic: 'records', partition: 1, offset, timestamp: 1_000_000_000_000 })),
  );
  const expected = ['k1', 'k2'].map((key, index) => ({
    topic: 'records',
    partition: 1,
    offset: index,
    timestamp: 1_000_000_000_000,
    key,
    value: ['v1', 'v:2'][index],
    headers: [{ key: 'trace', value: '7' }],
  }));
  const consumed = await ok('consume records -p 1 -e -o json');
  assert.deepEqual(
    lines(consumed).map(line => JSON.parse(line)),
    expected,
  );
  const documents = (await ok('consume records -p 1 -e -o yaml')).split('---\n').slice(1);
  assert.deepEqual(
    documents.map(each => parseYaml(each)),
    expected,
  );

  await ok('topic create copy -p 1');
  await ok('produce copy --json', { input: consumed });
  const copies = lines(await ok('consume copy -e -o json')).map(line => JSON.parse(line));
  assert.deepEqual(
    copies.map(each => ({ ...each, topic: 'records', partition: 1 })),
    expected,
  );

  await ok('produce copy -D \\0', { input: Buffer.from([0xff, 0x0a, 0xfe, 0, 0xc0]) });
  const binary = lines(await ok('consume copy -e --from 2 -o json')).map(line => JSON.parse(line));
  assert.deepEqual(
    binary.map(({ value, valueEncoding }) => [Buffer.from(value, 'base64').toString('hex'), valueEncoding]),
    [
      ['ff0afe', 'base64'],
      ['c0', 'base64'],
    ],
  );
  assert.equal(await ok('consume copy -e --from 2 -f %v{hex}\\n'), 'ff0afe\nc0\n');
  await ok('produce copy --value one --value two -k key -z zstd');
  await ok('produce copy -k key --tombstone');
  assert.equal(await ok('consume copy -e --from -3 -f %k=%v(%V)\\n'), 'key=one(3)\nkey=two(3)\nkey=(-1)\n');
  await ok('topic delete records copy');
});

test('consume: positions, counts, filters, formats', async () => {
  await ok('topic create events -p 1');
  const input = Array.from({ length: 10 }, (_, index) => `{"n":${index},"user":{"id":"u${index % 3}"}}`).join(
    '\n',
  );
  await ok('produce events', { input });
  const cases: readonly [string, string][] = [
    ['-e --from 7 -f %o,', '7,8,9,'],
    ['-e --from -2 -f %o,', '8,9,'],
    ['-e --from +8 -f %o,', '8,9,'],
    ['--from 3 --to 5 -f %o,', '3,4,'],
    ['--from start --to end -n 2 -f %o,', '0,1,'],
    ['-e --from @-1h -n 1 -f %o,', '0,'],
    ['-e --from @2999-01-01 -f %o,', ''],
    ['-e --from end', ''],
    ['-e --filter value.user.id=u1 -f %o,', '1,4,7,'],
    ['-e --filter value.n>6 --filter value.user.id!=u0 -f %i:%o,', '1:7,2:8,'],
    ['-e --filter value~"n":[25] -f %o,', '2,5,'],
    ['-e -n 1 -f %t/%p/%o/%e/%K/%H/%%{\\x41\\n', 'events/0/0/0/-1/0/%{A\n'],
    ['-e -n 1 -f %v{json}', '"{\\"n\\":0,\\"user\\":{\\"id\\":\\"u0\\"}}"'],
  ];
  for (const [options, expected] of cases) {
    assert.equal(await ok(`consume events ${options}`), expected, options);
  }
  assert.match(await ok('consume events -e -n 1 -o wide'), /^events\t0\t0\t\d{4}-.*Z\t\t\{"n":0/);
  await ok('topic delete events');
});

test('consume goes on with what comes, until it is interrupted', async () => {
  await ok('topic create live -p 1');
  await ok('produce live --value first');
  const reading = cli('consume live -f %v\\n', {
    interruptWhen: stdout => {
      if (stdout === 'first\n') void ok('produce live --value second');
      return stdout === 'first\nsecond\n';
    },
  });
  const { code, stdout } = await reading;
  assert.deepEqual([code, stdout], [0, 'first\nsecond\n']);
  await ok('topic delete live');
});

test('groups: consume, list, describe, seek and delete, first without doing it', async () => {
  await ok('topic create shared -p 2');
  await ok('produce shared -p 0', { input: 'a\nb\nc' });
  assert.equal(await ok('consume shared -g readers -n 2 -e'), 'a\nb\n');
  const listed = await json('group list');
  assert.deepEqual(
    listed.map((group: { groupId: string; state: string }) => [group.groupId, group.state]),
    [['readers', 'Empty']],
  );
  assert.deepEqual(await json('group list --state Stable'), []);
  const [group] = await json('group describe readers');
  assert.equal(group.lag, 1);
  assert.deepEqual(
    group.partitions.map((each: Record<string, unknown>) => [
      each['committedOffset'],
      each['endOffset'],
      each['lag'],
    ]),
    [
      [2, 3, 1],
      [0, 0, 0],
    ],
  );
  assert.match(await ok('group describe readers'), /Lag +1\n/);

  const preview = await json('group seek readers --to start -t shared:0');
  assert.deepEqual([preview.isDone, preview.partitions[0].offset], [false, 0]);
  assert.match(await ok('group seek readers --to start'), /--execute does it/);
  assert.equal((await json('group describe readers'))[0].lag, 1);
  await ok('group seek readers --to start -t shared:0 --execute');
  assert.equal((await json('group describe readers'))[0].lag, 3);
  assert.equal((await json('group seek readers --by 1 --execute')).partitions[0].offset, 1);
  await ok('group seek others --to-group readers --execute');
  assert.equal(await ok('consume shared -g others -e'), 'b\nc\n');

  assert.match(await ok('group delete readers'), /would be deleted/);
  await ok('group delete readers -t shared:1 --execute');
  assert.equal((await json('group describe readers'))[0].partitions.length, 1);
  await ok('group delete readers others --execute');
  assert.equal(await ok('group list'), 'There are no groups.\n');
  const gone = await cli('group describe readers');
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /There is no group|readers/);
  await ok('topic delete shared');
});

test('topic offsets and trim', async () => {
  await ok('topic create logged -p 1');
  await ok('produce logged --timestamp @2024-01-01T00:00:00Z -X linger.ms=0', { input: '1\n2\n3\n4' });
  const [offsets] = await json('topic offsets logged --at 2024-01-01');
  assert.deepEqual(offsets, { partition: 0, earliest: 0, latest: 4, count: 4, atTime: 0 });
  assert.match(await ok('topic trim logged --before 3'), /Nothing was deleted yet/);
  assert.equal((await json('topic offsets logged'))[0].earliest, 0);
  assert.equal((await json('topic trim logged --before 3 --execute')).partitions[0].earliestAfter, 3);
  assert.equal((await json('topic offsets logged'))[0].earliest, 3);
  assert.equal(await ok('consume logged -e'), '4\n');
  await ok('topic delete logged');
});

test('cluster, broker, logdirs, api-versions', async () => {
  const info = await json('cluster info');
  assert.deepEqual(
    info.brokers.map(({ brokerId, isFenced }: Record<string, unknown>) => [brokerId, isFenced]),
    [[1, false]],
  );
  assert.match(await ok('cluster info'), /metadata\.version/);
  const health = await json('cluster health');
  assert.deepEqual([health.verdict, health.reasons], ['green', []]);
  const quorum = await json('cluster quorum');
  assert.deepEqual([quorum.leaderId, quorum.replicas.length, quorum.replicas[0].role], [1, 1, 'leader']);
  await ok('topic create moving -p 2');
  assert.match(await ok('cluster elect'), /nothing to do|preferred/);
  assert.match(await ok('cluster elect -t moving'), /moving-0 +led by its preferred replica/);
  assert.match(await ok('cluster reassign -t moving --brokers 1'), /where it should be/);
  assert.equal(await ok('cluster reassign --list'), 'Nothing is being moved.\n');
  const brokers = await json('broker list');
  assert.deepEqual([brokers[0].nodeId, brokers[0].isFenced], [1, false]);
  const described = await json('broker describe 1');
  assert.ok(described.configs.some(({ name }: { name: string }) => name === 'log.dirs'));
  assert.equal(described.logDirs[0].path, broker.folder);
  const drained = await json('broker drain 1');
  assert.ok(drained.partitions.every(({ obstacle }: { obstacle: string }) => /only replica/.test(obstacle)));
  const dirs = await json('logdirs -t moving:1');
  assert.deepEqual(
    dirs[0].partitions.map(({ partition, topic }: Record<string, unknown>) => [topic, partition]),
    [['moving', 1]],
  );
  const versions = await json('api-versions --broker 1');
  assert.ok(versions.some(({ name, used }: Record<string, unknown>) => name === 'Produce' && used === 13));
  await ok('topic delete moving');
});

test('config: get, set, unset, describe', async () => {
  await ok('topic create tuned');
  await ok('config set topic/tuned retention.ms=5000 cleanup.policy=compact');
  await ok('config set topic/tuned cleanup.policy=delete --append');
  const set = await json('config get topic/tuned --set-only');
  const values = Object.fromEntries(set.map(({ name, value }: Record<string, string>) => [name, value]));
  assert.equal(values['retention.ms'], '5000');
  assert.equal(values['cleanup.policy'], 'compact,delete');
  const [one] = await json('config get topic/tuned retention.ms --synonyms');
  assert.equal(one.source, 'topic');
  assert.deepEqual(one.synonyms[0], { name: 'retention.ms', value: '5000', source: 'topic' });
  await ok('config unset topic/tuned retention.ms --dry-run');
  assert.equal((await json('config get topic/tuned retention.ms'))[0].value, '5000');
  await ok('config unset topic/tuned retention.ms');
  assert.notEqual((await json('config get topic/tuned retention.ms'))[0].source, 'topic');
  await ok('config set broker log.retention.ms=777000');
  assert.equal((await json('config get broker/1 log.retention.ms'))[0].source, 'cluster default');
  const wrong = await cli('config set topic/tuned retention.ms=soon');
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /retention\.ms.*\nTry: "odradek config describe"/);
  const { code, stdout } = await run(['config', 'describe', 'retention.ms', '--of', 'topic']);
  assert.equal(code, 0);
  assert.match(stdout, /Setting +retention\.ms\nOf +topic\n/);
  assert.equal((await run(['config', 'describe', 'no.such.thing'])).code, 1);
  await ok('topic delete tuned');
});

test('dump-log: batches, records, indexes, the metadata log, checkpoints; and what is broken', async () => {
  await ok('topic create dumped -p 1');
  await ok('produce dumped -z gzip -K :', { input: 'k:one\nk:two' });
  const folder = path.join(broker.folder, 'dumped-0');
  const log = path.join(folder, '00000000000000000000.log');
  const dump = async (...args: string[]) => await run(['dump-log', ...args]);
  const text = (await dump(log, '--records', '--values')).stdout;
  assert.match(text, /baseOffset: 0 {2}lastOffset: 1 {2}count: 2 {2}position: 0/);
  assert.match(text, /compression: gzip .*isCrcValid: true/);
  assert.match(text, /offset: 1 .*key: k {2}value: two/);
  const batch = JSON.parse((await dump(log, '-o', 'json', '--records')).stdout);
  assert.deepEqual([batch.count, batch.records.length, batch.records[0].keySize], [2, 2, 1]);

  const metadata = path.join(broker.folder, '__cluster_metadata-0', '00000000000000000000.log');
  const records = lines((await dump(metadata, '--records', '-o', 'json')).stdout).flatMap(
    line => JSON.parse(line).records,
  );
  assert.ok(records.some(({ type, value }) => type === 'TopicRecord' && value.name === 'dumped'));
  assert.ok(records.some(({ control }) => control?.type === 'LEADER_CHANGE'));
  const state = await dump(path.join(broker.folder, 'meta.properties'));
  assert.match(state.stdout, /node\.id=1/);

  const broken = path.join(broker.folder, 'broken');
  fs.mkdirSync(broken);
  const content = fs.readFileSync(log);
  const damaged = Buffer.from(content);
  damaged[damaged.length - 1]! ^= 1;
  const file = path.join(broken, '00000000000000000000.log');
  fs.writeFileSync(file, Buffer.concat([content, damaged, content.subarray(0, 40)]));
  const result = await dump(file);
  assert.equal(result.code, 1);
  assert.equal(result.stdout.match(/isCrcValid: true/g)?.length, 1);
  assert.match(result.stderr, /cut off/);
  const missing = await dump(path.join(broken, 'nothing.log'));
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /Cannot read .*ENOENT/);
  fs.rmSync(broken, { recursive: true });
  await ok('topic delete dumped');
});

test('bench: three loads, and no topic left behind', async () => {
  const rows = await json('bench --seconds 1 --rate 200 --size 100 -p 2');
  assert.deepEqual(
    rows.map(({ what }: { what: string }) => what),
    ['produce', 'consume', 'end to end'],
  );
  const [produced, consumed, endToEnd] = rows;
  assert.ok(produced.records > 20 && produced.failures === 0, JSON.stringify(produced));
  assert.equal(consumed.records, produced.records);
  assert.ok(endToEnd.latencyMs.p50 > 0 && endToEnd.latencyMs.p50 <= endToEnd.latencyMs.max);
  assert.deepEqual(await json('topic list'), []);
});
