import type { Command } from 'commander';
import { runs, type Session } from '../run_action.ts';

export function declareCompletion(program: Command, session: Session): void {
  const completion = program
    .command('completion <shell>')
    .description('print what makes a shell complete these commands: bash, zsh or fish');
  runs(session, completion, async () => (await import('../actions/completion.ts')).completion);
  // What the shells call with the words of the line so far.
  const complete = program
    .command('complete [words...]', { hidden: true })
    .allowUnknownOption()
    .helpOption(false);
  runs(session, complete, async () => {
    const { complete: find } = await import('../actions/completion.ts');
    return async (context, [words]: [string[]]) => await find(context, program, words);
  });
}
