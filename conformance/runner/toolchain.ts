/*
 * The clients' toolchains: finding them, and building the clients' programs into a cache beside the suite, so that the
 * next run begins at once. What was built from other sources than those there now is built anew.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Command, start } from './children.ts';

/** A tool that the machine does not have, with how to get it. */
export class MissingTool extends Error {}

/** What a client's preparation can use. */
export interface Workshop {
  /** The folder that survives the run; what a client builds goes into its folder in there. */
  readonly cache: string;
  /** Where the output of what is run goes. */
  readonly logPath: string;
  progress(text: string): void;
}

export interface Tool {
  readonly file: string;
  /** Prints the version. */
  readonly args: readonly string[];
  readonly version: RegExp;
  readonly atLeast: readonly [major: number, minor: number];
  readonly howToGet: string;
}

export const TOOLS = {
  java: {
    file: 'java',
    args: ['-version'],
    version: /version "(\d+)(?:\.(\d+))?/,
    atLeast: [17, 0],
    howToGet: 'install a JDK, version 17 or later',
  },
  javac: {
    file: 'javac',
    args: ['-version'],
    version: /javac (\d+)(?:\.(\d+))?/,
    atLeast: [17, 0],
    howToGet: 'install a JDK, version 17 or later',
  },
  maven: {
    file: 'mvn',
    args: ['-version'],
    version: /Apache Maven (\d+)\.(\d+)/,
    atLeast: [3, 6],
    howToGet: 'install Apache Maven, version 3.6 or later',
  },
  python: {
    file: 'python3',
    args: ['-c', 'import ensurepip, sys, venv; print("Python", sys.version)'],
    version: /Python (\d+)\.(\d+)/,
    atLeast: [3, 10],
    howToGet: 'install Python 3.10 or later with its modules venv and ensurepip',
  },
  go: {
    file: 'go',
    args: ['version'],
    version: /go(\d+)\.(\d+)/,
    atLeast: [1, 21],
    howToGet: 'install Go, version 1.21 or later',
  },
  npm: {
    file: 'npm',
    args: ['--version'],
    version: /^(\d+)\.(\d+)/m,
    atLeast: [10, 0],
    howToGet: 'install npm 10 or later, which comes with Node',
  },
  prometheus: {
    file: 'prometheus',
    args: ['--version'],
    version: /version (\d+)\.(\d+)/,
    atLeast: [2, 37],
    howToGet: "install Prometheus 2.37 or later (Debian's package prometheus)",
  },
  promtool: {
    file: 'promtool',
    args: ['--version'],
    version: /version (\d+)\.(\d+)/,
    atLeast: [2, 37],
    howToGet: "install Prometheus 2.37 or later (Debian's package prometheus)",
  },
  alertmanager: {
    file: 'prometheus-alertmanager',
    args: ['--version'],
    version: /version (\d+)\.(\d+)/,
    atLeast: [0, 23],
    howToGet: "install Alertmanager 0.23 or later (Debian's package prometheus-alertmanager)",
  },
} satisfies Record<string, Tool>;

/** Throws MissingTool when the tool is not there, does not work or is too old. */
export async function requireTool({ file, args, version, atLeast, howToGet }: Tool): Promise<void> {
  const child = start({ file, args }, ['ignore', 'pipe', 'pipe']);
  let output = '';
  child.stdout!.on('data', (data: Buffer) => {
    output += data;
  });
  child.stderr!.on('data', (data: Buffer) => {
    output += data;
  });
  const code = await once(child, 'close').then(
    ([exitCode]) => exitCode as number | null,
    () => undefined,
  );
  if (code === undefined) throw new MissingTool(`${file} is missing: ${howToGet}`);
  const found = version.exec(output);
  if (code !== 0 || found === null) throw new MissingTool(`${file} does not work: ${howToGet}`);
  const [major, minor] = [Number(found[1]), Number(found[2] ?? 0)];
  if (major < atLeast[0] || (major === atLeast[0] && minor < atLeast[1])) {
    throw new MissingTool(`${file} is version ${major}.${minor}: ${howToGet}`);
  }
}

interface Build {
  /** What is being done, for people. */
  readonly what: string;
  /** The folder in the cache that it fills; it is emptied first. */
  readonly into: string;
  /** Files and folders that it is made from. */
  readonly sources: readonly string[];
  readonly steps: readonly Command[];
}

/** Runs the steps, unless what they made from the same sources is still there. */
export async function build(workshop: Workshop, { what, into, sources, steps }: Build): Promise<void> {
  const stamp = join(into, '.built-from');
  const from = hashOf(sources) + JSON.stringify(steps);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === from) return;
  workshop.progress(`${what} (once; cached in ${into})`);
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  for (const step of steps) await run(workshop, step);
  writeFileSync(stamp, from);
}

async function run(workshop: Workshop, step: Command): Promise<void> {
  const log = createWriteStream(workshop.logPath, { flags: 'a' });
  const title = [step.file, ...step.args].join(' ');
  log.write(`$ ${title}\n`);
  const child = start(step, ['ignore', 'pipe', 'pipe']);
  child.stdout!.pipe(log, { end: false });
  child.stderr!.pipe(log, { end: false });
  const [code, signal] = await once(child, 'close');
  await new Promise(resolve => log.end(resolve));
  if (code !== 0) throw new Error(`${title} ended with ${signal ?? code}`);
}

function hashOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (path: string): void => {
    hash.update(path.slice(path.lastIndexOf('/')));
    hash.update(readFileSync(path));
  };
  for (const path of paths) {
    if (!path.endsWith('/')) add(path);
    else {
      const names = readdirSync(path, { recursive: true, withFileTypes: true }).filter(entry =>
        entry.isFile(),
      );
      for (const file of names.map(entry => join(entry.parentPath, entry.name)).sort()) add(file);
    }
  }
  return hash.digest('hex');
}
