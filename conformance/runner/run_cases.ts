/*
 * Runs a client's program until each of its cases has an outcome. The program runs all cases in one go; when one hangs
 * or ends the program, that case has failed, and the program is started again with those that are left.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Command, end, start } from './children.ts';
import type { NodeUnderTest } from './node.ts';
import type { Report } from './report.ts';

export interface ClientRun {
  readonly client: string;
  readonly command: Command;
  readonly bootstrap: string;
  /** Absent when the node is not the suite's own. */
  readonly node: NodeUnderTest | undefined;
  readonly prefix: string;
  readonly logPath: string;
  readonly caseTimeoutMs: number | undefined;
  readonly report: Report;
}

/** What a program says; see support/program.ts. */
interface Line {
  readonly start?: string;
  readonly case?: string;
  readonly ok?: boolean;
  readonly reason?: string;
  readonly ask?: string;
}

const CASE_TIMEOUT_MS = 150_000;
/** The node's start and the clients' way back come on top. */
const RESTARTS_TIMEOUT_MS = 400_000;
const END_PATIENCE_MS = 2_000;

const RESTARTS = /^kill-9|-controllers$/;
const timeoutOf = (name: string) => (RESTARTS.test(name) ? RESTARTS_TIMEOUT_MS : CASE_TIMEOUT_MS);

export async function runCases(run: ClientRun, cases: readonly string[]): Promise<void> {
  const log = createWriteStream(run.logPath, { flags: 'a' });
  try {
    let left = [...cases];
    for (let attempt = 1; left.length > 0; attempt++) {
      await run.node?.ensureRunning();
      left = await new ProgramRun(run, log, left, attempt).finished();
    }
  } finally {
    await new Promise(resolve => log.end(resolve));
  }
}

/** One start of the program. */
class ProgramRun {
  readonly #run: ClientRun;
  readonly #log: WriteStream;
  readonly #left: Set<string>;
  readonly #child: ChildProcess;
  /** The case that is under way, since when, and the timer that ends it. */
  #current: { name: string; startedMs: number; timer: NodeJS.Timeout } | undefined;
  /** Why the program was ended from here. */
  #endedBecause: string | undefined;
  /** What is worth saying of the case under way. */
  #note = '';
  /** The node's restart that is under way. It never rejects. */
  #restart: Promise<void> = Promise.resolve();

  constructor(run: ClientRun, log: WriteStream, cases: readonly string[], attempt: number) {
    this.#run = run;
    this.#log = log;
    this.#left = new Set(cases);
    const order = { bootstrap: run.bootstrap, prefix: `${run.prefix}-${attempt}`, cases };
    const { command } = run;
    this.#child = start({ ...command, args: [...command.args, JSON.stringify(order)] }, [
      'pipe',
      'pipe',
      'pipe',
    ]);
    // A program that has ended does not read its answer.
    this.#child.stdin!.on('error', () => {});
    this.#child.stderr!.pipe(log, { end: false });
  }

  /** Resolves to the cases that still have to be run: at least one less than before. */
  async finished(): Promise<string[]> {
    const child = this.#child;
    const { node } = this.#run;
    if (node !== undefined) node.onDeath = what => this.#giveUp(what);
    const lines = createInterface({ input: child.stdout! }).on('line', text => this.#onLine(text));
    const before = this.#left.size;
    const how = await Promise.all([once(child, 'exit'), once(lines, 'close')]).then(
      ([[code, signal]]) => `The program ended with ${signal ?? code}`,
      (error: Error) => `The program can't be started: ${error.message}`,
    );
    if (node !== undefined) node.onDeath = undefined;
    await this.#restart;
    if (this.#current !== undefined) this.#conclude(this.#current.name, this.#endedBecause ?? how);
    const [next] = this.#left;
    if (next !== undefined && this.#left.size === before) this.#conclude(next, this.#endedBecause ?? how);
    await end(child, { patienceMs: 0 });
    return [...this.#left];
  }

  #onLine(text: string): void {
    this.#log.write(`${text}\n`);
    let line: Line;
    try {
      line = JSON.parse(text) as Line;
    } catch {
      return;
    }
    if (line.start !== undefined) this.#begin(line.start);
    else if (line.case !== undefined) {
      this.#conclude(line.case, line.ok === true ? undefined : (line.reason ?? 'It gave no reason'));
    } else if (line.ask === 'restart') this.#restartNode();
  }

  #begin(name: string): void {
    const timeoutMs = this.#run.caseTimeoutMs ?? timeoutOf(name);
    const timer = setTimeout(() => this.#giveUp(`Not done after ${timeoutMs / 1000} s`), timeoutMs);
    this.#current = { name, startedMs: performance.now(), timer };
  }

  #conclude(name: string, reason: string | undefined): void {
    const now = performance.now();
    const seconds = (now - (this.#current?.startedMs ?? now)) / 1000;
    clearTimeout(this.#current?.timer);
    this.#current = undefined;
    if (!this.#left.delete(name)) return;
    const { client, logPath: log, report } = this.#run;
    const failure = reason === undefined ? {} : { failure: { reason, log } };
    report.outcome({ client, name, seconds, note: this.#note, ...failure });
    this.#note = '';
  }

  #restartNode(): void {
    const { node } = this.#run;
    if (node === undefined) {
      this.#giveUp("The node is not the suite's to restart");
      return;
    }
    const killedMs = performance.now();
    this.#restart = node.killAndRestart().then(
      () => {
        this.#note = `the node was back after ${((performance.now() - killedMs) / 1000).toFixed(1)} s`;
        this.#child.stdin!.write('restarted\n');
      },
      (error: Error) => this.#giveUp(error.message),
    );
  }

  /** Ends the program: the case under way has failed. */
  #giveUp(reason: string): void {
    this.#endedBecause ??= reason;
    void end(this.#child, { patienceMs: END_PATIENCE_MS });
  }
}
