/* Odradek's own commands, each in a process of its own, against whatever node there is. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Case, Scenario } from '../support/program.ts';
import { until } from '../support/wait.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/odradek');

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function odradek({ bootstrap }: Scenario, args: readonly string[], input = ''): Promise<Result> {
  const child = spawn(process.execPath, [PROGRAM, ...args, '-B', bootstrap], { stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', data => {
    stdout += data;
  });
  child.stderr.on('data', data => {
    stderr += data;
  });
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

/** What a command prints that has to go well. */
async function ok(scenario: Scenario, args: readonly string[], input = ''): Promise<string> {
  const { code, stderr, stdout } = await odradek(scenario, args, input);
  assert.equal(code, 0, `odradek ${args.join(' ')}: ${stderr}`);
  return stdout;
}

// biome-ignore lint/suspicious/noExplicitAny: what a command prints is looked at, not typed
async function json(scenario: Scenario, ...args: string[]): Promise<any> {
  return JSON.parse(await ok(scenario, [...args, '-o', 'json']));
}

/** Creates the topic of the case and waits until it can be used. */
async function makeTopic(scenario: Scenario, partitions: number, suffix = 'topic'): Promise<string> {
  const topic = scenario.name(suffix);
  await ok(scenario, ['topic', 'create', topic, '-p', String(partitions), '-c', 'retention.ms=-1']);
  await until('the topic has its leaders', async () => {
    const { code, stdout } = await odradek(scenario, ['topic', 'describe', topic, '-o', 'json']);
    if (code !== 0) return false;
    const [described] = JSON.parse(stdout);
    return described.partitions.every(({ leader }: { leader: number | null }) => leader !== null);
  });
  return topic;
}

const topics: Case = async scenario => {
  const topic = await makeTopic(scenario, 2);
  const again = await odradek(scenario, ['topic', 'create', topic]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /--if-not-exists/);
  await ok(scenario, ['topic', 'create', topic, '--if-not-exists']);
  await ok(scenario, ['topic', 'create', scenario.name('dry'), '--dry-run']);
  await ok(scenario, ['topic', 'alter', topic, '-c', 'segment.bytes=2097152', '-d', 'retention.ms']);
  await ok(scenario, ['topic', 'add-partitions', topic, '--add', '1']);
  await until('the partition is there', async () => {
    const [described] = await json(scenario, 'topic', 'describe', topic);
    return described.partitions.length === 3;
  });
  const [described] = await json(scenario, 'topic', 'describe', topic);
  assert.deepEqual(described.configs, [{ name: 'segment.bytes', value: '2097152' }]);
  const listed = (await json(scenario, 'topic', 'list')).map(({ name }: { name: string }) => name);
  assert.ok(listed.includes(topic) && !listed.includes(scenario.name('dry')));
  await ok(scenario, ['topic', 'delete', topic]);
  await until('it is gone', async () => {
    const left = await json(scenario, 'topic', 'list');
    return !left.some(({ name }: { name: string }) => name === topic);
  });
};

const configs: Case = async scenario => {
  const topic = await makeTopic(scenario, 1);
  await ok(scenario, ['config', 'set', `topic/${topic}`, 'cleanup.policy=compact']);
  await ok(scenario, ['config', 'set', `topic/${topic}`, 'cleanup.policy=delete', '--append']);
  const [policy] = await json(scenario, 'config', 'get', `topic/${topic}`, 'cleanup.policy');
  assert.deepEqual([policy.value, policy.source, policy.type], ['compact,delete', 'topic', 'list']);
  await ok(scenario, ['config', 'unset', `topic/${topic}`, 'cleanup.policy']);
  const wrong = await odradek(scenario, ['config', 'set', `topic/${topic}`, 'retention.ms=soon']);
  assert.equal(wrong.code, 1);
  const broker = await json(scenario, 'config', 'get', 'broker/1', '--set-only');
  assert.ok(broker.some(({ name }: { name: string }) => name === 'listeners'));
};

const records: Case = async scenario => {
  const topic = await makeTopic(scenario, 2);
  const expected: string[] = [];
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    const values = Array.from({ length: 200 }, (_, index) => `${codec} ${index} `.padEnd(60, '.'));
    await ok(scenario, ['produce', topic, '-p', '0', '-z', codec], values.join('\n'));
    expected.push(...values);
  }
  for (const acks of ['0', '1']) {
    await ok(scenario, ['produce', topic, '-p', '0', '--acks', acks, '--value', `acks ${acks}`]);
    expected.push(`acks ${acks}`);
  }
  const got = await ok(scenario, ['consume', topic, '-p', '0', '-e']);
  assert.deepEqual(got.trimEnd().split('\n'), expected);

  const keyed = ['produce', topic, '-p', '1', '-K', ':', '-H', 'trace=7', '--timestamp', '@1700000000000'];
  await ok(scenario, keyed, 'a:1\nb:2\n');
  await ok(scenario, ['produce', topic, '-p', '1', '-k', 'a', '--tombstone']);
  const written = await ok(scenario, ['consume', topic, '-p', '1', '-e', '-o', 'json']);
  const [first, , third] = written
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual(
    [first.key, first.value, first.timestamp, first.headers],
    ['a', '1', 1_700_000_000_000, [{ key: 'trace', value: '7' }]],
  );
  assert.deepEqual([third.key, third.value], ['a', null]);
  const copy = await makeTopic(scenario, 1, 'copy');
  await ok(scenario, ['produce', copy, '--json'], written);
  assert.equal(await ok(scenario, ['consume', copy, '-e', '-f', '%k=%v{json},']), 'a="1",b="2",a=null,');
};

const positions: Case = async scenario => {
  const topic = await makeTopic(scenario, 1);
  for (const [time, value] of [
    [1_700_000_000_000, 'one'],
    [1_700_000_001_000, 'two'],
    [1_700_000_002_000, 'three'],
  ]) {
    await ok(scenario, ['produce', topic, '--timestamp', `@${time}`, '--value', String(value)]);
  }
  const cases: readonly [string, string][] = [
    ['start', 'one two three '],
    ['1', 'two three '],
    ['-1', 'three '],
    ['@1700000000500', 'two three '],
    ['@1800000000000', ''],
    ['end', ''],
  ];
  for (const [from, expected] of cases) {
    assert.equal(await ok(scenario, ['consume', topic, '-e', '--from', from, '-f', '%v ']), expected, from);
  }
  const [offsets] = await json(scenario, 'topic', 'offsets', topic, '--at', '@1700000002000');
  assert.deepEqual([offsets.earliest, offsets.latest, offsets.atTime], [0, 3, 2]);
  await ok(scenario, ['topic', 'trim', topic, '--before', '2', '--execute']);
  assert.equal((await json(scenario, 'topic', 'offsets', topic))[0].earliest, 2);
  assert.equal(await ok(scenario, ['consume', topic, '-e']), 'three\n');
};

const groups: Case = async scenario => {
  const topic = await makeTopic(scenario, 2);
  const group = scenario.name('group');
  await ok(scenario, ['produce', topic, '-p', '0'], 'a\nb\nc\n');
  assert.equal(await ok(scenario, ['consume', topic, '-g', group, '-n', '2']), 'a\nb\n');
  const listed = await json(scenario, 'group', 'list');
  assert.ok(
    listed.some(({ groupId, state }: Record<string, string>) => groupId === group && state === 'Empty'),
  );
  assert.equal((await json(scenario, 'group', 'describe', group))[0].lag, 1);
  await ok(scenario, ['group', 'seek', group, '--to', 'start']);
  assert.equal((await json(scenario, 'group', 'describe', group))[0].lag, 1, 'a preview moves nothing');
  await ok(scenario, ['group', 'seek', group, '--to', 'start', '-t', `${topic}:0`, '--execute']);
  assert.equal(await ok(scenario, ['consume', topic, '-g', group, '-n', '3']), 'a\nb\nc\n');
  await ok(scenario, ['group', 'delete', group, '-t', `${topic}:0`, '--execute']);
  await ok(scenario, ['group', 'delete', group, '--execute']);
  const gone = await odradek(scenario, ['group', 'describe', group]);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /odradek group list/);
};

const cluster: Case = async scenario => {
  const topic = await makeTopic(scenario, 1);
  const info = await json(scenario, 'cluster', 'info');
  assert.equal(info.brokers.length, 1);
  assert.ok(info.features.some(({ name }: { name: string }) => name === 'metadata.version'));
  assert.equal((await json(scenario, 'cluster', 'health')).verdict, 'green');
  const quorum = await json(scenario, 'cluster', 'quorum');
  assert.deepEqual([quorum.leaderId, quorum.replicas[0].role], [1, 'leader']);
  await ok(scenario, ['cluster', 'elect', '-t', topic]);
  await ok(scenario, ['cluster', 'reassign', '-t', topic, '--brokers', '1', '--execute', '--wait']);
  assert.deepEqual(await json(scenario, 'cluster', 'reassign', '--list'), []);
  const [broker] = await json(scenario, 'broker', 'list');
  assert.deepEqual([broker.nodeId, broker.isFenced], [1, false]);
  assert.equal((await json(scenario, 'broker', 'describe', '1')).logDirs[0].error, null);
  const [dir] = await json(scenario, 'logdirs', '-t', topic);
  assert.equal(dir.partitions[0].topic, topic);
  const versions = await json(scenario, 'api-versions');
  for (const name of ['Produce', 'Fetch', 'Metadata', 'JoinGroup', 'DescribeCluster']) {
    const api = versions.find((each: { name: string }) => each.name === name);
    assert.ok(api !== undefined && api.used !== null, `${name} is spoken by both`);
  }
};

const bench: Case = async scenario => {
  const rows = await json(scenario, 'bench', '--seconds', '1', '--rate', '500', '--size', '100', '-p', '2');
  assert.ok(
    rows.every(({ failures, records: count }: Record<string, number>) => failures === 0 && count! > 0),
  );
  assert.equal(rows[1].records, rows[0].records);
};

const refusals: Case = async scenario => {
  const lines: readonly [readonly string[], number, RegExp][] = [
    [['consume', scenario.name('nosuch'), '-e'], 1, /There is no topic .*\nTry: /],
    [['topic', 'create', 'not legal'], 1, /not legal/],
    [['topic', 'create', scenario.name('many'), '-r', '9'], 1, /Try: "odradek broker list"/],
    [['broker', 'describe', '99'], 1, /There is no broker 99/],
    [['topic', 'create', scenario.name('x'), '-p', 'many'], 2, /-p is "many"/],
  ];
  for (const [args, code, text] of lines) {
    const result = await odradek(scenario, args);
    assert.equal(result.code, code, args.join(' '));
    assert.match(result.stdout + result.stderr, text);
  }
};

/** Every case of the commands, in the order in which they run. */
export const cases: Readonly<Record<string, Case>> = {
  topics,
  configs,
  records,
  positions,
  groups,
  cluster,
  bench,
  refusals,
};
