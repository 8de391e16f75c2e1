import type { Command } from 'commander';
import { collect, runs, type Session } from '../run_action.ts';
import type { ServeOptions } from '../serve.ts';

export function declareServe(program: Command, session: Session): void {
  const command = program
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
    .option(
      '--until-stdin-ends',
      'end in order when standard input does, as with the process that started this one',
    );
  runs(session, command, async () => {
    const { serve } = await import('../serve.ts');
    return async (_context, _args: [], options: ServeOptions) => await serve(options);
  });
}
