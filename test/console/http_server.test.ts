import assert from 'node:assert/strict';
import net from 'node:net';
import { afterEach, test } from 'node:test';
import { Hono } from 'hono';
import { serveHttp } from '../../src/cli/serve_http.ts';
import { HttpServer } from '../../src/console/http_server.ts';
import { NodeAlertTransport } from '../../src/io/node_alert_transport.ts';
import { NodeClock } from '../../src/io/node_clock.ts';
import { NodeDisk } from '../../src/io/node_disk.ts';
import { NodeNetwork } from '../../src/io/node_network.ts';
import { NodeRandom } from '../../src/io/node_random.ts';
import { failed } from '../../src/model/failure.ts';
import { UserRulesFile } from '../../src/monitor/alerts/user_rules_file.ts';
import { Monitor } from '../../src/monitor/monitor.ts';
import { type Configuration, loadConfiguration } from '../../src/settings/configuration.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import { IDLE_PROCESS } from '../support/idle_process.ts';

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of toClose.splice(0)) await each.close();
});

/** A port that someone else listens on. */
async function takenPort(): Promise<number> {
  const other = net.createServer();
  toClose.push(other);
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
  return (other.address() as net.AddressInfo).port;
}

const logger = new SimulatedLogger(new NodeClock());

function servicesFor(listeners: string) {
  const configuration = loadConfiguration({ hostname: 'h', overrides: [`http.listeners=${listeners}`] });
  assert.ok(!Array.isArray(configuration), JSON.stringify(configuration));
  const { settings } = configuration as Configuration;
  const clock = new NodeClock();
  const random = new NodeRandom();
  const monitor = new Monitor({
    clock,
    random,
    logger,
    facts: IDLE_PROCESS,
    syncTimes: undefined,
    transport: new NodeAlertTransport(),
    rulesFile: new UserRulesFile({ disk: new NodeDisk(), clock, logger }),
  });
  return {
    monitor,
    ports: { clock, random, network: new NodeNetwork(logger), logger },
    settings: () => settings,
    ending: new AbortController().signal,
  };
}

async function serve(listeners: string, isConfigured: boolean) {
  const server = await serveHttp({ ...servicesFor(listeners), isConfigured });
  if (!failed(server)) toClose.push(server);
  return server;
}

test('an app is served at every address, and no more after the end', async () => {
  const server = new HttpServer();
  const app = new Hono().get('/', context => context.text('here'));
  for (const host of ['127.0.0.1', 'localhost']) {
    const address = await server.listen({ host, port: 0 }, async () => app);
    assert.ok(!failed(address));
    assert.equal(await (await fetch(`http://${host}:${address.port}/`)).text(), 'here');
  }
  const { port } = server.addresses[0]!;
  await server.close();
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
});

test('an app that can not be loaded is an answer, not the end of the node', async () => {
  const server = new HttpServer();
  toClose.push(server);
  const address = await server.listen({ host: '127.0.0.1', port: 0 }, () =>
    Promise.reject(new Error('no file')),
  );
  assert.ok(!failed(address));
  const response = await fetch(`http://127.0.0.1:${address.port}/`);
  assert.equal(response.status, 500);
  assert.match(await response.text(), /can not load what it serves over HTTP: Error: no file$/);
});

test('a taken port ends the start where the operator asked for it', async () => {
  const port = await takenPort();
  const server = await serve(`http://127.0.0.1:0,http://127.0.0.1:${port}`, true);
  assert.ok(failed(server));
  assert.match(server.message, new RegExp(`Cannot listen on http://127.0.0.1:${port}: another process`));
});

test('a taken port of the default is left to the other node', async () => {
  const port = await takenPort();
  const server = await serve(`http://127.0.0.1:${port}`, false);
  assert.ok(!failed(server));
  assert.deepEqual(server.addresses, []);
  assert.equal(logger.lines.at(-1)!.level, 'warn');
});

test('nothing is served where the setting is empty', async () => {
  const server = await serve('', true);
  assert.ok(!failed(server));
  assert.deepEqual(server.addresses, []);
});

test('a node that has not started is alive, is not ready and shows its process', async () => {
  const server = await serve('http://127.0.0.1:0', true);
  assert.ok(!failed(server));
  const base = `http://127.0.0.1:${server.addresses[0]!.port}`;
  assert.deepEqual(await (await fetch(`${base}/health/live`)).json(), { status: 'live' });
  const ready = await fetch(`${base}/health/ready`);
  assert.equal(ready.status, 503);
  const { status, reasons } = (await ready.json()) as { status: string; reasons: string[] };
  assert.equal(status, 'not ready');
  assert.match(reasons.join(), /^the node is starting: /);
  assert.equal((await fetch(`${base}/api/v1/health`)).status, 503);
  assert.match(await (await fetch(`${base}/metrics`)).text(), /^kafka_server_kafkaserver_brokerstate 1$/m);
  const nothing = await fetch(`${base}/nothing`);
  assert.equal(nothing.status, 404);
  assert.match(((await nothing.json()) as { error: string }).error, /There is nothing at \/nothing/);
});
