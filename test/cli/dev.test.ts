import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { folderProblem } from '../../src/cluster/local_layout.ts';
import { clusterPort } from '../support/cluster_port.ts';
import { Workplace } from '../support/node_process.ts';

const place = await Workplace.make();
const HOST = '127.0.0.1';
const skip = process.platform === 'win32' ? 'processes of Windows know no signals' : false;

const portFor = async (brokers: number) => String(await clusterPort(brokers));

test('a cluster goes on without one of its brokers, takes it back, and ends with Ctrl-C', {
  skip,
}, async () => {
  const port = await portFor(3);
  const data = place.path('cluster');
  const cluster = place.run(['dev', '--port', port, '--data', data]);
  await cluster.prints(/Ctrl-C stops all/);
  const rows = [...cluster.stdout.matchAll(/^ {2}(\d) {2,}(127\.0\.0\.1:\d+) +(http:\S+) +(\d+) +(\S+)$/gm)];
  assert.deepEqual(
    rows.map(([, id, address]) => [id, address]),
    [0, 1, 2].map(at => [String(at + 1), `${HOST}:${Number(port) + at}`]),
  );
  // The commands' default is the first broker: it is not the one to be killed.
  assert.match(cluster.stdout, new RegExp(`kill -9 ${rows[1]![4]} +ends broker 2: `));
  process.kill(Number(rows[0]![4]), 'SIGKILL');
  await cluster.prints(
    /broker 1 \(pid \d+\) was ended by SIGKILL; 2 left\. Start it again: .* serve -c \S+broker-1\.properties/,
  );
  await cluster.prints(/others lead what broker 1 led, \d+ ms later: its process is gone/);
  const again = place.run(['serve', '-c', `${data}/broker-1.properties`]);
  assert.equal((await again.ready()).nodeId, 1);
  again.signal('SIGTERM');
  assert.equal(await again.ended(), 0);
  cluster.signal('SIGINT');
  assert.equal(await cluster.ended(), 0, cluster.stderr);
  assert.ok(fs.existsSync(`${data}/broker-2/.kafka_cleanshutdown`), 'the others ended in order');
});

test('its brokers end with it, however it ends', { skip }, async () => {
  const cluster = place.run([
    'dev',
    '--brokers',
    '1',
    '--port',
    await portFor(1),
    '--data',
    place.path('one'),
  ]);
  const [, pid] = await cluster.prints(/^ {2}1 .* (\d+) +\S+$/m);
  cluster.signal('SIGKILL');
  await cluster.ended();
  for (;;) {
    try {
      process.kill(Number(pid), 0);
    } catch {
      break;
    }
    await new Promise(setImmediate);
  }
  assert.ok(fs.existsSync(`${place.path('one')}/broker-1/.kafka_cleanshutdown`));
});

test('a setting that makes no sense is told once, and nothing is left running', { skip }, async () => {
  const args = [
    'dev',
    '--port',
    await portFor(3),
    '--data',
    place.path('bad'),
    '--override',
    'num.partitions=none',
  ];
  const cluster = place.run(args);
  assert.equal(await cluster.ended(), 1);
  assert.match(cluster.stderr, /broker \d does not start: .*num\.partitions/);
});

const MISUSES: readonly (readonly [args: readonly string[], text: RegExp])[] = [
  [['--brokers', '0'], /--brokers is a number from 1 to 9/],
  [['--brokers', 'many'], /--brokers is a number from 1 to 9/],
  [['--port', '99999'], /--port is a number from 1 to 65000/],
];
for (const [args, text] of MISUSES) {
  test(`dev ${args.join(' ')}`, async () => {
    const cluster = place.run(['dev', ...args]);
    assert.equal(await cluster.ended(), 2);
    assert.match(cluster.stderr, text);
  });
}

test('a folder of something else is left alone', () => {
  const layout = { port: 9092, overrides: [], httpPorts: [9080, 9081, 9082] };
  const folder = place.path('folder');
  assert.equal(folderProblem({ ...layout, folder, brokers: 3 }), undefined);
  fs.mkdirSync(`${folder}/broker-3`, { recursive: true });
  assert.equal(folderProblem({ ...layout, folder, brokers: 3 }), undefined);
  assert.match(
    folderProblem({ ...layout, folder, brokers: 2 })!,
    /has the data of 3 brokers: start with --brokers 3/,
  );
  fs.writeFileSync(`${folder}/meta.properties`, '');
  assert.match(folderProblem({ ...layout, folder, brokers: 3 })!, /has the data of a single node/);
});
