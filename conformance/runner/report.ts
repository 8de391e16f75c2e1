/* One line a case, and the sum at the end. */
import { readFileSync } from 'node:fs';

export interface Outcome {
  readonly client: string;
  readonly name: string;
  readonly seconds: number;
  readonly note?: string;
  /** Why it failed, and the file with all that was printed meanwhile. */
  readonly failure?: { readonly reason: string; readonly log: string };
}

const REASON_LINES = 12;
const LOG_LINES = 20;
const LINE_CHARACTERS = 500;

export class Report {
  #passed = 0;
  #failed = 0;
  #skipped = 0;

  get failed(): number {
    return this.#failed;
  }

  progress(text: string): void {
    console.log(`… ${text}`);
  }

  outcome({ client, name, seconds, note = '', failure }: Outcome): void {
    const head = `${client.padEnd(12)} ${name.padEnd(26)}`;
    const time = `${`${seconds.toFixed(1)} s`.padStart(7)}${note === '' ? '' : `  (${note})`}`;
    if (failure === undefined) {
      this.#passed++;
      console.log(`${head} ok      ${time}`);
      return;
    }
    this.#failed++;
    console.log(`${head} FAILED  ${time}`);
    for (const line of linesOf(failure.reason).slice(0, REASON_LINES)) console.log(`    ${line}`);
    // Where the folder goes with the machine, this is all there is to see.
    console.log(`    the end of ${failure.log}:`);
    for (const line of linesOf(readLog(failure.log)).slice(-LOG_LINES)) console.log(`      ${line}`);
  }

  skipped({ client, name, why }: { client: string; name: string; why: string }): void {
    this.#skipped++;
    console.log(`${client.padEnd(12)} ${name.padEnd(26)} skipped: ${why}`);
  }

  close(): void {
    console.log(`${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped`);
  }
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => line.slice(0, LINE_CHARACTERS));

function readLog(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return `(it can't be read: ${(error as Error).message})`;
  }
}
