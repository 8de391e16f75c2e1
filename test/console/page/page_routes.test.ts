import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { pageRoutes } from '../../../src/console/routes/page.ts';
import { securityHeaders } from '../../../src/console/security_headers.ts';
import { buildPage } from './support/fixture_node.ts';

/** What a person waits for over a slow line. */
const MAX_GZIPPED_BYTES = 100 * 1024;

const folder = await buildPage();
after(() => fs.rmSync(folder, { recursive: true }));
const app = new Hono().use(securityHeaders()).route('/', pageRoutes({ folder }));
const get = (address: string, headers: Record<string, string> = {}) => app.request(address, { headers });

test('the root leads to the console, by relative addresses: a proxy may add a path', async () => {
  for (const address of ['/', '/console']) {
    assert.equal((await get(address)).headers.get('location'), 'console/');
  }
});

test('the page is asked for anew each time, and its files never again', async () => {
  const page = await get('/console/');
  assert.equal(page.status, 200);
  assert.equal(page.headers.get('cache-control'), 'no-cache');
  assert.match(
    page.headers.get('content-security-policy')!,
    /^default-src 'none'; script-src 'self'; style-src 'self';/,
  );
  const files = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(match => match[1]!);
  assert.equal(files.length, 3);
  for (const file of files) {
    assert.match(file, /^[a-z]+-[A-Z0-9]{8}\.(js|css|svg)$/);
    const answer = await get(`/console/${file}`);
    assert.equal(answer.status, 200, file);
    assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  }
});

test('who has the page already is not sent it again', async () => {
  const etag = (await get('/console/')).headers.get('etag')!;
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const again = await get('/console/', { 'if-none-match': known });
    assert.deepEqual([again.status, await again.text()], [304, '']);
  }
  assert.equal((await get('/console/', { 'if-none-match': '"other"' })).status, 200);
});

test('the page is small, and is sent compressed to who takes that', async () => {
  let bytes = 0;
  for (const name of fs.readdirSync(folder)) {
    const answer = await get(`/console/${name}`, { 'accept-encoding': 'br, gzip' });
    const body = Buffer.from(await answer.arrayBuffer());
    assert.equal(answer.headers.get('content-encoding'), 'gzip');
    assert.deepEqual(gunzipSync(body), fs.readFileSync(path.join(folder, name)));
    bytes += body.length;
  }
  assert.ok(bytes < MAX_GZIPPED_BYTES, `${bytes} bytes`);
});

test('what is not there is not found', async () => {
  assert.equal((await get('/console/nothing.js')).status, 404);
  assert.equal((await get('/console/..%2Fpackage.json')).status, 404);
});

test('a copy that is not built says how to build it, and serves the page once it is', async () => {
  const later = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-page-'));
  try {
    const unbuilt = pageRoutes({ folder: later });
    const answer = await unbuilt.request('/console/');
    assert.equal(answer.status, 503);
    assert.match(await answer.text(), /npm run build/);
    fs.cpSync(folder, later, { recursive: true });
    assert.equal((await unbuilt.request('/console/')).status, 200);
  } finally {
    fs.rmSync(later, { recursive: true });
  }
});
