import { type Command, Option } from 'commander';
import { runs, type Session } from '../run_action.ts';
import { noun } from './noun.ts';

export function declareConsole(program: Command, session: Session): void {
  const group = noun(program, 'console', 'the web console of the nodes');
  runs(
    session,
    group
      .command('hash-password <user>')
      .description('read a password from stdin, and print the entry of its user for console.auth')
      .addOption(
        new Option('--role <role>', 'what the user may do')
          .choices(['viewer', 'operator', 'admin'])
          .default('viewer'),
      ),
    async () => (await import('../actions/console_hash_password.ts')).consoleHashPassword,
  );
}
