import { PassThrough, Readable } from 'node:stream';
import { runCommandLine } from '../../src/cli/main.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** What comes on stdin; nothing without it. */
  readonly input?: string | Buffer | undefined;
  readonly environment?: NodeJS.ProcessEnv;
  readonly isTTY?: boolean;
  /** Called with what was printed so far; Ctrl-C is pressed when it says so. */
  readonly interruptWhen?: (stdout: string, stderr: string) => boolean;
}

/** Runs one command line in the test's own process. */
export async function run(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { environment = {}, input, interruptWhen = () => false, isTTY = false } = options;
  const printed = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let interrupt = () => {};
  const text = (name: 'stdout' | 'stderr') => Buffer.concat(printed[name]).toString();
  const stream = (name: 'stdout' | 'stderr') => ({
    isTTY,
    columns: 80,
    write(chunk: string | Uint8Array, done?: () => void) {
      printed[name].push(Buffer.from(chunk));
      if (interruptWhen(text('stdout'), text('stderr'))) interrupt();
      if (done !== undefined) setImmediate(done);
    },
  });
  const stdin = input === undefined ? new PassThrough().end() : Readable.from([Buffer.from(input)]);
  const terminal: Terminal = {
    stdin: Object.assign(stdin, { isTTY: false }),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    // A home without profiles.
    environment: { XDG_CONFIG_HOME: '/nonexistent', ...environment },
    onInterrupt: callback => {
      interrupt = callback;
    },
  };
  const code = await runCommandLine(args, terminal);
  return { code, stdout: text('stdout'), stderr: text('stderr') };
}
