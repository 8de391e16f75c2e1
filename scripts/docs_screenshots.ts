/*
 * npm run docs:screenshots [-- DIR] [NAME…]: pictures of the console's pages in light and dark, into docs/screenshots/ (or
 * DIR), all or those whose names contain one of NAME. The cluster in them is that of the page's tests. Needs Chromium.
 */
import fs from 'node:fs';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { findChromium } from '../test/console/page/support/browser.ts';
import { brokerDownAlert, FixtureData } from '../test/console/page/support/fixture_data.ts';
import { buildPage, FixtureNode } from '../test/console/page/support/fixture_node.ts';
import { until } from '../test/support/until.ts';

const MAX_BYTES = 150 * 1024;

interface Picture {
  readonly name: string;
  readonly place: string;
  /** After the page is there. */
  readonly act?: (page: Page, node: FixtureNode) => Promise<void>;
  readonly data?: () => FixtureData;
}

function withoutBroker2(): FixtureData {
  const data = new FixtureData();
  data.alerts = [brokerDownAlert(Date.now() - 95_000)];
  return data;
}

function needingLogin(): FixtureData {
  const data = new FixtureData();
  data.me = { ...data.me, needsLogin: true, hasLogin: true, role: null };
  return data;
}

const PICTURES: readonly Picture[] = [
  { name: 'overview', place: '' },
  {
    name: 'overview-broker-gone',
    place: '',
    data: withoutBroker2,
    act: async (page, node) => {
      node.loseBroker2();
      await page.getByText('are now led by').waitFor();
    },
  },
  {
    name: 'overview-2000-partitions',
    place: '',
    data: () => new FixtureData({ topics: 200, partitionsPerTopic: 10, groups: 500 }),
  },
  { name: 'topics', place: '#/topics' },
  {
    name: 'topics-create',
    place: '#/topics',
    act: page => page.getByRole('button', { name: 'Create topic' }).click(),
  },
  { name: 'topic', place: '#/topics/orders' },
  { name: 'topic-settings', place: '#/topics/orders?tab=settings' },
  { name: 'messages', place: '#/topics/orders?tab=messages' },
  {
    name: 'message',
    place: '#/topics/orders?tab=messages',
    act: async page => {
      await page.getByText('customer-43').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'produce',
    place: '#/topics/orders?tab=messages',
    act: page => page.getByRole('button', { name: 'Produce' }).click(),
  },
  { name: 'groups', place: '#/groups' },
  { name: 'group', place: '#/groups/billing' },
  {
    name: 'group-reset',
    place: '#/groups/warehouse',
    act: async page => {
      await page.getByRole('button', { name: 'Reset offsets' }).click();
      await page.getByRole('table', { name: 'What it would do' }).waitFor();
    },
  },
  { name: 'quorum', place: '#/quorum' },
  { name: 'alerts', place: '#/alerts', data: withoutBroker2 },
  {
    name: 'alert-silence',
    place: '#/alerts',
    data: withoutBroker2,
    act: async page => {
      await page.getByText('BrokerDown').first().click();
      await page.getByRole('button', { name: 'Silence it' }).click();
    },
  },
  { name: 'alerts-rules', place: '#/alerts?tab=rules' },
  { name: 'alerts-sinks', place: '#/alerts?tab=sinks' },
  { name: 'settings', place: '#/settings?broker=1' },
  { name: 'keys', place: '', act: page => page.keyboard.press('?') },
  { name: 'login', place: '', data: needingLogin },
  {
    name: 'node-gone',
    place: '',
    act: async (page, node) => {
      await node.close();
      await page.getByText('Node 1 does not answer').waitFor();
    },
  },
];

const [folder = 'docs/screenshots', ...wanted] = process.argv.slice(2);
fs.mkdirSync(folder, { recursive: true });
const pageFolder = await buildPage();
const browser = await chromium.launch({
  executablePath: findChromium()!,
  args: ['--no-sandbox', '--disable-gpu'],
});
let tooLarge = 0;
for (const picture of PICTURES) {
  if (wanted.length > 0 && !wanted.some(each => picture.name.includes(each))) continue;
  for (const colorScheme of ['light', 'dark'] as const) {
    const node = await FixtureNode.start(pageFolder, picture.data?.());
    const context = await browser.newContext({
      viewport: { width: 1200, height: 740 },
      colorScheme,
      reducedMotion: 'reduce',
      timezoneId: 'UTC',
    });
    const page = await context.newPage();
    page.on('pageerror', error => console.error(`${picture.name}: ${error.stack}`));
    page.on(
      'console',
      message => message.type() === 'error' && console.error(`${picture.name}: ${message.text()}`),
    );
    await page.goto(`${node.url}${picture.place}`);
    await page.locator('h1').waitFor();
    await page.waitForLoadState('load');
    await until(async () => (await page.locator('.loading').count()) === 0);
    await picture.act?.(page, node);
    const file = path.join(folder, `${picture.name}-${colorScheme}.png`);
    const bytes = await page.screenshot({ path: file, animations: 'disabled' });
    if (bytes.length > MAX_BYTES) {
      console.error(`${file} has ${bytes.length} bytes, more than ${MAX_BYTES}`);
      tooLarge++;
    }
    await context.close();
    await node.close();
  }
}
await browser.close();
fs.rmSync(pageFolder, { recursive: true });
process.exitCode = tooLarge === 0 ? 0 : 1;
