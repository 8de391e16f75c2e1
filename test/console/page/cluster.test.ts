import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import type { Page } from 'playwright-core';
import { firstTaken, freePorts } from '../../../src/cluster/free_ports.ts';
import { CONTROLLERS_ABOVE } from '../../../src/cluster/local_layout.ts';
import { type NodeProcess, Workplace } from '../../support/node_process.ts';
import { until } from '../../support/until.ts';
import { TestBrowser, withoutBrowser } from './support/browser.ts';

const HOST = '127.0.0.1';
const skip = process.platform === 'win32' ? 'processes of Windows know no signals' : withoutBrowser;
const place = skip === false ? await Workplace.make() : undefined;
/** From the end of a broker to the sight of who took over: half a second on a busy machine of two cores. */
const MOST_UNSEEN_MS = 3000;

/** The first of the ports that a cluster of three needs. */
async function freePort(): Promise<number> {
  for (;;) {
    const [port] = (await freePorts(HOST, 1)) as [number];
    const needed = [0, 1, 2].flatMap(at => [port + at, port + CONTROLLERS_ABOVE + at]);
    if (port < 65_000 && (await firstTaken(HOST, needed)) === undefined) return port;
  }
}

describe('the console of a real cluster in a browser', { skip }, () => {
  let cluster: NodeProcess;
  let browser: TestBrowser;
  let page: Page;
  let bootstrap: string[];
  /** By broker, from 1. */
  let nodes: { readonly url: string; readonly pid: number }[];

  before(async () => {
    await start();
    nodes = [...cluster.stdout.matchAll(/^ {2}\d {2,}\S+ +(http:\S+) +(\d+) +\S+$/gm)].map(
      ([, url, pid]) => ({
        url: url!,
        pid: Number(pid),
      }),
    );
    browser = await TestBrowser.start();
    page = await browser.open(`${nodes[1]!.url}/`);
  });
  after(async () => {
    await browser.close();
    cluster.signal('SIGINT');
    await cluster.ended();
  });

  /** Again with other ports, when someone else took one of these meanwhile. */
  const start = async (): Promise<void> => {
    const port = await freePort();
    bootstrap = [0, 1, 2].map(at => `${HOST}:${port + at}`);
    cluster = place!.run(['dev', '--port', String(port), '--data', place!.path(`page-${port}`)]);
    try {
      await cluster.prints(/Ctrl-C stops all/);
    } catch (error) {
      if (!String(error).includes('another process listens there')) throw error;
      await start();
    }
  };
  const go = async (place: string, heading: string) => {
    await page.goto(`${nodes[1]!.url}/console/${place}`);
    await page.getByRole('heading', { name: heading, level: 1, exact: true }).waitFor();
  };
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const toast = (text: string | RegExp) => page.getByRole('log', { name: 'Messages' }).getByText(text);

  test('an empty cluster is shown, and a topic made in it', async () => {
    await page.getByText('There are no topics yet').waitFor();
    await go('#/topics', 'Topics');
    await button('Create topic').click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('orders');
    await page.getByLabel('Partitions').fill('6');
    await page.getByLabel('Replicas of each').fill('3');
    await button('Check only').click();
    await page.getByText('It can be created, with 6 partitions of 3 replicas.').waitFor();
    await button('Create').click();
    await page.getByRole('heading', { name: 'orders', level: 1 }).waitFor();
    await until(
      async () => (await page.getByRole('grid', { name: 'Partitions' }).locator('tbody tr').count()) === 6,
    );
    browser.assertClean();
  });

  test('a record that is produced is seen, with every digit, by search, by key and live', async () => {
    await go('#/topics/orders?tab=messages', 'orders');
    await page.getByText('There are no records here').waitFor();
    const produce = async (key: string, value: string) => {
      await button('Produce').click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Key', { exact: true }).fill(key);
      await dialog.getByLabel('Value is').selectOption('JSON');
      await dialog.getByLabel('Value', { exact: true }).fill(value);
      await dialog.getByRole('button', { name: 'Produce' }).click();
      await dialog.waitFor({ state: 'detached' });
    };
    await produce('ada', '{"id":9223372036854775807}');
    await toast(/The record is in orders-\d at offset 0\./).waitFor();
    const records = page.getByRole('grid', { name: 'Records' });
    await records.getByText('{"id":9223372036854775807}').waitFor();
    await produce('bob', '{"id":2}');
    await records.getByText('{"id":2}').waitFor();
    await page.getByText('More filters').click();
    await page.getByLabel('The very key').fill('ada');
    await button('Search').click();
    await records.getByText('{"id":2}').waitFor({ state: 'detached' });
    await records.getByText('ada').click();
    await page.getByRole('dialog').getByText('9223372036854775807').waitFor();
    await page.keyboard.press('Escape');
    await page.getByLabel('The very key').fill('');
    await button('Live').click();
    await page.getByText('Waiting for the next record').waitFor();
    await produce('eve', '{"id":3}');
    await records.getByText('{"id":3}').waitFor();
    await button('Stop').click();
    await button('Export').click();
    const download = page.waitForEvent('download');
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    const file = await (await download).path();
    const lines = fs.readFileSync(file, 'utf8').trim().split('\n');
    assert.equal(lines.length, 3);
    assert.match(lines.join(), /9223372036854775807/);
    browser.assertClean();
  });

  test('the offsets of a group are reset', async () => {
    const admin = new Kafka({ brokers: bootstrap, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const partitions = [0, 1, 2, 3, 4, 5].map(partition => ({ partition, offset: '0' }));
    await admin.setOffsets({ groupId: 'billing', topic: 'orders', partitions });
    await go('#/groups', 'Groups');
    await page.getByRole('link', { name: 'billing' }).click();
    await button('Reset offsets').click();
    await page.getByLabel('To', { exact: true }).selectOption('the end: skip all');
    await page.getByRole('table', { name: 'What it would do' }).getByText('skips 1').first().waitFor();
    await button('Reset').click();
    await toast('billing goes on from the new offsets').waitFor();
    const [offsets] = await admin.fetchOffsets({ groupId: 'billing', topics: ['orders'] });
    const total = offsets!.partitions.reduce((sum, { offset }) => sum + Number(offset), 0);
    assert.equal(total, 3);
    await admin.disconnect();
    browser.assertClean();
  });

  test('a setting of the topic is changed', async () => {
    await go('#/topics/orders?tab=settings', 'orders');
    await page.getByLabel('Filter settings').fill('retention.ms');
    await page.getByText('retention.ms', { exact: true }).first().click();
    await page.getByLabel('Value for the topic orders').fill('3600000');
    await button('Set').click();
    await toast('retention.ms of the topic orders is 3600000.').waitFor();
    await page
      .getByRole('grid', { name: /^Settings/ })
      .getByText('3600000')
      .first()
      .waitFor();
    browser.assertClean();
  });

  test('quorum, alerts and settings show what the cluster says', async () => {
    await go('#/quorum', 'Quorum');
    const voters = page.getByRole('table', { name: 'Voters' });
    await until(async () => (await voters.locator('tbody tr').count()) === 3);
    for (const tab of ['firing', 'history', 'silences', 'rules', 'sinks'])
      await go(`#/alerts?tab=${tab}`, 'Alerts');
    await go('#/settings?broker=2', 'Settings');
    await page.getByText(/ of .* free$/).waitFor();
    browser.assertClean();
  });

  test('a broker that is killed is seen to die, and the promotion with it', async () => {
    await go('', 'Overview');
    await page.getByRole('application', { name: /^Replicas of broker 1: leads [1-9]/ }).waitFor();
    const killed = performance.now();
    process.kill(nodes[0]!.pid, 'SIGKILL');
    await page.getByRole('application', { name: /^Replicas of broker 1: leads 0 / }).waitFor();
    const seenMs = performance.now() - killed;
    await page
      .getByText(/Broker 1 is not alive/)
      .first()
      .waitFor();
    await page
      .getByText(/partitions? .*broker 1/i)
      .first()
      .waitFor();
    assert.ok(seenMs < MOST_UNSEEN_MS, `seen after ${seenMs} ms`);
    browser.assertClean();
  });

  test("the page's own node is killed: it says so, and goes on at another", async () => {
    await until(async () => (await page.getByText('Degraded').count()) > 0);
    process.kill(nodes[1]!.pid, 'SIGKILL');
    const banner = page.getByRole('alert').filter({ hasText: 'Node 2 does not answer' });
    await banner.waitFor();
    browser.allow(nodes[2]!.url);
    await banner.getByRole('link', { name: /^node 3/ }).click();
    await page.getByText('Node 3', { exact: true }).waitFor();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    browser.assertClean();
  });
});
