import fs from 'node:fs';

const STDERR = 2;
/** How long a line waits for a reader that does not keep up; then it is dropped. */
const MAX_WAIT_MS = 200;
const WAIT_STEP_MS = 5;

/**
 * Writes log lines to stderr, each before it returns, so that the last ones before an exit or a crash are there.
 * What can't be written is dropped: neither a full disk behind stderr nor a reader that is gone stops the process.
 */
export class StderrSink {
  readonly #pause = new Int32Array(new SharedArrayBuffer(4));

  write(line: string): void {
    const bytes = Buffer.from(line);
    let written = 0;
    let waitedMs = 0;
    while (written < bytes.length) {
      try {
        written += fs.writeSync(STDERR, bytes, written);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EINTR') continue;
        // EAGAIN: a pipe in non-blocking mode that is full.
        if (code !== 'EAGAIN' || waitedMs >= MAX_WAIT_MS) return;
        Atomics.wait(this.#pause, 0, 0, WAIT_STEP_MS);
        waitedMs += WAIT_STEP_MS;
      }
    }
  }
}
