import process from 'node:process';

/** Where text goes: the process's stdout and stderr, or what a test looks at. */
export interface TextStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** `done` is called when it is out, or in the system's hands. */
  write(text: string | Uint8Array, done?: () => void): unknown;
}

/** What a command line runs in. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly environment: NodeJS.ProcessEnv;
  /** Calls `interrupt` when the user wants the command to end (Ctrl-C, SIGTERM), instead of ending the process. */
  onInterrupt(interrupt: () => void): void;
}

/** This process's own. */
export function processTerminal(): Terminal {
  const { env: environment, stderr, stdin, stdout } = process;
  return {
    stdin,
    stdout,
    stderr,
    environment,
    onInterrupt(interrupt) {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => {
          interrupt();
          // Whoever asks again does not want to wait.
          process.once(signal, () => process.exit(1));
        });
      }
    },
  };
}
