import type { Command } from 'commander';
import { runs, type Session, withConnection, withOutput } from '../run_action.ts';
import { noun } from './noun.ts';

const ENTITY = 'topic/NAME, broker/ID, broker (for all brokers), group/NAME or client-metrics/NAME';

export function declareConfig(program: Command, session: Session): void {
  const config = noun(program, 'config', 'settings of topics, brokers and groups');
  runs(
    session,
    withConnection(config.command('get <entity> [key...]'))
      .description(`show settings, and where each value comes from, of ${ENTITY}`)
      .option('--set-only', 'only those that are not defaults')
      .option('--synonyms', 'and all values that it is chosen from'),
    async () => (await import('../actions/config_get.ts')).configGet,
  );
  runs(
    session,
    withConnection(config.command('set <entity> <key=value...>'))
      .description(`change settings of ${ENTITY}`)
      .option('--append', 'add to lists, instead')
      .option('--subtract', 'take out of lists, instead')
      .option('--dry-run', 'look whether it could be done'),
    async () => (await import('../actions/config_set.ts')).configSet,
  );
  runs(
    session,
    withConnection(config.command('unset <entity> <key...>'))
      .description(`set settings back, of ${ENTITY}`)
      .option('--dry-run', 'look whether it could be done'),
    async () => (await import('../actions/config_set.ts')).configUnset,
  );
  runs(
    session,
    withOutput(config.command('describe [key]'))
      .description('tell what settings there are, what they do and what they allow; needs no cluster')
      .option('--of <kind>', 'only those of a broker, topic, group or client-metrics'),
    async () => (await import('../actions/config_describe.ts')).configDescribe,
  );
}
