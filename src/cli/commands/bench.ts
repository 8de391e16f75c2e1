import type { Command } from 'commander';
import { runs, type Session, withConnection } from '../run_action.ts';

export function declareBench(program: Command, session: Session): void {
  const command = withConnection(program.command('bench'))
    .description('put a small load on the cluster, and show what it can do; its topic is deleted afterwards')
    .option('--seconds <count>', 'how long each of the three parts may take', '5')
    .option('--size <bytes>', 'of a record', '1024')
    .option('-p, --partitions <count>', 'of the topic', '6')
    .option('-r, --replicas <count>', "of each partition; the cluster's default without it")
    .option('--acks <acks>', 'all, 1 or 0', 'all')
    .option('-z, --compression <codec>', 'none, gzip, snappy, lz4 or zstd', 'none')
    .option('--rate <count>', 'records a second, instead of as many as there can be');
  runs(session, command, async () => (await import('../actions/bench.ts')).bench);
}
