import type { Command } from 'commander';
import type { DevOptions } from '../dev.ts';
import { collect, runs, type Session } from '../run_action.ts';

export function declareDev(program: Command, session: Session): void {
  const command = program
    .command('dev')
    .description('run a cluster on this machine, each broker in a process of its own')
    .option('--brokers <number>', 'how many', '3')
    .option('--port <number>', 'of the first broker; the next ones have the next ports', '9092')
    .option('--data <folder>', 'where everything is kept', 'data')
    .option('--override <key=value>', 'a setting for every broker; may be repeated', collect, []);
  runs(session, command, async () => {
    const { dev } = await import('../dev.ts');
    return async (_context, _args: [], options: DevOptions) => await dev(options);
  });
}
