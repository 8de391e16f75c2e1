/* One line a case, and the sum at the end. */

export interface Outcome {
  readonly client: string;
  readonly name: string;
  readonly seconds: number;
  readonly note?: string;
  /** Why it failed, and the file with all that was printed meanwhile. */
  readonly failure?: { readonly reason: string; readonly log: string };
}

const REASON_LINES = 12;

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
    const lines = failure.reason.split('\n').filter(line => line.trim() !== '');
    const shown = lines.slice(0, REASON_LINES).map(line => `    ${line.slice(0, 500)}`);
    console.log(`${head} FAILED  ${time}`);
    console.log([...shown, `    full output: ${failure.log}`].join('\n'));
  }

  skipped({ client, name, why }: { client: string; name: string; why: string }): void {
    this.#skipped++;
    console.log(`${client.padEnd(12)} ${name.padEnd(26)} skipped: ${why}`);
  }

  close(): void {
    console.log(`${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped`);
  }
}
