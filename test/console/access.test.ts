import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { runCommandLine } from '../../src/cli/main.ts';
import { Access } from '../../src/console/access.ts';
import type { Me } from '../../src/console/api/session.ts';
import { roleFor } from '../../src/console/guard.ts';
import { hashPassword } from '../../src/console/password_hash.ts';
import { type ConsoleUser, consoleUsers } from '../../src/settings/console_users.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { MonitoredNode } from '../support/monitored_node.ts';

const HOST = 'broker.example:9080';

describe('who logs in may do what the role allows', () => {
  let node: MonitoredNode;
  let hash: string;

  before(async () => {
    hash = await hashPassword('correct horse');
    const users = ['ann:admin', 'oleg:operator', 'vera:viewer'].map(each => `${each}:${hash}`).join(',');
    node = await MonitoredNode.start(`console.auth=${users}`, 'console.session.secret=shared among nodes');
  });
  after(async () => await node.stop());

  interface Asked {
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: unknown;
  }

  async function ask(path: string, { body, headers = {}, method = 'GET' }: Asked = {}): Promise<Response> {
    return await node.app.request(`http://${HOST}${path}`, {
      method,
      headers: { host: HOST, ...(method !== 'GET' && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async function login(user: string, password = 'correct horse'): Promise<Response> {
    return await ask('/api/v1/login', { method: 'POST', body: { user, password } });
  }

  async function cookieOf(user: string): Promise<string> {
    const answer = await login(user);
    assert.equal(answer.status, 200, await answer.clone().text());
    return answer.headers.get('set-cookie')!.split(';')[0]!;
  }

  const basic = (user: string, password = 'correct horse') => ({
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  });

  test('without a login there is nothing but who one is, and the health', async () => {
    const me = (await (await ask('/api/v1/me')).json()) as Me;
    assert.deepEqual(
      [me.user, me.role, me.needsLogin, me.hasLogin, me.readOnly],
      [null, null, true, true, true],
    );
    assert.equal((await ask('/api/v1/health')).status, 200);
    for (const path of [
      '/api/v1/cluster',
      '/api/v1/topics',
      '/api/v1/alerts',
      '/api/v1/history',
      '/api/v1/events',
    ]) {
      const answer = await ask(path);
      assert.equal(answer.status, 401, path);
      assert.match(((await answer.json()) as { error: string }).error, /^Log in first/);
    }
    assert.equal((await ask('/metrics')).status, 200);
  });

  test('the cookie of a session is for this site and for no script; it ends with the logout', async () => {
    const answer = await login('ann');
    const cookie = answer.headers.get('set-cookie')!;
    assert.match(cookie, /^odradek_session=[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
    assert.equal(((await answer.json()) as Me).role, 'admin');
    const session = { cookie: cookie.split(';')[0]! };
    assert.equal((await ask('/api/v1/cluster', { headers: session })).status, 200);
    assert.equal((await ask('/api/v1/logout', { method: 'POST', headers: session })).status, 204);
    assert.equal((await ask('/api/v1/cluster', { headers: session })).status, 401);
  });

  test('a cookie that was changed, or of elsewhere, is none', async () => {
    const [body, signature] = (await cookieOf('vera')).split('.') as [string, string];
    const claims = JSON.parse(Buffer.from(body.split('=')[1]!, 'base64url').toString()) as Record<
      string,
      unknown
    >;
    const forged = Buffer.from(JSON.stringify({ ...claims, user: 'ann' })).toString('base64url');
    for (const cookie of [
      `odradek_session=${forged}.${signature}`,
      `${body}.x`,
      'odradek_session=',
      'odradek_session=a.b.c',
    ]) {
      assert.equal((await ask('/api/v1/cluster', { headers: { cookie } })).status, 401, cookie);
    }
  });

  test('programs send their name and password, or a token', async () => {
    assert.equal((await ask('/api/v1/cluster', { headers: basic('vera') })).status, 200);
    const wrong = await ask('/api/v1/cluster', { headers: basic('vera', 'wrong') });
    assert.equal(wrong.status, 401);
    const answer = await ask('/api/v1/login', {
      method: 'POST',
      body: { user: 'oleg', password: 'correct horse', wantsToken: true },
    });
    assert.equal(answer.headers.get('set-cookie'), null);
    const { token } = (await answer.json()) as { token: string };
    const me = await ask('/api/v1/me', { headers: { authorization: `Bearer ${token}` } });
    assert.equal(((await me.json()) as Me).user, 'oleg');
  });

  const CHANGES: readonly (readonly [method: string, path: string, least: string])[] = [
    ['POST', '/api/v1/topics/a/messages', 'viewer'],
    ['POST', '/api/v1/groups/a/reset', 'viewer'],
    ['POST', '/api/v1/topics/a/messages/produce', 'operator'],
    ['DELETE', '/api/v1/groups/a', 'operator'],
    ['POST', '/api/v1/silences', 'operator'],
    ['POST', '/api/v1/topics', 'admin'],
    ['DELETE', '/api/v1/topics/a', 'admin'],
    ['PATCH', '/api/v1/topics/a/configs', 'admin'],
    ['PATCH', '/api/v1/brokers/1/configs', 'admin'],
    ['POST', '/api/v1/topics/a/trim', 'admin'],
    ['PUT', '/api/v1/whatever/comes', 'admin'],
  ];
  for (const [method, path, least] of CHANGES) {
    test(`${method} ${path} takes the role ${least}`, async () => {
      assert.equal(roleFor(method, path), least);
      const roles = ['viewer', 'operator', 'admin'];
      for (const [user, role] of [
        ['vera', 'viewer'],
        ['oleg', 'operator'],
        ['ann', 'admin'],
      ] as const) {
        const answer = await ask(path, {
          method,
          headers: basic(user),
          ...(method !== 'DELETE' && { body: {} }),
        });
        const isAllowed = roles.indexOf(role) >= roles.indexOf(least);
        assert.equal(answer.status === 403, !isAllowed, `${user}: ${answer.status} ${await answer.text()}`);
      }
    });
  }

  test('a viewer sees what a reset would do, and does not do it', async () => {
    const body = { to: 'start', execute: true };
    const answer = await ask('/api/v1/groups/a/reset', { method: 'POST', headers: basic('vera'), body });
    assert.equal(answer.status, 403);
    assert.match(((await answer.json()) as { error: string }).error, /vera has the role viewer/);
  });

  test('a page of elsewhere changes nothing in the name of who is logged in', async () => {
    const session = { cookie: await cookieOf('ann') };
    const forged = { ...session, origin: 'https://evil.example' };
    assert.equal((await ask('/api/v1/topics', { method: 'POST', headers: forged, body: {} })).status, 403);
    const form = { ...session, 'content-type': 'text/plain' };
    assert.equal((await ask('/api/v1/topics', { method: 'POST', headers: form, body: {} })).status, 415);
    const own = { ...session, origin: `http://${HOST}` };
    assert.equal((await ask('/api/v1/topics', { method: 'POST', headers: own, body: {} })).status, 400);
  });

  test('wrong passwords have to wait, and so does the right one meanwhile', async () => {
    const statuses: number[] = [];
    for (let tries = 0; tries < 7; tries++) statuses.push((await login('vera', 'guess')).status);
    assert.deepEqual(statuses.slice(0, 5), new Array(5).fill(401));
    assert.equal(statuses.at(-1), 429);
    const refused = await login('vera');
    assert.equal(refused.status, 429);
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
  });
});

describe('while nobody can log in', () => {
  let node: MonitoredNode;

  before(async () => {
    node = await MonitoredNode.start();
  });
  after(async () => await node.stop());

  const from = (address: string, headers: Record<string, string>, path = '/api/v1/topics', method = 'POST') =>
    node.app.request(
      `http://x${path}`,
      {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(method === 'POST' && { body: '{}' }),
      },
      { incoming: { socket: { remoteAddress: address, localAddress: address } } },
    );

  const ASKED: readonly (readonly [
    what: string,
    address: string,
    headers: Record<string, string>,
    status: number,
  ])[] = [
    ['from this machine', '127.0.0.1', { host: 'localhost:9080' }, 400],
    ['from elsewhere that says it is this machine', '10.0.0.9', { host: '127.0.0.1:9080' }, 403],
    [
      'by a proxy on this machine',
      '127.0.0.1',
      { host: '127.0.0.1:9080', 'x-forwarded-for': '10.0.0.9' },
      403,
    ],
    ['by another name', '127.0.0.1', { host: 'evil.example:9080' }, 403],
  ];
  for (const [what, address, headers, status] of ASKED) {
    test(`a change ${what} is answered with ${status}`, async () => {
      assert.equal((await from(address, headers)).status, status);
    });
  }

  test('a page whose name was made to point here does not read either', async () => {
    const read = (headers: Record<string, string>) => from('127.0.0.1', headers, '/api/v1/topics', 'GET');
    assert.equal((await read({ host: 'evil.example:9080' })).status, 403);
    assert.equal((await read({ host: 'localhost:9080' })).status, 200);
  });

  test('who may not change anything is told why, and what to do', async () => {
    const answer = await from('10.0.0.9', { host: 'broker:9080' }, '/api/v1/me', 'GET');
    const { readOnly, role, why } = (await answer.json()) as Me;
    assert.deepEqual([role, readOnly], ['viewer', true]);
    assert.match(why ?? '', /while nobody can log in, and this came to broker: .*console\.auth/);
    const login = await from('10.0.0.9', { host: 'broker:9080' }, '/api/v1/login');
    assert.equal(login.status, 400);
  });

  test('answers run nothing of elsewhere, and are in nobody’s frame', async () => {
    const { headers } = await node.get('/api/v1/me');
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('cache-control'), 'no-store');
  });
});

describe('odradek console hash-password', () => {
  async function run(
    password: string,
    ...args: string[]
  ): Promise<{ code: number; out: string; error: string }> {
    const seen = { out: '', error: '' };
    const stream = (name: 'out' | 'error') => ({
      write(text: string | Uint8Array, done?: () => void) {
        seen[name] += text;
        done?.();
      },
    });
    const code = await runCommandLine(['console', 'hash-password', ...args], {
      stdin: Readable.from([`${password}\n`]),
      stdout: stream('out'),
      stderr: stream('error'),
      environment: {},
      onInterrupt() {},
    });
    return { code, ...seen };
  }

  test('prints an entry that the setting takes', async () => {
    const { code, out } = await run('correct horse', 'ann', '--role', 'operator');
    assert.equal(code, 0);
    const [user] = consoleUsers.parse(out) ?? [];
    assert.deepEqual([user?.name, user?.role, user?.hash.cost], ['ann', 'operator', 32_768]);
  });

  test('refuses a short password, and a name that is none', async () => {
    assert.deepEqual(await run('short', 'ann'), {
      code: 2,
      out: '',
      error: 'odradek: A password has 8 to 1000 characters; this one has 5\n',
    });
    assert.match((await run('correct horse', 'a:b')).error, /"a:b" is no name of a user/);
  });
});

describe('tokens', () => {
  const clock = new SimulatedClock(new SimulatedTime());
  const entry = (password: string) => `ann:admin:scrypt$32768$8$1$${'A'.repeat(22)}$${password.repeat(43)}`;
  const accessWith = (secret: string | undefined, password = 'B') =>
    new Access({ clock, users: consoleUsers.parse(entry(password))!, secret });
  const [ann] = consoleUsers.parse(entry('B')) as [ConsoleUser];

  test('a session counts at every node that shares the secret, and at no other', () => {
    const { token } = accessWith('shared').session(ann);
    assert.equal((accessWith('shared').holderOf(token) as ConsoleUser).name, 'ann');
    assert.equal(accessWith('other').holderOf(token), undefined);
    assert.equal(accessWith(undefined).holderOf(token), undefined);
  });

  test('another password ends the sessions before it', () => {
    const { token } = accessWith('shared').session(ann);
    assert.equal(accessWith('shared', 'C').holderOf(token), undefined);
  });

  test('a session ends with its time', async () => {
    const time = new SimulatedTime();
    const access = new Access({ clock: new SimulatedClock(time), users: [ann], secret: 'shared' });
    const { lastsMs, token } = access.session(ann);
    await time.advance(lastsMs - 1);
    assert.notEqual(access.holderOf(token), undefined);
    await time.advance(1);
    assert.equal(access.holderOf(token), undefined);
  });

  test('nodes of one secret ask each other, with a token that ends soon', async () => {
    assert.equal(accessWith(undefined).nodeToken(), undefined);
    assert.equal(accessWith('shared').holderOf(accessWith('shared').nodeToken()!), '#node');
    assert.equal(accessWith('other').holderOf(accessWith('shared').nodeToken()!), undefined);
  });
});

test('console.auth takes nothing that would be no protection', () => {
  const entry = `ann:admin:scrypt$32768$8$1$${'A'.repeat(22)}$${'B'.repeat(43)}`;
  assert.equal(consoleUsers.parse(entry)?.length, 1);
  const bad = [
    entry.replace('admin', 'root'),
    entry.replace('32768', '1024'),
    entry.replace('32768', '32769'),
    entry.replace('scrypt', 'md5'),
    `${entry},${entry}`,
    'ann:admin:secret',
  ];
  for (const text of bad) assert.equal(consoleUsers.parse(text), undefined, text);
});
