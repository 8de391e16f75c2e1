import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import type { Configs } from '../../src/console/api/common.ts';
import { HookServer } from '../support/hook_server.ts';
import { MonitoredNode } from '../support/monitored_node.ts';
import { until } from '../support/until.ts';

interface ShownAlert {
  readonly name: string;
  readonly state: string;
  readonly muted: string | null;
  readonly scope: string;
  readonly text: string;
  readonly labels: Record<string, string>;
  readonly since: string;
}

interface Webhook {
  readonly status: string;
  readonly groupLabels: { readonly alertname: string };
  readonly alerts: readonly { readonly annotations: { readonly description: string } }[];
}

describe('the alerts of a node', () => {
  let hook: HookServer;
  let node: MonitoredNode;
  let folder: string;
  let settings: string[];

  before(async () => {
    hook = await HookServer.start();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-rules-'));
    const rules = path.join(folder, 'rules.yml');
    fs.writeFileSync(
      rules,
      'rules: [{alert: HasTopic, expr: "kafka_topic_partitions{topic=\\"lagging\\"} > 0"}]',
    );
    settings = [
      `alerts.webhook.urls=${hook.url}/hook`,
      `alerts.rules.file=${rules}`,
      'alert.consumer.group.stalled.for.ms=0',
    ];
    node = await MonitoredNode.start(...settings);
  });
  after(async () => {
    await node.stop();
    hook.close();
    fs.rmSync(folder, { recursive: true });
  });

  const alerts = async (): Promise<ShownAlert[]> =>
    ((await (await node.get('/api/v1/alerts')).json()) as { alerts: ShownAlert[] }).alerts;
  const alert = async (name: string) => (await alerts()).find(each => each.name === name);
  const told = (name: string) =>
    hook.received
      .map(({ body }) => body as Webhook)
      .filter(({ groupLabels }) => groupLabels.alertname === name);

  test("a group that commits the same offset is stalled: it fires, and is told in Alertmanager's form", async () => {
    await stall(node.bootstrap);
    await until(() => told('ConsumerGroupStalled').length > 0);
    const found = await alert('ConsumerGroupStalled');
    assert.deepEqual(found!.labels, {
      consumergroup: 'slow',
      topic: 'lagging',
      partition: '0',
      alertname: 'ConsumerGroupStalled',
      severity: 'warning',
    });
    assert.equal(found!.scope, 'cluster');
    assert.match(
      found!.text,
      /^Group slow commits the same offset again and again in lagging-0, and is 5 records behind\. Since \d{4}-.*Z\. See: odradek group describe slow$/,
    );
    const [webhook] = told('ConsumerGroupStalled');
    assert.equal(webhook!.status, 'firing');
    assert.equal(webhook!.alerts[0]!.annotations.description, found!.text);
  });

  test("a user's own rule fires", async () => {
    await until(async () => (await alert('HasTopic'))?.state === 'firing');
    assert.equal(told('HasTopic').length, 1);
  });

  test('the next process goes on where the last one was, and tells nothing twice', async () => {
    const before_ = (await alert('ConsumerGroupStalled'))!;
    // It is kept at most every five seconds.
    await until(() => node.broker.image.configs.of({ type: 4, name: '' }).get('alerts.state') !== undefined);
    const stateHas = () =>
      node.broker.parts.metadata.image.configs.of({ type: 4, name: '' }).get('alerts.state');
    const first = stateHas();
    await until(() => stateHas() !== first || told('HasTopic').length > 0, { timeoutMs: 20_000 });
    node = await node.restart(...settings);
    await until(async () => (await alert('ConsumerGroupStalled'))?.state === 'firing');
    await until(async () => (await alert('HasTopic'))?.state === 'firing');
    assert.equal((await alert('ConsumerGroupStalled'))!.since, before_.since);
    assert.equal(told('ConsumerGroupStalled').length, 1);
  });

  test('what the nodes keep for themselves is no setting to look at', async () => {
    const { configs } = await node.json<Configs>('/api/v1/brokers/default/configs');
    assert.deepEqual(
      configs.filter(({ name }) => name === 'alerts.state' || name === 'alerts.silences'),
      [],
    );
  });

  test('a silence is made, mutes, is listed and ended', async () => {
    const made = await node.send('POST', '/api/v1/silences', {
      matchers: [{ name: 'consumergroup', value: 'sl.*', isRegex: true }],
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      createdBy: 'me',
      comment: 'known',
    });
    assert.equal(made.status, 201);
    const { id } = (await made.json()) as { id: string };
    await until(async () => (await alert('ConsumerGroupStalled'))?.muted === 'silenced');
    const listed = (await (await node.get('/api/v1/silences')).json()) as {
      silences: { id: string; comment: string }[];
    };
    assert.deepEqual(
      listed.silences.map(each => [each.id, each.comment]),
      [[id, 'known']],
    );
    assert.equal((await node.send('DELETE', `/api/v1/silences/${id}`)).status, 204);
    await until(async () => (await alert('ConsumerGroupStalled'))?.muted === null);
    assert.equal((await node.send('DELETE', `/api/v1/silences/${id}`)).status, 404);
  });

  test('a silence that is none is refused with what is wrong', async () => {
    const refused = await node.send('POST', '/api/v1/silences', { matchers: [] });
    assert.equal(refused.status, 400);
    assert.match(
      ((await refused.json()) as { error: string }).error,
      /^Cannot make the silence: matchers must be/,
    );
  });

  test('the rules are shown with their settings, the own ones too', async () => {
    const { builtIn, own, ownProblem } = (await (await node.get('/api/v1/alerts/rules')).json()) as {
      builtIn: { name: string; forMs: number; severity: string }[];
      own: { name: string }[];
      ownProblem: string | null;
    };
    const offline = builtIn.find(({ name }) => name === 'OfflinePartitions')!;
    assert.deepEqual([offline.forMs, offline.severity], [10_000, 'critical']);
    assert.deepEqual(
      own.map(({ name }) => name),
      ['HasTopic'],
    );
    assert.equal(ownProblem, null);
  });

  test('a test reaches every sink', async () => {
    const sent = await node.send('POST', '/api/v1/alerts/test');
    assert.equal(sent.status, 200);
    await until(() => told('Test').length === 1);
  });

  test('a dead sink is shown, and disturbs nobody', async () => {
    hook.status = 500;
    await node.send('POST', '/api/v1/alerts/test');
    interface Sinks {
      readonly sinks: readonly { readonly failure: string | null }[];
    }
    await until(async () => {
      const { sinks } = (await (await node.get('/api/v1/alerts')).json()) as Sinks;
      return sinks[0]!.failure === `${hook.url} answered 500: answer`;
    });
    assert.match(
      await (await node.get('/metrics')).text(),
      /^odradek_alert_messages_failed_total\{sink="webhook [^"]+"\} [1-9]/m,
    );
    hook.status = 200;
    await until(() => told('Test').length === 2);
  });

  const GUARDED: readonly (readonly [what: string, headers: Record<string, string>, status: number])[] = [
    ['from the machine itself', {}, 400],
    ['by another name of loopback', { host: 'localhost:9080' }, 400],
    ['by a name that a page made point here', { host: 'evil.example:9080' }, 403],
    ['to an address of the network', { host: '10.0.0.7:9080' }, 403],
    ['by a page of elsewhere', { origin: 'https://evil.example' }, 403],
    ['by a page of this node', { origin: 'http://localhost:9080' }, 400],
    ['as a form', { 'content-type': 'text/plain' }, 415],
  ];
  for (const [what, headers, status] of GUARDED) {
    test(`a change that comes ${what} is answered with ${status}`, async () => {
      const answer = await node.app.request('http://127.0.0.1:9080/api/v1/silences', {
        method: 'POST',
        headers: { host: '127.0.0.1:9080', 'content-type': 'application/json', ...headers },
        body: '{}',
      });
      assert.equal(answer.status, status);
    });
  }

  test('a body that is too large is refused', async () => {
    const answer = await node.send('POST', '/api/v1/silences', { comment: 'x'.repeat(3_000_000) });
    assert.equal(answer.status, 413);
  });
});

/** Five records, and a group that commits the same offset over and over. */
async function stall(bootstrap: string): Promise<void> {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'lagging', numPartitions: 1 }] });
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: 'lagging', messages: new Array(6).fill({ value: 'x' }) });
  await producer.disconnect();
  for (let commit = 0; commit < 12; commit++) {
    await admin.setOffsets({
      groupId: 'slow',
      topic: 'lagging',
      partitions: [{ partition: 0, offset: '1' }],
    });
  }
  await admin.disconnect();
}
