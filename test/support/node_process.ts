import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { bundle } from '../../scripts/build.ts';
import { NodeClock } from '../../src/io/node_clock.ts';
import { NodeNetwork } from '../../src/io/node_network.ts';
import { failed } from '../../src/model/failure.ts';
import type { Logger } from '../../src/model/ports.ts';
import { PeerClient } from '../../src/peers/peer_client.ts';
import type { Endpoint } from '../../src/peers/peer_sender.ts';
import type { Api, MessageInput, MessageOf } from '../../src/protocol/schema.ts';

const QUIET: Logger = { debug() {}, info() {}, warn() {}, error() {}, with: () => QUIET };
const PATIENCE_MS = 30_000;

/** The line that a node prints when it serves. */
export interface Ready {
  readonly event: string;
  readonly nodeId: number;
  readonly listeners: Readonly<Record<string, string>>;
}

export interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** The program, built for these tests, and a folder for what they write; both end with the tests of the file. */
export class Workplace {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-cli-'));
  readonly #processes: NodeProcess[] = [];

  static async make(): Promise<Workplace> {
    const place = new Workplace();
    const installed = path.join(place.folder, 'installed');
    fs.cpSync('bin', path.join(installed, 'bin'), { recursive: true });
    fs.copyFileSync('package.json', path.join(installed, 'package.json'));
    fs.symlinkSync(path.resolve('node_modules'), path.join(installed, 'node_modules'), 'junction');
    await bundle(path.join(installed, 'dist'));
    after(async () => {
      for (const process of place.#processes) await process.kill();
      fs.rmSync(place.folder, { recursive: true, force: true });
    });
    return place;
  }

  /** A path for the test's own use. */
  path(name: string): string {
    return path.join(this.folder, name);
  }

  /** Starts `odradek serve` on free ports; more settings as `key=value`. */
  serve(settings: readonly string[], { args = [], env = {}, wrapper = [] }: ServeOptions = {}): NodeProcess {
    const all = ['listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0', ...settings];
    const overrides = all.flatMap(each => ['--override', each]);
    return this.run(['serve', ...args, ...overrides], { env, wrapper });
  }

  /** Starts the program. */
  run(args: readonly string[], { env = {}, wrapper = [] }: Omit<ServeOptions, 'args'> = {}): NodeProcess {
    const program = path.join(this.folder, 'installed', 'bin', 'odradek');
    const [file, ...rest] = [...wrapper, process.execPath, program, ...args];
    const started = new NodeProcess(
      spawn(file!, rest, {
        stdio: ['ignore', 'pipe', 'pipe'],
        cwd: this.folder,
        env: { ...process.env, ...env },
      }),
    );
    this.#processes.push(started);
    return started;
  }
}

export interface ServeOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What the program is started through. */
  readonly wrapper?: readonly string[];
}

/** A process of the program. */
export class NodeProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | string>;
  readonly #ready: Promise<Ready | undefined>;
  #clients: PeerClient[] = [];
  stdout = '';
  stderr = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, 'close').then(([code, signal]) => signal ?? code);
    child.stderr!.on('data', data => {
      this.stderr += data;
    });
    this.#ready = new Promise(resolve => {
      createInterface({ input: child.stdout! }).on('line', line => {
        this.stdout += `${line}\n`;
        if (line.startsWith('{')) resolve(JSON.parse(line) as Ready);
      });
      void this.#ended.then(() => resolve(undefined));
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async ready(): Promise<Ready> {
    const ready = await this.#within(this.#ready, 'get ready');
    assert.ok(ready !== undefined, `the process ended before it was ready:\n${this.stderr}`);
    return ready;
  }

  /** Where clients find the node. */
  async address(): Promise<Endpoint> {
    const { listeners } = await this.ready();
    const [host, port] = listeners['PLAINTEXT']!.split(':');
    return { host: host!, port: Number(port) };
  }

  /** What it wrote to stderr, which must be JSON. */
  get log(): LogLine[] {
    return this.stderr
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as LogLine);
  }

  /** Waits until stdout matches; what matched. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    const matched = () => pattern.exec(this.stdout);
    const seen = new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = matched();
        if (match === null) return;
        this.#child.stdout!.off('data', look);
        resolve(match);
      };
      // Behind the reader that keeps the lines.
      this.#child.stdout!.on('data', () => setImmediate(look));
      void this.#ended.then(() => {
        look();
        if (matched() === null)
          reject(new Error(`It ended without printing ${pattern}:\n${this.stdout}${this.stderr}`));
      });
      look();
    });
    return await this.#within(seen, `print ${pattern}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The exit code, or the signal that ended it. */
  async ended(): Promise<number | string> {
    const ended = await this.#within(this.#ended, 'end');
    for (const client of this.#clients.splice(0)) client.close();
    return ended;
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended();
  }

  /** A connection of its own. */
  async connect(): Promise<
    <A extends Api>(api: A, request: MessageInput<A['request']>) => Promise<Answer<A>>
  > {
    const address = await this.address();
    const client = new PeerClient({
      network: new NodeNetwork(QUIET),
      clock: new NodeClock(),
      clientId: 'test',
    });
    this.#clients.push(client);
    return async (api, request) => {
      const response = await client.send(address, api, request, { timeoutMs: PATIENCE_MS });
      if (failed(response)) throw new Error(response.message);
      return response;
    };
  }

  async #within<T>(promise: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const fail = () =>
        reject(new Error(`The process did not ${what} in ${PATIENCE_MS} ms:\n${this.stderr}`));
      timer = setTimeout(fail, PATIENCE_MS);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

export type Answer<A extends Api> = MessageOf<A['response']>;
export type Send = Awaited<ReturnType<NodeProcess['connect']>>;
