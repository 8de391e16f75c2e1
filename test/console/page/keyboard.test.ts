import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '../../support/until.ts';
import { TestBrowser, withoutBrowser } from './support/browser.ts';
import { FixtureData } from './support/fixture_data.ts';
import { buildPage, FixtureNode } from './support/fixture_node.ts';

describe('the console by keyboard alone', { skip: withoutBrowser }, () => {
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
    await page.getByText('Healthy').last().waitFor();
  };
  const focused = (of: Page) => of.locator(':focus');
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const heading = (name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();

  test('the first stop leads past the navigation, and focus is seen', async () => {
    await open();
    await press('Tab');
    assert.equal(await focused(page).innerText(), 'Skip to the content');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    assert.equal(outline, 'solid');
    await press('Enter');
    assert.equal(await focused(page).getAttribute('id'), 'main');
  });

  test('letters go from page to page, and the heading of the new one has the focus', async () => {
    await open();
    for (const [key, name] of [
      ['t', 'Topics'],
      ['g', 'Groups'],
      ['q', 'Quorum'],
      ['a', 'Alerts'],
      ['s', 'Settings'],
      ['o', 'Overview'],
    ] as const) {
      await press('g', key);
      await heading(name);
      await until(
        async () => (await focused(page).count()) === 1 && (await focused(page).innerText()) === name,
      );
    }
  });

  test('the keys are told, and a dialog keeps the focus and gives it back', async () => {
    await open();
    const help = page.getByRole('button', { name: 'Keys (?)' });
    await help.focus();
    await press('?');
    const dialog = page.getByRole('dialog', { name: 'Keys' });
    await dialog.waitFor();
    for (let step = 0; step < 5; step++) {
      await press('Tab');
      assert.equal(
        await page.locator('.shell > :not(dialog) :focus').count(),
        0,
        'the focus left the dialog',
      );
    }
    await press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await focused(page).getAttribute('aria-label'), 'Keys (?)');
  });

  test('a table is one stop, its rows are gone through with arrows, and Enter opens one', async () => {
    await open('#/topics', new FixtureData({ topics: 1500, partitionsPerTopic: 1, groups: 1 }));
    await page.getByRole('link', { name: 'audit', exact: true }).waitFor();
    await press('/');
    assert.equal(await focused(page).getAttribute('aria-label'), 'Filter topics by name');
    // Letters are letters there.
    await press('g', 't');
    assert.equal(await focused(page).inputValue(), 'gt');
    await press('Backspace', 'Backspace');
    await page.locator('tbody tr[tabindex="0"]').focus();
    await press('ArrowDown', 'ArrowDown', 'ArrowUp');
    await until(async () => (await focused(page).getAttribute('aria-rowindex')) === '3');
    await press('End');
    await until(async () => (await focused(page).getAttribute('aria-rowindex')) === '1501', {
      what: 'the last row',
    });
    await until(async () => (await focused(page).innerText()).startsWith('shipments.186'), {
      what: 'its name',
    });
    assert.ok((await page.locator('tbody tr').count()) < 120, 'only the rows that are near are there');
    await press('Enter');
    await heading('shipments.186');
  });

  test('arrows go through tabs and through the replica map', async () => {
    await open('#/topics/orders');
    await page.getByRole('tab', { name: 'Partitions' }).focus();
    await press('ArrowRight', 'ArrowRight');
    await until(async () => (await focused(page).innerText()) === 'Settings');
    await page.getByText('retention.ms').first().waitFor();
    await press('Home');
    await until(async () => (await focused(page).innerText()) === 'Partitions');
    await page.goto(`${node.url}#/`);
    await page.getByRole('application').first().focus();
    await press('ArrowRight', 'ArrowRight');
    await page.getByText('orders-1: leader 2, replicas 2, 3, 1, in sync 2, 3, 1').waitFor();
    await press('Enter');
    await heading('orders');
  });

  test('a topic is created without the mouse', async () => {
    await open('#/topics');
    await page.getByRole('button', { name: 'Create topic' }).focus();
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('new');
    await press('Enter');
    await page.getByText('Topic new is there').waitFor();
  });

  test('d changes between light and dark', async () => {
    await open();
    await press('d');
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
    await press('d');
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'light');
  });
});
