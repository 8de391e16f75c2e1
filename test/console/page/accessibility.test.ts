import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { TestBrowser, withoutBrowser } from './support/browser.ts';
import { brokerDownAlert, FixtureData } from './support/fixture_data.ts';
import { buildPage, FixtureNode } from './support/fixture_node.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

interface Sight {
  readonly what: string;
  readonly place: string;
  /** What is there when it is ready. */
  readonly has: string;
  readonly act?: (page: Page) => Promise<void>;
}

const press = (name: string) => (page: Page) => page.getByRole('button', { name, exact: true }).click();

const SIGHTS: readonly Sight[] = [
  { what: 'the overview', place: '', has: 'Broker 2 is not alive' },
  { what: 'topics', place: '#/topics', has: 'shipments' },
  { what: 'the dialog to create a topic', place: '#/topics', has: 'Kept for', act: press('Create topic') },
  { what: 'a topic', place: '#/topics/orders', has: 'Reaches back to' },
  { what: 'the settings of a topic', place: '#/topics/orders?tab=settings', has: 'retention.ms' },
  { what: 'records', place: '#/topics/orders?tab=messages', has: 'customer-43' },
  {
    what: 'a record',
    place: '#/topics/orders?tab=messages',
    has: 'Download the bytes',
    act: page => page.getByText('customer-43').click(),
  },
  {
    what: 'the dialog to produce',
    place: '#/topics/orders?tab=messages',
    has: 'Copies',
    act: press('Produce'),
  },
  { what: 'groups', place: '#/groups', has: 'billing' },
  { what: 'a group', place: '#/groups/billing', has: 'consumer-2' },
  { what: 'the preview of a reset', place: '#/groups/billing', has: 'Lag then', act: press('Reset offsets') },
  { what: 'the quorum', place: '#/quorum', has: 'High watermark' },
  { what: 'alerts', place: '#/alerts', has: 'What is wrong' },
  { what: 'the rules', place: '#/alerts?tab=rules', has: 'OrdersLag' },
  { what: 'settings', place: '#/settings?broker=1', has: 'server.properties' },
  { what: 'the keys', place: '', has: 'These keys', act: press('Keys (?)') },
];

describe('what shuts people out, by axe', { skip: withoutBrowser }, () => {
  let folder: string;
  let browser: TestBrowser;
  let node: FixtureNode;

  before(async () => {
    folder = await buildPage();
    browser = await TestBrowser.start();
    const data = new FixtureData();
    data.isBroker2Gone = true;
    data.alerts = [brokerDownAlert(Date.now() - 60_000)];
    node = await FixtureNode.start(folder, data);
  });
  after(async () => {
    await browser.close();
    await node.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const { what, place, has, act } of SIGHTS) {
      test(`nothing in ${what}, ${colorScheme}`, async () => {
        const page = await browser.open(`${node.url}${place}`, { colorScheme, reducedMotion: 'reduce' });
        await page.getByRole('heading', { level: 1 }).waitFor();
        await act?.(page);
        await page.getByText(has).first().waitFor();
        // By the debugger: the page's own policy lets no other script in.
        const session = await page.context().newCDPSession(page);
        await session.send('Runtime.evaluate', { expression: fs.readFileSync(AXE, 'utf8') });
        const { result } = await session.send('Runtime.evaluate', {
          expression:
            'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => JSON.stringify(violations))',
          awaitPromise: true,
        });
        const violations = JSON.parse(String(result.value)) as Violation[];
        const found = violations.flatMap(({ id, help, nodes }) =>
          nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary}`),
        );
        assert.deepEqual(found, []);
        await page.context().close();
        browser.assertClean();
      });
    }
  }
});
