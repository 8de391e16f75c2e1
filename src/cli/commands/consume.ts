import type { Command } from 'commander';
import { collect, runs, type Session, withConnection } from '../run_action.ts';

export function declareConsume(program: Command, session: Session): void {
  const command = withConnection(program.command('consume <topic...>'))
    .description('read records, and go on with those that come')
    .option('--from <position>', 'where to begin: start, end, an offset, +10, -10, or @time', 'start')
    .option('--to <position>', 'where to end: end, an offset, +10, -10, or @time')
    .option('-p, --partition <numbers>', 'only these partitions, as 0,2-4')
    .option('-n, --count <count>', 'end after so many records')
    .option('-e, --exit-at-end', 'end when what is there now was read')
    .option('-f, --format <format>', 'how a record is shown, as "%p %o %k %v\\n" (see docs/cli.md)')
    .option(
      '--filter <condition>',
      'only records such as key=TEXT, value~REGEX, value.path>5; may be repeated',
      collect,
      [],
    )
    .option('-g, --group <name>', 'read as a member of the group, and commit')
    .option('--no-commit', 'commit nothing for the group')
    .option('--read-committed', 'no records of transactions that are open or aborted');
  runs(session, command, async () => (await import('../actions/consume.ts')).consume);
}
