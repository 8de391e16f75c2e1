import process from 'node:process';
import { Command } from 'commander';
import { VERSION } from '../model/version.ts';
import type { ServeOptions } from './serve.ts';

/** Runs the command line: `argv` as in `process.argv`. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('odradek')
    .description('A fault-tolerant distributed log that speaks Kafka on every surface.')
    .version(VERSION, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('Run with --help to see what there is.')
    .showSuggestionAfterError();
  const collect = (value: string, before: readonly string[]) => [...before, value];
  program
    .command('serve')
    .description('run one node in the foreground')
    .option('-c, --config <file>', 'settings in the form of server.properties')
    .option(
      '--override <key=value>',
      'a setting that counts more than the file; may be repeated',
      collect,
      [],
    )
    .option('--log-level <level>', 'the least that is logged: debug, info, warn, error', 'info')
    .option('--hints', 'print what to try next')
    .allowExcessArguments(false)
    .action(async (options: ServeOptions) => {
      const { serve } = await import('./serve.ts');
      process.exit(await serve(options));
    });
  await program.parseAsync([...argv]);
}
