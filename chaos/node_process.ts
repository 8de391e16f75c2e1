/* One `serve` process of the cluster under test, on a host of the lab. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { type Command, hasEnded, signalGroup, start } from '../conformance/runner/children.ts';
import { expectReady, untilReady } from '../conformance/runner/ready.ts';

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
  async start(): Promise<void> {
    this.#endIsWanted = false;
    this.#isHung = false;
    const child = start(this.#options.command, ['ignore', 'pipe', 'pipe']);
    this.#child = child;
    child.once('exit', (code, signal) => {
      if (!this.#endIsWanted) this.surprises.push(`node ${this.id} ended with ${signal ?? code}`);
    });
    const isReady = (line: string) => line.includes('"event":"ready"');
    const started = await untilReady(child, { log: this.#log, isReady, timeoutMs: READY_TIMEOUT_MS });
    // An end that nobody asked for is among the surprises. Hung, or replaced meanwhile, it can't say that it is ready.
    const mayBeSilent = started !== 'late' || this.#child !== child || this.#isHung;
    if (child.pid !== undefined && mayBeSilent) return;
    expectReady(started, { who: `node ${this.id}`, logPath: this.#options.logPath });
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
