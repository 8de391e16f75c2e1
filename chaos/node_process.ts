/* One `serve` process of the cluster under test, on a host of the lab. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Command, hasEnded, signalGroup, start } from '../conformance/runner/children.ts';

const READY_TIMEOUT_MS = 60_000;

export interface NodeProcessOptions {
  readonly id: number;
  readonly command: Command;
  readonly logPath: string;
}

/** Started, hung, killed and started again; an end that nobody asked for is remembered. */
export class NodeProcess {
  readonly id: number;
  readonly #options: NodeProcessOptions;
  readonly #log: WriteStream;
  #child: ChildProcess | undefined;
  #isHung = false;
  #endIsWanted = false;
  /** How the process ended when nobody had asked it to; for a full disk that is right. */
  readonly surprises: string[] = [];

  constructor(options: NodeProcessOptions) {
    this.id = options.id;
    this.#options = options;
    this.#log = createWriteStream(options.logPath, { flags: 'a' });
  }

  get isRunning(): boolean {
    return this.#child !== undefined && !hasEnded(this.#child);
  }

  get isHung(): boolean {
    return this.#isHung;
  }

  /**
   * Starts the process. Resolves when it says that it is ready, or is ended before that; a node whose peers are away
   * may take long.
   */
  start(): Promise<void> {
    this.#endIsWanted = false;
    this.#isHung = false;
    const child = start(this.#options.command, ['ignore', 'pipe', 'pipe']);
    this.#child = child;
    child.stderr!.pipe(this.#log, { end: false });
    child.once('exit', (code, signal) => {
      if (!this.#endIsWanted) this.surprises.push(`node ${this.id} ended with ${signal ?? code}`);
    });
    return new Promise((resolve, reject) => {
      const fail = (what: string) =>
        reject(new Error(`node ${this.id} ${what}; its log: ${this.#options.logPath}`));
      const timer = setTimeout(() => {
        // Hung, it can't say so.
        if (this.#child === child && !this.#isHung) fail(`was not ready after ${READY_TIMEOUT_MS / 1000} s`);
        else resolve();
      }, READY_TIMEOUT_MS);
      child.once('exit', () => {
        clearTimeout(timer);
        // What nobody asked for is among the surprises.
        resolve();
      });
      createInterface({ input: child.stdout! }).on('line', line => {
        this.#log.write(`${line}\n`);
        if (!line.includes('"event":"ready"')) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Stops the process where it is, with its sockets open. */
  hang(): void {
    if (!this.isRunning) return;
    this.#isHung = true;
    signalGroup(this.#child!, 'SIGSTOP');
  }

  resume(): void {
    if (!this.isRunning || !this.#isHung) return;
    this.#isHung = false;
    signalGroup(this.#child!, 'SIGCONT');
  }

  /** SIGKILL, or SIGTERM and at most `patienceMs` for it. */
  async end(signal: 'SIGKILL' | 'SIGTERM', patienceMs = 20_000): Promise<void> {
    this.#endIsWanted = true;
    if (!this.isRunning) return;
    const child = this.#child!;
    const ended = once(child, 'exit');
    signalGroup(child, signal);
    if (this.#isHung) signalGroup(child, 'SIGCONT');
    const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), patienceMs);
    await ended;
    clearTimeout(timer);
    this.#isHung = false;
  }
}
