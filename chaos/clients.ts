/* The clients' process, and the histories that it tells. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Command, hasEnded, signalGroup, start } from '../conformance/runner/children.ts';
import { type CheckReport, checkHistory } from '../src/checker/check_history.ts';
import { History, type HistoryEvent } from '../src/checker/history.ts';
import { formatEvent, parseEvent } from '../src/checker/history_format.ts';

export interface ClientCounts {
  readonly sent: number;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly polled: number;
  readonly processed: number;
  readonly commits: number;
  /** Members whose client fell out of the group and never joined again. */
  readonly replaced: number;
}

type HistoryName = 'assign' | 'group';

interface Line {
  readonly history?: readonly HistoryName[];
  readonly event?: HistoryEvent;
  readonly problem?: string;
  readonly count?: ClientCounts;
  readonly inSync?: boolean;
}

/** Readers that choose their partitions must see them in order; in a group partitions change hands. */
const CHECKS: Readonly<Record<HistoryName, { readonly subscribes: boolean }>> = {
  assign: { subscribes: false },
  group: { subscribes: true },
};

/** So many problems are kept; one is enough to fail. */
const MAX_PROBLEMS = 100;

export class ChaosClients {
  readonly problems: string[] = [];
  readonly #child: ChildProcess;
  readonly #histories: Readonly<
    Record<HistoryName, { readonly history: History; readonly file: WriteStream }>
  >;
  readonly #log: WriteStream;
  readonly #ended: Promise<unknown>;
  #counts: ClientCounts | undefined;
  #isInSync = false;
  #started: () => void = () => {};

  private constructor(command: Command, folder: string) {
    const file = (name: HistoryName) => createWriteStream(join(folder, `history-${name}.jsonl`));
    this.#histories = {
      assign: { history: new History(), file: file('assign') },
      group: { history: new History(), file: file('group') },
    };
    this.#log = createWriteStream(join(folder, 'clients.log'));
    this.#child = start(command, ['pipe', 'pipe', 'pipe']);
    this.#child.stderr!.pipe(this.#log);
    this.#ended = once(this.#child, 'close');
    createInterface({ input: this.#child.stdout! }).on('line', line => this.#take(line));
  }

  /** Starts the clients; resolves when they are at work. */
  static async start(command: Command, folder: string): Promise<ChaosClients> {
    const clients = new ChaosClients(command, folder);
    const working = new Promise<void>(resolve => {
      clients.#started = resolve;
    });
    await Promise.race([working, clients.#ended]);
    if (clients.#counts === undefined)
      throw new Error(`The clients could not begin; their log: ${folder}/clients.log`);
    return clients;
  }

  get counts(): ClientCounts {
    return this.#counts!;
  }

  /** Whether all partitions had all replicas in sync, about a second ago at most. */
  get isInSync(): boolean {
    return this.#isInSync;
  }

  #take(line: string): void {
    const { history, event, problem, count, inSync } = JSON.parse(line) as Line;
    if (inSync !== undefined) this.#isInSync = inSync;
    if (problem !== undefined) this.#problem(problem);
    if (count !== undefined) {
      this.#counts = count;
      this.#started();
    }
    if (event === undefined) return;
    const parsed = parseEvent(JSON.stringify(event));
    if (typeof parsed === 'string') {
      this.#problem(`The clients tell of what is no event: ${parsed}`);
      return;
    }
    for (const name of history ?? []) {
      const refused = this.#histories[name].history.add(parsed);
      if (refused !== undefined) this.#problem(`The clients tell of what can't be: ${refused}`);
      this.#histories[name].file.write(`${formatEvent(parsed)}\n`);
    }
  }

  #problem(text: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(text);
  }

  /** Has everything read back, and ends the clients. */
  async finish(timeoutMs: number): Promise<void> {
    this.#child.stdin!.write('finish\n');
    const timer = setTimeout(() => {
      this.#problem(`The clients did not get to the end within ${timeoutMs / 1000} s`);
      this.kill();
    }, timeoutMs);
    await this.#ended;
    clearTimeout(timer);
    if (this.#child.exitCode !== 0)
      this.#problem(`The clients ended with ${this.#child.signalCode ?? this.#child.exitCode}`);
    for (const { file } of Object.values(this.#histories)) await new Promise(resolve => file.end(resolve));
  }

  kill(): void {
    if (!hasEnded(this.#child)) signalGroup(this.#child, 'SIGKILL');
  }

  /** What the checker says of each history. */
  *reports(): Iterable<readonly [name: string, report: CheckReport | string]> {
    for (const [name, options] of Object.entries(CHECKS) as [HistoryName, { subscribes: boolean }][]) {
      yield [
        name,
        checkHistory(this.#histories[name].history, { ...options, singleSends: true, retriesBlindly: false }),
      ];
    }
  }
}
