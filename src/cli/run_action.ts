import { type Command, Option } from 'commander';
import { type Failure, failed } from '../model/failure.ts';
import type { CommandContext } from './command_context.ts';
import { ExitCode, Misuse } from './exit_codes.ts';
import { hintFor } from './hints.ts';
import { OUTPUT_FORMATS } from './output/output.ts';
import type { Terminal } from './terminal.ts';

/** What a command does with its arguments and options: an exit code other than 0, or why it could not be done. */
export type Action<Args extends readonly unknown[], Options> = (
  context: CommandContext,
  args: Args,
  options: Options,
) => Promise<number | Failure | undefined>;

export const collect = (value: string, before: readonly string[]): string[] => [...before, value];

/** The options of every command that shows something. */
export function withOutput(command: Command): Command {
  return command.addOption(
    new Option('-o, --output <format>', 'how the result is shown').choices(OUTPUT_FORMATS).default('table'),
  );
}

/** The options of every command that talks to a cluster. */
export function withConnection(command: Command): Command {
  return withOutput(command)
    .option('-B, --bootstrap-server <host:port,…>', 'brokers to ask first (localhost:9092)')
    .option('-X <key=value>', "a setting of Kafka's clients, such as client.id; may be repeated", collect, [])
    .option('--profile <name>', 'a file of such settings: a path, or a name in ~/.config/odradek');
}

/** One command line that is run: where, and how it ended. */
export interface Session {
  readonly terminal: Terminal;
  exitCode: number;
}

/** Has a command do its work: `load` brings its code, which the other commands do not wait for. */
export function runs<Args extends readonly unknown[], Options>(
  session: Session,
  command: Command,
  load: () => Promise<Action<Args, Options>>,
): void {
  command.action(async (...given: unknown[]) => {
    const options = given.at(-2) as Options;
    const args = given.slice(0, -2) as unknown as Args;
    const { TerminalContext } = await import('./terminal_context.ts');
    const context = new TerminalContext(session.terminal, { X: [], output: 'table', ...options });
    try {
      const action = await load();
      const result = await action(context, args, options);
      session.exitCode = failed(result) ? complain(session, result) : (result ?? ExitCode.ok);
    } finally {
      context.close();
    }
  });
}

/** Tells the user what went wrong, and what to try. */
function complain({ terminal }: Session, failure: Failure): ExitCode {
  const hint = failure instanceof Misuse ? undefined : hintFor(failure);
  terminal.stderr.write(`odradek: ${failure.message}\n${hint === undefined ? '' : `Try: ${hint}\n`}`);
  return failure instanceof Misuse ? ExitCode.misused : ExitCode.failed;
}
