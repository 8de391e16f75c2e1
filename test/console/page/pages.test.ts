import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '../../support/until.ts';
import { TestBrowser, withoutBrowser } from './support/browser.ts';
import { brokerDownAlert, FixtureData } from './support/fixture_data.ts';
import { buildPage, FixtureNode } from './support/fixture_node.ts';

describe("the console's pages", { skip: withoutBrowser }, () => {
  let folder: string;
  let browser: TestBrowser;
  let node: FixtureNode;
  let page: Page;

  before(async () => {
    folder = await buildPage();
    browser = await TestBrowser.start();
  });
  after(async () => {
    await browser.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    await node.close();
    await page.context().close();
    browser.assertClean();
  });

  const open = async (place = '', data?: FixtureData) => {
    node = await FixtureNode.start(folder, data);
    page = await browser.open(`${node.url}${place}`);
  };
  const lastChange = async (path: string) => {
    await until(() => node.changes.some(change => change.path === path), { what: `a change of ${path}` });
    return node.changes.findLast(change => change.path === path)!;
  };
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const toast = (text: string) => page.getByRole('log', { name: 'Messages' }).getByText(text);

  test('the overview shows the verdict, the leader of the quorum, and who leads what', async () => {
    await open();
    await page.getByText('Every partition has a leader').waitFor();
    await page.getByRole('link', { name: 'node 1 epoch 7' }).waitFor();
    await page
      .getByRole('application', { name: /^Replicas of broker 2: leads 24 · in sync 72, 0 not in sync/ })
      .waitFor();
    assert.equal(await page.title(), 'Overview · Odradek');
  });

  test('a broker that dies is seen to die, and who takes over', async () => {
    await open();
    const map = page.getByRole('application', { name: /^Replicas of broker 2/ });
    await map.waitFor();
    await page.getByText('Nothing since this node started').waitFor();
    node.loseBroker2();
    await page.getByText('24 partitions that broker 2 led are now led by brokers 1 and 3.').waitFor();
    await page
      .getByRole('application', { name: /^Replicas of broker 2: leads 0 .*72 not in sync/ })
      .waitFor();
    await page.getByText('Broker 2 is not alive: start it again').waitFor();
    await page.getByText('odradek broker list').waitFor();
  });

  test('a broker that dies is told on every other page', async () => {
    await open('#/topics');
    await page.getByRole('grid', { name: 'Topics' }).waitFor();
    await until(() => page.getByText('Healthy').isVisible());
    node.loseBroker2();
    await toast('Broker 2 is gone.').waitFor();
  });

  test('topics are filtered, sorted and opened', async () => {
    await open('#/topics');
    const rows = page.getByRole('grid', { name: 'Topics' }).locator('tbody tr');
    await page.getByRole('link', { name: 'orders', exact: true }).waitFor();
    assert.equal(await rows.count(), 12);
    await button('Size').click();
    await until(async () => (await rows.first().innerText()).startsWith('invoices.001'), {
      what: 'the largest first',
    });
    await page.getByLabel('Filter topics by name').fill('PAY');
    await until(async () => (await rows.count()) === 2);
    assert.match(page.url(), /#\/topics\?sort=size&order=desc&filter=PAY$/);
    await page.getByLabel('Filter topics by name').fill('nothing like it');
    await page.getByText('No topic is like that').waitFor();
    await page.getByLabel('Filter topics by name').fill('orders');
    await page.getByRole('link', { name: 'orders', exact: true }).click();
    await page.getByRole('heading', { name: 'orders', level: 1 }).waitFor();
  });

  test('a topic is created with its settings, after a look whether it could be', async () => {
    await open('#/topics');
    await button('Create topic').click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('new topic');
    await page.getByText('A name has 1 to 249').waitFor();
    assert.equal(await button('Create').isDisabled(), true);
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('new');
    await page.getByLabel('Partitions').fill('3');
    await page.getByLabel('Kept for').selectOption('1 day');
    await page.getByLabel('More settings').fill('min.insync.replicas=2');
    await button('Check only').click();
    await page.getByText('It can be created, with 1 partition').waitFor();
    const request = {
      name: 'new',
      partitions: 3,
      configs: { 'retention.ms': '86400000', 'min.insync.replicas': '2' },
    };
    assert.deepEqual((await lastChange('topics')).body, { ...request, validateOnly: true });
    await button('Create').click();
    await toast('Topic new is there').waitFor();
    assert.deepEqual((await lastChange('topics')).body, { ...request, validateOnly: false });
  });

  test('what the node refuses is said in the dialog, which stays', async () => {
    await open('#/topics');
    node.refusals.set('POST topics', {
      status: 409,
      error: 'Topic new is there already: choose another name.',
    });
    await button('Create topic').click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('new');
    await button('Create').click();
    await page.getByRole('alert').getByText('Topic new is there already: choose another name.').waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue(), 'new');
  });

  test('a topic is deleted only by who types its name', async () => {
    await open('#/topics/orders');
    await button('Delete').click();
    assert.equal(await button('Delete the topic').isDisabled(), true);
    await page.getByLabel('Type orders to confirm').fill('orders');
    await button('Delete the topic').click();
    await toast('Topic orders is deleted').waitFor();
    assert.equal((await lastChange('topics/orders')).method, 'DELETE');
    await page.getByRole('heading', { name: 'Topics' }).waitFor();
  });

  test('partitions are added, and records trimmed up to a time', async () => {
    await open('#/topics/orders');
    await button('Add partitions').click();
    await page.getByLabel('Partitions afterwards').fill('6');
    await page.getByText('partitions can be added, and not taken away').waitFor();
    await page.getByLabel('Partitions afterwards').fill('9');
    await button('Add').click();
    assert.deepEqual((await lastChange('topics/orders/partitions')).body, { count: 9 });
    await button('Trim').click();
    await page.getByRole('dialog').getByLabel('Partition').selectOption('2');
    await page.getByLabel('Time', { exact: true }).fill('2026-11-30 12:00');
    await button('Delete these records').click();
    assert.deepEqual((await lastChange('topics/orders/trim')).body, {
      before: { timeMs: Date.parse('2026-11-30T12:00:00Z') },
      partitions: [2],
    });
  });

  test('a setting shows what it does and whence its value comes, is changed and taken back', async () => {
    await open('#/topics/orders?tab=settings');
    await page.getByText('retention.ms').first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('How long records are kept').waitFor();
    await dialog.getByText('log.retention.ms=604800000').waitFor();
    await dialog.getByLabel('Value for the topic orders').fill('3600000');
    await button('Set').click();
    await toast('retention.ms of the topic orders is 3600000.').waitFor();
    assert.deepEqual((await lastChange('topics/orders/configs')).body, {
      set: { 'retention.ms': '3600000' },
    });
    await page.getByText('retention.ms').first().click();
    await button('Take it back').click();
    await toast('is what counts without it again').waitFor();
    assert.deepEqual((await lastChange('topics/orders/configs')).body, { unset: ['retention.ms'] });
  });

  test('records show every digit, and what is cut leads to the whole', async () => {
    await open('#/topics/orders?tab=messages');
    const table = page.getByRole('grid', { name: 'Records' });
    await table.getByText('9007199254741004', { exact: true }).waitFor();
    await table.getByText('tombstone: deletes its key').waitFor();
    await table.getByText('9007199254740997', { exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'orders-4 at offset 9007199254740997' });
    await dialog.getByText('18014398509481990').waitFor();
    await dialog.getByText('Cut: the whole has 5.05 MiB').waitFor();
    const link = dialog
      .getByRole('region', { name: 'Value' })
      .getByRole('link', { name: 'Download the bytes' });
    assert.match(
      (await link.getAttribute('href'))!,
      /\/api\/v1\/topics\/orders\/messages\/4\/9007199254740997\/value$/,
    );
  });

  test('a search asks for what the form says', async () => {
    await open('#/topics/orders?tab=messages');
    await page.getByText('12 records of 12 read').waitFor();
    await page.getByLabel('Begin at').selectOption('an offset');
    await page.getByLabel('Offset', { exact: true }).fill('9007199254740993');
    await page.getByLabel('Partition', { exact: true }).selectOption('4');
    await page.getByLabel('Value contains').fill('/EUR|USD/');
    await page.getByText('More filters').click();
    await page.getByLabel('The very key').fill('customer-1');
    await page.getByLabel('Header').fill('trace-id=t');
    await page.getByLabel('Field in the value').fill('total.currency=EUR');
    await page.getByLabel('Show values as').selectOption('Avro');
    await page.getByLabel('Avro schema').fill('"long"');
    await page.getByLabel('Tombstones').selectOption('left out');
    node.changes.length = 0;
    await button('Search').click();
    const asked = {
      partitions: [4],
      from: '9007199254740993',
      key: 'customer-1',
      valueFilter: '/EUR|USD/',
      headerFilter: 'trace-id=t',
      jsonFilter: 'total.currency=EUR',
      tombstones: 'none',
      keyForm: 'auto',
      valueForm: 'avro',
      valueSchema: { text: '"long"', framing: 'none' },
    };
    await until(() => node.changes.length === 2, { what: 'two steps' });
    assert.deepEqual(
      node.changes.map(({ body }) => body),
      [
        { ...asked, limit: 50 },
        { ...asked, limit: 38, cursor: 'next' },
      ],
    );
    assert.match(page.url(), /at=9007199254740993/);
  });

  test('records that come are seen live until that is stopped', async () => {
    await open('#/topics/orders?tab=messages');
    await button('Live').click();
    await page.getByText('Live. 3 records').waitFor();
    await page.getByRole('grid', { name: 'Records' }).getByText('9002', { exact: true }).waitFor();
    await button('Stop').click();
    await button('Search').waitFor();
  });

  test('a record is produced, and one that is there again', async () => {
    await open('#/topics/orders?tab=messages');
    await button('Produce').click();
    await page.getByLabel('Key', { exact: true }).fill('customer-7');
    await page.getByLabel('Value is').selectOption('JSON');
    await page.getByLabel('Value', { exact: true }).fill('{"id":9223372036854775807}');
    await page.getByLabel('Headers').fill('source: console');
    await page.getByRole('dialog').getByRole('button', { name: 'Produce' }).click();
    await toast('The record is in orders-3 at offset 9007199254740999.').waitFor();
    assert.deepEqual((await lastChange('topics/orders/messages/produce')).body, {
      key: { text: 'customer-7', encoding: 'text' },
      value: { text: '{"id":9223372036854775807}', encoding: 'json' },
      headers: [{ name: 'source', value: { text: 'console' } }],
      count: 1,
      compression: 'none',
    });
    await page.getByText('customer-43').click();
    await button('Produce again').click();
    assert.equal(await page.getByLabel('Key', { exact: true }).inputValue(), 'customer-43');
    assert.match(await page.getByLabel('Value', { exact: true }).inputValue(), /^\{"id":18014398509481986,/);
    await page.keyboard.press('Escape');
    await page.getByText('customer-43').click();
    await button('Copy to a topic').click();
    await page.getByLabel('To the topic').fill('dead-letters');
    await button('Copy').click();
    assert.deepEqual((await lastChange('topics/orders/messages/reproduce')).body, {
      partition: 0,
      offset: '9007199254740993',
      toTopic: 'dead-letters',
    });
  });

  test('offsets are reset after a preview of each partition', async () => {
    await open('#/groups/warehouse');
    await button('Reset offsets').click();
    const preview = page.getByRole('table', { name: 'What it would do' });
    await preview.getByText('again 12').waitFor();
    assert.deepEqual((await lastChange('groups/warehouse/reset')).body, { to: 'start' });
    await page.getByLabel('To', { exact: true }).selectOption('so many forth or back');
    assert.equal(await button('Reset').isDisabled(), true);
    await page.getByLabel('Records').fill('-100');
    await preview.waitFor();
    await button('Reset').click();
    await toast('warehouse goes on from the new offsets in 6 partitions.').waitFor();
    assert.deepEqual((await lastChange('groups/warehouse/reset')).body, {
      to: { shift: '-100' },
      execute: true,
    });
  });

  test('the offset of one partition is set', async () => {
    await open('#/groups/warehouse');
    await button('Set the offset of invoices-3').click();
    await page.getByLabel('Offset', { exact: true }).fill('9007199254741111');
    await page.getByRole('table', { name: 'What it would do' }).waitFor();
    assert.deepEqual((await lastChange('groups/warehouse/reset')).body, {
      to: { offset: '9007199254741111' },
      topics: [{ topic: 'invoices', partitions: [3] }],
    });
  });

  test('groups are sorted by lag, and one shows its members and partitions', async () => {
    await open('#/groups');
    const rows = page.getByRole('grid', { name: 'Groups' }).locator('tbody tr');
    await rows.first().waitFor();
    await button('Lag').click();
    await until(async () => (await rows.first().innerText()).startsWith('quotes'));
    await page.getByRole('link', { name: 'billing' }).click();
    await page.getByRole('table', { name: 'Members' }).getByText('orders-4, orders-5').waitFor();
    await page.getByRole('img', { name: /^Lag in records: all / }).waitFor();
  });

  test('an alert is silenced with an end and a comment, and the silence ended', async () => {
    const data = new FixtureData();
    data.alerts = [brokerDownAlert(Date.now() - 60_000)];
    await open('#/alerts', data);
    await page.getByRole('grid', { name: 'Alerts now' }).getByText('BrokerDown').click();
    await button('Silence it').click();
    await page.getByLabel('For').selectOption('8 hours');
    await page.getByLabel('By').fill('ada');
    await page.getByLabel('Why').fill('its disk is being changed');
    await button('Silence').click();
    await toast('Silenced for 8 h.').waitFor();
    const body = (await lastChange('silences')).body as { matchers: object[]; endsAt: string };
    assert.deepEqual(body.matchers, [
      { name: 'alertname', value: 'BrokerDown', isRegex: false, isEqual: true },
      { name: 'broker', value: '2', isRegex: false, isEqual: true },
    ]);
    assert.ok(Math.abs(Date.parse(body.endsAt) - Date.now() - 8 * 3_600_000) < 60_000);
    await page.getByRole('tab', { name: 'Silences' }).click();
    await page.getByText('alertname=BrokerDown, broker=2').waitFor();
    await button('End the silence: its disk is being changed').click();
    await page.getByText('Nothing is silenced').waitFor();
  });

  test('rules and sinks are shown, and the sinks tested', async () => {
    await open('#/alerts?tab=rules');
    await page.getByText('kafka_consumergroup_lag{topic="orders"} > 1000').waitFor();
    await page.getByRole('tab', { name: 'Sinks' }).click();
    await page.getByText('http://127.0.0.1:9999/hook answered 500').waitFor();
    await button('Test the sinks').click();
    await toast('A test goes to log, webhook').waitFor();
  });

  test('the quorum shows its real leader and how far each voter is', async () => {
    await open('#/quorum');
    const voters = page.getByRole('table', { name: 'Voters' });
    await voters.getByText('leader').waitFor();
    assert.equal(await voters.locator('tbody tr').count(), 3);
  });

  test('the settings of a broker are shown with its disks; what is fixed says how to change it', async () => {
    await open('#/settings?broker=1');
    await page.getByText('45 GiB in 72 replicas; 120 GiB of 200 GiB free').waitFor();
    await page.getByText('node.id').click();
    await page.getByRole('dialog').getByText('change it in server.properties').waitFor();
  });

  test('someone without the role can read everything, and is told why they can change nothing', async () => {
    const data = new FixtureData();
    const why =
      'This console listens for others than this machine, and has no users: name some in console.auth.';
    data.me = { ...data.me, role: 'viewer', readOnly: true, why };
    await open('#/topics', data);
    await page.getByText('read-only').waitFor();
    // Reached with the keyboard too, where a disabled button would not be.
    await button('Create topic').focus();
    await page.keyboard.press('Enter');
    await toast(why).waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
    await page.getByRole('link', { name: 'orders', exact: true }).click();
    await page.getByRole('tab', { name: 'Settings' }).click();
    await page.getByText('retention.ms').first().click();
    await page.getByRole('dialog').getByText(why).waitFor();
    assert.deepEqual(node.changes, []);
  });

  test('one logs in, and out', async () => {
    const data = new FixtureData();
    data.me = { ...data.me, needsLogin: true, hasLogin: true, role: null };
    await open('', data);
    node.refusals.set('POST login', { status: 429, error: 'Too many wrong passwords: try again in 30 s.' });
    await page.getByLabel('User').fill('ada');
    await page.getByLabel('Password').fill('secret');
    await page.keyboard.press('Enter');
    await page.getByText('Too many wrong passwords').waitFor();
    node.refusals.clear();
    await page.keyboard.press('Enter');
    await page.getByText('Node 1 · ada').waitFor();
    await button('Log out').click();
    await page.getByLabel('Password').waitFor();
  });

  test('what is not there says where to go on', async () => {
    await open('#/topics/gone');
    await page.getByText('There is no topic gone').waitFor();
    await page.goto(`${node.url}#/no/such/place`);
    await page.getByRole('link', { name: 'Begin at the overview' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  });

  test('an empty cluster says how to begin', async () => {
    await open('', new FixtureData({ topics: 0, partitionsPerTopic: 0, groups: 0 }));
    await page.getByText('There are no topics yet').waitFor();
    await page.goto(`${node.url}#/groups`);
    await page.getByText('There are no consumer groups yet').waitFor();
  });

  test('a node that dies is said to be dead, is tried again, and others are offered', async () => {
    await open('#/topics');
    await page.getByText('Healthy').waitFor();
    await node.close();
    const banner = page.getByRole('alert').filter({ hasText: 'Node 1 does not answer' });
    await banner.waitFor();
    const other = banner.getByRole('link', { name: 'node 2 (127.0.0.1:9081)' });
    assert.equal(await other.getAttribute('href'), 'http://127.0.0.1:9081/console/#/topics');
    await page.getByRole('link', { name: 'orders', exact: true }).waitFor();
    await node.listen();
    await banner.waitFor({ state: 'detached' });
  });

  test('it follows the colours of the system, until one is chosen', async () => {
    await open();
    const isDark = async () => (await page.locator('html').getAttribute('data-theme')) === 'dark';
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    assert.equal(await isDark(), false);
    await page.emulateMedia({ colorScheme: 'dark' });
    await until(isDark);
    await button('Light').click();
    assert.equal(await isDark(), false);
    await page.reload();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    assert.equal(await isDark(), false);
  });
});
