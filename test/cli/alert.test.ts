import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { run } from '../support/command_line.ts';

/** What a node answers: the shapes of its HTTP API. */
const ALERT = {
  fingerprint: 'f1',
  name: 'BrokerDown',
  severity: 'critical',
  state: 'firing',
  muted: null,
  scope: 'cluster',
  labels: { alertname: 'BrokerDown', severity: 'critical', broker: '3' },
  annotations: {},
  text: 'Broker 3 is down. Start it: odradek serve',
  value: 1,
  since: '2026-01-01T00:00:00.000Z',
  resolved: null,
};
const PENDING = { ...ALERT, fingerprint: 'f2', name: 'IsrChurn', severity: 'warning', state: 'pending' };
const SILENCE = {
  id: 's1',
  matchers: [{ name: 'alertname', value: 'Broker.*', isRegex: true, isEqual: true }],
  startsAt: '2026-01-01T00:00:00.000Z',
  endsAt: '2026-01-01T02:00:00.000Z',
  createdBy: 'me',
  comment: 'upgrade',
};
const sink = { name: 'webhook http://x', sent: 0, failed: 0, waiting: 0, failure: null as string | null };

let server: http.Server;
let url: string;
/** Where nobody listens. */
let deadUrl: string;
/** What was asked for, as `METHOD path body`. */
let asked: string[] = [];

function answer(line: string): [number, unknown] {
  if (line.startsWith('GET /api/v1/alerts/rules')) {
    const builtIn = [
      {
        name: 'BrokerDown',
        scope: 'cluster',
        severity: 'critical',
        forMs: 60_000,
        threshold: null,
        settings: 'alert.broker.down.*',
      },
    ];
    const own = [{ name: 'Mine', expression: 'up == 0', severity: 'warning', forMs: 5_000 }];
    return [200, { builtIn, own, ownProblem: null }];
  }
  if (line.startsWith('GET /api/v1/alerts')) return [200, { alerts: [PENDING, ALERT], sinks: [sink] }];
  if (line.startsWith('POST /api/v1/alerts/test')) {
    const before = { ...sink };
    sink.sent++;
    return [200, { sinks: [before] }];
  }
  if (line.startsWith('GET /api/v1/silences')) return [200, { silences: [SILENCE] }];
  if (line.startsWith('POST /api/v1/silences')) return [201, SILENCE];
  if (line.startsWith('DELETE /api/v1/silences/s1')) return [204, undefined];
  return [404, { error: 'There is no such silence' }];
}

before(async () => {
  server = http.createServer((request, response) => {
    let body = '';
    request.on('data', data => {
      body += data;
    });
    request.on('end', () => {
      const line = `${request.method} ${request.url} ${body}`;
      asked.push(line);
      const [status, content] = answer(line);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(content === undefined ? undefined : JSON.stringify(content));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dead = http.createServer();
  await new Promise<void>(resolve => dead.listen(0, '127.0.0.1', resolve));
  deadUrl = `http://127.0.0.1:${(dead.address() as AddressInfo).port}`;
  await new Promise(resolve => dead.close(resolve));
});
after(() => {
  server.closeAllConnections();
  server.close();
});

async function alert(...args: string[]) {
  asked = [];
  return await run(['alert', ...args, '--http', url]);
}

test('alert list: what fires comes first, alerts of several nodes are one, sinks are shown', async () => {
  const { code, stdout } = await run(['alert', 'list', '--http', `${url},${url}`]);
  assert.equal(code, 0);
  const [, first, second] = stdout.split('\n');
  assert.match(first!, /^firing +critical +BrokerDown +2026-.* Broker 3 is down\. Start it/);
  assert.match(second!, /^pending +warning +IsrChurn/);
  assert.equal(stdout.match(/BrokerDown/g)!.length, 1);
  const data = JSON.parse((await alert('list', '-o', 'json')).stdout);
  assert.deepEqual([data.alerts.length, data.sinks.length], [2, 1]);
});

test('alert rules', async () => {
  const { stdout } = await alert('rules');
  assert.match(stdout, /BrokerDown +critical +1 min/);
  assert.match(stdout, /Mine +warning +5 s +up == 0/);
});

test('alert silence: show, make, end', async () => {
  assert.match((await alert('silence')).stdout, /s1 +alertname=~Broker\.\* +2026-01-01T02/);
  const made = await alert(
    'silence',
    '-m',
    'alertname=~Broker.*',
    '-m',
    'broker!=1',
    '--for',
    '2h',
    '--comment',
    'upgrade',
    '--by',
    'me',
  );
  assert.equal(made.code, 0);
  const [, , body] = /^(POST) \/api\/v1\/silences (.*)$/.exec(asked[0]!)!;
  const { comment, createdBy, endsAt, matchers } = JSON.parse(body!);
  assert.deepEqual([comment, createdBy], ['upgrade', 'me']);
  assert.deepEqual(matchers, [
    { name: 'alertname', value: 'Broker.*', isRegex: true, isEqual: true },
    { name: 'broker', value: '1', isRegex: false, isEqual: false },
  ]);
  const minutes = (Date.parse(endsAt) - Date.now()) / 60_000;
  assert.ok(minutes > 118 && minutes <= 120, `${minutes} minutes`);
  assert.equal((await alert('silence', '--remove', 's1')).code, 0);
  const gone = await alert('silence', '--remove', 's2');
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /There is no such silence/);
});

test('alert test waits for the sinks', async () => {
  const { code, stdout } = await alert('test');
  assert.equal(code, 0);
  assert.match(stdout, /webhook http:\/\/x +sent/);
  sink.failure = 'it answered 500';
  const failed = await alert('test');
  sink.failure = null;
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /failed +it answered 500/);
});

test('what makes no sense, and nodes that are not there', async () => {
  const misused: readonly string[][] = [
    ['silence', '-m', 'alertname=X'],
    ['silence', '-m', 'nonsense', '--for', '1h', '--comment', 'x'],
    ['silence', '-m', 'a=b', '--for', 'long', '--comment', 'x'],
    ['silence', '--for', '1h'],
    ['silence', '-m', 'a=b', '--remove', 's1'],
  ];
  for (const args of misused) assert.equal((await alert(...args)).code, 2, args.join(' '));
  const nobody = await run(['alert', 'list', '--http', deadUrl.replace('http://', '')]);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /Cannot reach http:\/\/127\.0\.0\.1:\d+: ECONNREFUSED/);
  const one = await run(['alert', 'list', '--http', `${deadUrl},${url}`]);
  assert.equal(one.code, 0);
  assert.match(one.stderr, /Cannot reach/);
  assert.equal((await run(['alert', 'list', '--http', 'http://:x'])).code, 2);
});
