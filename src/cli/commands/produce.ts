import type { Command } from 'commander';
import { collect, runs, type Session, withConnection } from '../run_action.ts';

export function declareProduce(program: Command, session: Session): void {
  const command = withConnection(program.command('produce <topic>'))
    .description('send records: a line of the input each, or what --value says')
    .option('--value <text>', 'the value of one record, instead of the input; may be repeated', collect, [])
    .option('-k, --key <text>', 'the key of all records')
    .option('-K, --key-delimiter <text>', 'what is between key and value in each line of the input')
    .option('-D, --delimiter <text>', 'what is between records in the input', '\\n')
    .option('-p, --partition <number>', 'the partition; chosen by the key without it')
    .option('-H, --header <name=value>', 'a header of all records; may be repeated', collect, [])
    .option('--timestamp <time>', 'the time of all records, instead of now')
    .option('--json', 'each line is a record as "consume -o json" writes it')
    .option('-Z, --empty-as-null', 'an empty value is a tombstone')
    .option('--tombstone', 'one record without a value, for the key')
    .option('-z, --compression <codec>', 'none, gzip, snappy, lz4 or zstd')
    .option('--acks <acks>', 'all, 1 or 0');
  runs(session, command, async () => (await import('../actions/produce.ts')).produce);
}
