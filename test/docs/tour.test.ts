/*
 * Does what docs/tour.md says, in its order, and looks at what it promises.
 *
 *   ```sh install        not run: the tests have what it installs
 *   ```sh start          a program that goes on in a terminal of its own
 *   ```sh                a command that ends, with success
 *   ```sh again          a command that a reader repeats until it shows what is below it
 *   ```text              what the block before it prints; … is anything, on a line of its own any lines
 *   ```text of the first start    what the program that was started first has printed by now, or soon does
 *
 * Ports and pids of the document stand for those of this machine: they are taken from what the first start prints where
 * the document shows it.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { clusterPort } from '../support/cluster_port.ts';
import { Workplace } from '../support/node_process.ts';
import { until } from '../support/until.ts';

const DOCUMENT = 'docs/tour.md';
const PATIENCE_MS = 60_000;

const place = await Workplace.make();

interface Block {
  /** Behind the three ticks. */
  readonly info: string;
  readonly text: string;
  /** Of the document. */
  readonly line: number;
}

interface Step {
  readonly block: Block;
  readonly heading: string;
  /** What is promised: of it, or of the first start. */
  readonly expected: readonly Block[];
}

function readSteps(markdown: string): Step[] {
  const steps: (Step & { readonly expected: Block[] })[] = [];
  let heading = '';
  let open: { info: string; lines: string[]; line: number } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open === undefined) {
      if (line.startsWith('## ')) heading = line.slice(3);
      if (line.startsWith('```')) open = { info: line.slice(3).trim(), lines: [], line: index + 1 };
    } else if (line === '```') {
      const block = { info: open.info, text: open.lines.join('\n'), line: open.line };
      if (block.info.startsWith('sh')) steps.push({ block, heading, expected: [] });
      else steps.at(-1)!.expected.push(block);
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  return steps;
}

/** A text of the document as a pattern of what is printed. */
function patternOf(text: string, { isWhole }: { readonly isWhole: boolean }): RegExp {
  const lines = text
    .trim()
    .split('\n')
    .map(line => (line === '…' ? '(?:.*\\n)*?' : `${line.trim().split('…').map(literal).join('.*')}[ ]*\\n`));
  const body = lines.map(line => (line.startsWith('(?:') ? line : `[ ]*${line}`)).join('');
  return new RegExp(isWhole ? `^${body}$` : body);
}

function literal(text: string): string {
  // Columns are as wide as what is in them.
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/ +/g, ' +');
}

/** Programs that were started, and what they print. */
class Started {
  readonly #child: ChildProcess;
  printed = '';

  constructor(command: string, options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }) {
    // A group of its own, as a terminal has it: Ctrl-C goes to all of it.
    this.#child = spawn('bash', ['-c', command], {
      ...options,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.on('data', data => {
        this.printed += data;
      });
    }
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async interrupt(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#child, 'close');
    process.kill(-this.#child.pid!, 'SIGINT');
    await ended;
  }
}

describe('the tour of the documentation', { skip: process.platform === 'win32' }, () => {
  const steps = readSteps(fs.readFileSync(DOCUMENT, 'utf8'));
  const started: Started[] = [];
  /** What the document's ports and pids are here. */
  const meanings = new Map<string, string>();
  const folder = place.path('installed');
  const env: NodeJS.ProcessEnv = { ...process.env };
  let port: number;
  let hasFailed = false;

  before(async () => {
    port = await clusterPort(3);
  });
  after(async () => {
    for (const each of started.reverse()) await each.interrupt();
  });

  const here = (text: string): string => {
    let meant = text;
    for (const [shown, actual] of meanings) meant = meant.replaceAll(shown, actual);
    return meant;
  };

  /** The rows of brokers in the document and in what was printed: their cells mean the same. */
  function learnMeanings(document: string, printed: string): void {
    const rows = (text: string) =>
      [...text.matchAll(/^ {2}\d {2,}(\S+) +(http:\S+) +(\d+) +\S+$/gm)].map(match => match.slice(1, 4));
    const [shown, actual] = [rows(document), rows(printed)];
    assert.equal(actual.length, shown.length, `the brokers are not in what was printed:\n${printed}`);
    for (const [row, cells] of shown.entries()) {
      for (const [at, cell] of cells.entries()) meanings.set(cell!, actual[row]![at]!);
    }
    env['ODRADEK_BOOTSTRAP_SERVERS'] = actual.map(([address]) => address).join(',');
    env['ODRADEK_HTTP'] = actual[0]![1]!;
  }

  async function start({ block, expected }: Step): Promise<void> {
    const isFirst = started.length === 0;
    const command = isFirst ? `${block.text} --port ${port}` : here(block.text);
    const program = new Started(`exec ${command}`, { cwd: folder, env });
    started.push(program);
    for (const promise of expected) {
      const text = isFirst ? promise.text.replaceAll(/^ {2}\d .*$/gm, '  …') : here(promise.text);
      const pattern = patternOf(text, { isWhole: false });
      await prints(program, pattern, promise);
      if (isFirst) learnMeanings(promise.text, program.printed);
    }
  }

  async function prints(program: Started, pattern: RegExp, { line }: Block): Promise<void> {
    const what = `what line ${line} of ${DOCUMENT} promises`;
    await until(() => pattern.test(program.printed) || program.hasEnded, {
      timeoutMs: PATIENCE_MS,
      what,
    }).catch(() => {});
    assert.match(program.printed, pattern, what);
  }

  async function run({ block, expected }: Step): Promise<void> {
    const isRepeated = block.info === 'sh again';
    let last = { code: 0 as number | null, printed: '' };
    const own = expected
      .filter(({ info }) => info === 'text')
      .map(({ text }) => patternOf(here(text), { isWhole: true }));
    const isAsPromised = async (): Promise<boolean> => {
      last = await output(here(block.text));
      return own.every(pattern => pattern.test(last.printed)) && (isRepeated || last.code === 0);
    };
    if (isRepeated) {
      await until(isAsPromised, {
        timeoutMs: PATIENCE_MS,
        what: `what line ${block.line} of ${DOCUMENT} promises`,
      }).catch(error => assert.fail(`${error.message}; the last time it printed:\n${last.printed}`));
    } else {
      assert.ok(
        await isAsPromised(),
        `Line ${block.line} of ${DOCUMENT}: ended with ${last.code}, printed\n${last.printed}`,
      );
    }
    for (const promise of expected.filter(({ info }) => info === 'text of the first start')) {
      const pattern = patternOf(here(promise.text), { isWhole: false });
      await prints(started[0]!, pattern, promise);
    }
  }

  async function output(command: string): Promise<{ code: number | null; printed: string }> {
    const child = spawn('bash', ['-c', `set -o pipefail; ${command}`], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (printed += data));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, printed: printed.endsWith('\n') || printed === '' ? printed : `${printed}\n` };
  }

  for (const step of steps) {
    const { block, heading } = step;
    test(`${heading}, line ${block.line}: ${block.text.slice(0, 60)}`, async () => {
      // A pid of the document is somebody else's as long as it has no meaning here.
      assert.ok(!hasFailed, 'a step before it failed');
      hasFailed = true;
      if (block.info === 'sh install') assert.equal(block.text, 'npm ci');
      else if (block.info === 'sh start') await start(step);
      else await run(step);
      hasFailed = false;
    });
  }

  test('the pages that it links to are there', async () => {
    const document = here(fs.readFileSync(DOCUMENT, 'utf8'));
    const links = [...document.matchAll(/<(http:[^>]+)>/g)].map(([, link]) => link!);
    assert.ok(links.length > 0);
    for (const link of links) {
      const page = await fetch(link);
      assert.equal(page.status, 200, link);
      assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    }
    const files = [...document.matchAll(/\]\(([^)#:]+)\)/g)].map(([, file]) => `docs/${file}`);
    for (const file of files) assert.ok(fs.existsSync(file), file);
  });
});
