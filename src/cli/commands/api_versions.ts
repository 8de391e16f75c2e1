import type { Command } from 'commander';
import { runs, type Session, withConnection } from '../run_action.ts';

export function declareApiVersions(program: Command, session: Session): void {
  const command = withConnection(program.command('api-versions'))
    .description('show which versions of which requests the brokers speak, and which these commands do')
    .option('--broker <id>', 'of this broker; of all without it');
  runs(session, command, async () => (await import('../actions/api_versions.ts')).apiVersions);
}
