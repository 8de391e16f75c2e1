import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import process from 'node:process';
import readline from 'node:readline';
import type { LocalNode } from './local_layout.ts';

export interface LocalBrokerEvents {
  /** A line of its log that says what may interest who watches. */
  logged(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Its process has ended, by itself or not. */
  ended(how: string): void;
}

/** What came of a start: the address of health and metrics, or why there was none. */
export type StartOutcome = { readonly http: string } | { readonly error: string };

/** Lines of the log that are kept, to say why a broker did not start. */
const LAST_LINES = 5;

/** One broker in a process of its own. It ends with this process, however that ends. */
export class LocalBroker {
  readonly node: LocalNode;
  readonly #child: ChildProcess;
  readonly #log: fs.WriteStream;
  readonly #lastLines: string[] = [];
  /** Resolves when it serves, or has ended before. */
  readonly started: Promise<StartOutcome>;
  readonly ended: Promise<void>;
  #isStopping = false;

  /** @param program the arguments of Node that start the command line */
  constructor(node: LocalNode, program: readonly string[], events: LocalBrokerEvents) {
    this.node = node;
    this.#log = fs.createWriteStream(node.logFile, { flags: 'a' });
    // In a process group of its own: Ctrl-C is for this process, which stops all of them in order.
    this.#child = spawn(
      process.execPath,
      [...program, 'serve', '-c', node.configFile, '--until-stdin-ends'],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
      },
    );
    this.#child.stdin!.on('error', () => {});
    this.ended = new Promise(resolve => {
      this.#child.on('close', (code, signal) => {
        this.#log.end();
        resolve();
        events.ended(signal === null ? `ended with code ${code}` : `was ended by ${signal}`);
      });
      this.#child.on('error', error => {
        resolve();
        events.ended(`could not be started: ${error.message}`);
      });
    });
    readline.createInterface({ input: this.#child.stderr! }).on('line', line => this.#note(line, events));
    this.started = new Promise(resolve => {
      readline.createInterface({ input: this.#child.stdout! }).on('line', line => {
        this.#log.write(`${line}\n`);
        const fields = parsed(line);
        if (fields?.['event'] !== 'ready') return;
        const http = fields['http'];
        resolve({ http: Array.isArray(http) ? String(http[0] ?? '') : '' });
      });
      void this.ended.then(() => resolve({ error: this.#lastLines.join('\n') || 'it ended' }));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #note(line: string, events: LocalBrokerEvents): void {
    this.#log.write(`${line}\n`);
    const fields = parsed(line);
    const message = fields?.['message'];
    if (fields === undefined || typeof message !== 'string') return;
    const level = fields['level'];
    if (level === 'error') {
      this.#lastLines.push(message);
      if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
    }
    events.logged(message, fields);
  }

  /** Asks it to end in order; a second call ends it at once. */
  stop(): void {
    if (this.isRunning) this.#child.kill(this.#isStopping ? 'SIGKILL' : 'SIGTERM');
    this.#isStopping = true;
  }
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
