import type { Command } from 'commander';
import { runs, type Session, withOutput } from '../run_action.ts';

export function declareDumpLog(program: Command, session: Session): void {
  const command = withOutput(program.command('dump-log <file...>'))
    .description(
      "show what is in files of a log directory, ours and Kafka's: .log, .index, .timeindex, .txnindex, .snapshot, .checkpoint; needs no cluster",
    )
    .option('--records', 'each record of a .log file, not just the batches')
    .option('--values', 'with --records: keys and values, too')
    .option(
      '--decode <kind>',
      'what the records are: cluster-metadata, offsets or transaction-log; found out by the path without it',
    )
    .option('-n, --count <count>', 'so many batches or entries at most');
  runs(session, command, async () => (await import('../actions/dump_log.ts')).dumpLog);
}
