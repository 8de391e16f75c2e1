import type { Command } from 'commander';
import { collect, runs, type Session, withConnection } from '../run_action.ts';

export function declareLogDirs(program: Command, session: Session): void {
  const command = withConnection(program.command('logdirs'))
    .description('show the log directories of the brokers, and what is in them')
    .option('--broker <id>', 'only of this broker')
    .option(
      '-t, --topic <topic[:partitions]>',
      'only these, each with its size; may be repeated',
      collect,
      [],
    );
  runs(session, command, async () => (await import('../actions/log_dirs.ts')).logDirs);
}
