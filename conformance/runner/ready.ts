/* From the start of a node's process to its word that it serves. */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';

export interface ReadyOptions {
  /** Takes all that the process says. It stays open. */
  readonly log: Writable;
  /** Whether a line of its stdout says that it serves. */
  readonly isReady: (line: string) => boolean;
  readonly timeoutMs: number;
}

/** What came of a start: it serves; it ended, or could not be started, and how; or neither, in the time it had. */
export type Started = 'ready' | { readonly ended: string } | 'late';

/** Waits for a process that was started with its stdout and stderr as pipes. Never rejects. */
export function untilReady(child: ChildProcess, { log, isReady, timeoutMs }: ReadyOptions): Promise<Started> {
  child.stderr!.pipe(log, { end: false });
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve('late'), timeoutMs);
    const settle = (started: Started) => {
      clearTimeout(timer);
      resolve(started);
    };
    child.once('error', error => settle({ ended: `can't be started: ${error.message}` }));
    child.once('exit', (code, signal) =>
      settle({ ended: `ended with ${signal ?? code} before it was ready` }),
    );
    createInterface({ input: child.stdout! }).on('line', line => {
      log.write(`${line}\n`);
      if (isReady(line)) settle('ready');
    });
  });
}

/** @throws unless it is ready */
export function expectReady(started: Started, { who, logPath }: { who: string; logPath: string }): void {
  if (started === 'ready') return;
  const what = started === 'late' ? 'was not ready in time' : started.ended;
  throw new Error(`${who} ${what}; its log: ${logPath}`);
}
