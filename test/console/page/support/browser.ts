import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser of the machine; undefined where there is none. */
export function findChromium(): string | undefined {
  const given = process.env['CHROMIUM'];
  if (given !== undefined && given !== '') return given;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const candidates = folders.flatMap(folder => NAMES.map(name => path.join(folder, name)));
  return candidates.find(candidate => fs.existsSync(candidate));
}

/** They must not be left out: a run that is to show everything says so. */
const isRequired = process.env['ODRADEK_TEST_BROWSER'] === 'required';

/** Why tests in a browser are left out, for `{ skip }`; false where they can run. */
export const withoutBrowser: string | false =
  findChromium() === undefined && !isRequired
    ? 'no chromium in the PATH: install it (Debian: apt-get install chromium), or name one in CHROMIUM'
    : false;

/** A browser for the tests of a file. Its pages fail the test when they break or ask elsewhere. */
export class TestBrowser {
  readonly #browser: Browser;
  readonly #problems: string[] = [];
  #hosts: readonly string[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<TestBrowser> {
    const browser = await chromium.launch({
      executablePath: findChromium() ?? 'chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    });
    return new TestBrowser(browser);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  /** Opens an address in a profile of its own. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({
      viewport: { width: 1360, height: 900 },
      timezoneId: 'UTC',
      locale: 'en-GB',
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    this.#hosts = [...this.#hosts, new URL(url).host];
    page.on('request', request => {
      const { host, protocol } = new URL(request.url());
      if (protocol !== 'blob:' && protocol !== 'data:' && !this.#hosts.includes(host)) {
        this.#problems.push(`a request to ${request.url()}`);
      }
    });
    page.on('pageerror', error => this.#problems.push(`an exception: ${error.stack ?? error.message}`));
    page.on('console', message => {
      if (message.type() === 'error' && !isExpected(message.text())) {
        this.#problems.push(`on the browser's console: ${message.text()}`);
      }
    });
    await page.goto(url);
    return page;
  }

  /** Lets pages go to another node. */
  allow(url: string): void {
    this.#hosts = [...this.#hosts, new URL(url).host];
  }

  /** Fails when a page broke, violated its content security policy, or asked someone else than its node. */
  assertClean(): void {
    assert.deepEqual(this.#problems.splice(0), []);
  }
}

/** The browser's own lines about answers of 4xx and 5xx, and about nodes that were killed. */
function isExpected(text: string): boolean {
  return /^Failed to load resource|net::ERR_(CONNECTION|INCOMPLETE_CHUNKED|EMPTY_RESPONSE|NETWORK)/.test(
    text,
  );
}
