import type { Command } from 'commander';
import { runs, type Session, withConnection } from '../run_action.ts';
import { noun } from './noun.ts';

export function declareBroker(program: Command, session: Session): void {
  const broker = noun(program, 'broker', 'brokers: what each has, and taking one out of service');
  runs(
    session,
    withConnection(broker.command('list')).description('list the brokers, with what each leads and holds'),
    async () => (await import('../actions/broker_list.ts')).brokerList,
  );
  runs(
    session,
    withConnection(broker.command('describe <id>')).description(
      'show a broker: its log directories, and the settings that are not defaults',
    ),
    async () => (await import('../actions/broker_describe.ts')).brokerDescribe,
  );
  runs(
    session,
    withConnection(broker.command('drain <id>'))
      .description(
        'take the leaders off a broker before it is stopped; only shows what it would do without --execute',
      )
      .option('--replicas', 'move its replicas to other brokers, too: the broker goes for good')
      .option('--execute', 'do it, and wait until it is done'),
    async () => (await import('../actions/broker_drain.ts')).brokerDrain,
  );
}
