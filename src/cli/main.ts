import { Command } from 'commander';
import { VERSION } from '../model/version.ts';

/** Runs the command line: `argv` as in `process.argv`. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('odradek')
    .description('A fault-tolerant distributed log that speaks Kafka on every surface.')
    .version(VERSION, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('Run with --help to see what there is.')
    .allowExcessArguments(false)
    .action((_options: unknown, command: Command) => command.help({ error: true }));
  await program.parseAsync([...argv]);
}
