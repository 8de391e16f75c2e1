import type { Command } from 'commander';

/** A command that has only commands under it, and shows them when it is called alone. */
export function noun(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .action((_options: unknown, command: Command) => command.help({ error: true }));
}
