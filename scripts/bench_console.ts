/*
 * npm run bench:console: how fast the console's page is with 2,000 partitions and 500 groups, in the machine's Chromium:
 * until it can be used, while it scrolls, and until the end of a broker is drawn. The node answers from memory: what is
 * measured is the page.
 */
import fs from 'node:fs';
import os from 'node:os';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../test/console/page/support/browser.ts';
import { FixtureData } from '../test/console/page/support/fixture_data.ts';
import { buildPage, FixtureNode } from '../test/console/page/support/fixture_node.ts';

const RUNS = 5;

/** Scrolls a step a frame for two seconds, and answers how long each frame took. */
const SCROLL = `new Promise(resolve => {
  const main = document.querySelector('.main');
  const frames = [];
  const started = performance.now();
  let last = started;
  const step = now => {
    frames.push(now - last);
    last = now;
    main.scrollTop += 90;
    if (main.scrollTop + main.clientHeight >= main.scrollHeight - 2) main.scrollTop = 0;
    if (now - started < 2000) requestAnimationFrame(step);
    else resolve(JSON.stringify(frames.slice(1)));
  };
  requestAnimationFrame(step);
})`;

interface Sight {
  readonly what: string;
  readonly place: string;
  /** Is there, and takes input. */
  readonly usable: (page: Page) => Promise<void>;
}

const SIGHTS: readonly Sight[] = [
  {
    what: 'overview, its map of 2,000 partitions drawn',
    place: '',
    usable: page => page.getByRole('application', { name: /^Replicas of broker 3: leads [1-9]/ }).focus(),
  },
  {
    what: '2,000 topics, the list takes keys',
    place: '#/topics',
    usable: page => page.locator('tbody tr[tabindex="0"]').focus(),
  },
  {
    what: '500 groups, the list takes keys',
    place: '#/groups',
    usable: page => page.locator('tbody tr[tabindex="0"]').focus(),
  },
];

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!);
}

async function openAt(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1360, height: 900 } })).newPage();
  await page.goto(url);
  return page;
}

async function timeUntilUsable(
  browser: Browser,
  node: FixtureNode,
  { place, usable }: Sight,
): Promise<number> {
  const started = performance.now();
  const page = await openAt(browser, `${node.url}${place}`);
  await usable(page);
  const tookMs = performance.now() - started;
  await page.context().close();
  return tookMs;
}

async function framesOfScroll(
  browser: Browser,
  node: FixtureNode,
  place: string,
): Promise<readonly number[]> {
  const page = await openAt(browser, `${node.url}${place}`);
  await page.locator('tbody tr[tabindex="0"]').focus();
  const frames = JSON.parse(await page.evaluate<string>(SCROLL)) as number[];
  await page.context().close();
  return frames;
}

async function timeUntilDeathIsDrawn(browser: Browser, node: FixtureNode): Promise<number> {
  const page = await openAt(browser, node.url);
  await page.getByRole('application', { name: /^Replicas of broker 2: leads [1-9]/ }).waitFor();
  await page.getByText('Healthy').first().waitFor();
  const started = performance.now();
  node.loseBroker2();
  await page.getByRole('application', { name: /^Replicas of broker 2: leads 0 / }).waitFor();
  const tookMs = performance.now() - started;
  node.data.isBroker2Gone = false;
  await page.context().close();
  return tookMs;
}

async function several(measure: () => Promise<number>): Promise<string> {
  await measure();
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push(await measure());
  return `${quantile(times, 0.5)} ms (${quantile(times, 0)} to ${quantile(times, 1)})`;
}

const folder = await buildPage();
const sizes = fs
  .readdirSync(folder)
  .map(name => `${name}: ${Math.ceil(fs.statSync(`${folder}/${name}`).size / 1024)} KB`);
console.log(sizes.join(', '));
console.log(
  `${os.availableParallelism()} cores, load ${os.loadavg()[0]!.toFixed(1)}, Node ${process.version}; medians of ${RUNS}`,
);
const browser = await chromium.launch({
  executablePath: findChromium()!,
  args: ['--no-sandbox', '--disable-gpu'],
});
const node = await FixtureNode.start(
  folder,
  new FixtureData({ topics: 200, partitionsPerTopic: 10, groups: 500 }),
);
const wide = await FixtureNode.start(
  folder,
  new FixtureData({ topics: 2000, partitionsPerTopic: 1, groups: 500 }),
);
for (const sight of SIGHTS) {
  const at = sight.place === '' ? node : wide;
  console.log(`${sight.what}: ${await several(() => timeUntilUsable(browser, at, sight))}`);
}
for (const [what, place] of [
  ['2,000 topics', '#/topics'],
  ['500 groups', '#/groups'],
] as const) {
  const frames = await framesOfScroll(browser, wide, place);
  const late = frames.filter(each => each > 50).length;
  console.log(
    `scrolling through ${what}, 90 px a frame: ${frames.length} frames in 2 s, median ${quantile(frames, 0.5)} ms, 95 % within ${quantile(frames, 0.95)} ms, ${late} above 50 ms`,
  );
}
console.log(
  `a broker dies, until 2,000 partitions are drawn anew: ${await several(() => timeUntilDeathIsDrawn(browser, node))}`,
);
await browser.close();
await node.close();
await wide.close();
fs.rmSync(folder, { recursive: true });
