import process from 'node:process';
import { CommanderError } from 'commander';
import { ExitCode } from './exit_codes.ts';
import { buildProgram } from './program.ts';
import type { Session } from './run_action.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** Runs the command line `argv`, as in `process.argv`, and ends the process. */
export async function main(argv: readonly string[]): Promise<void> {
  // A pipe whose reader has seen enough, as `head` has, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(ExitCode.ok);
    throw error;
  });
  const code = await runCommandLine(argv.slice(2), processTerminal());
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>(resolve => {
      stream.write('', () => resolve());
    });
  }
  process.exit(code);
}

/** Runs one command line; its exit code. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const session: Session = { terminal, exitCode: ExitCode.ok };
  try {
    await buildProgram(session).parseAsync([...args], { from: 'user' });
    return session.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? ExitCode.ok : ExitCode.misused;
  }
}
