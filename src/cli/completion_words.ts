import type { Argument, Command, Option } from 'commander';

/** What can stand where the user is on the command line. */
export interface Candidates {
  readonly words: readonly string[];
  /** What of the cluster fits here, too. */
  readonly names: 'topics' | 'groups' | undefined;
}

const NONE: Candidates = { words: [], names: undefined };

/**
 * Finds what can follow on a command line.
 * @param words all words behind the program's name; the last is being written, and may be empty
 */
export function findCandidates(program: Command, words: readonly string[]): Candidates {
  let command = program;
  let positional = 0;
  let awaiting: Option | undefined;
  for (const word of words.slice(0, -1)) {
    if (awaiting !== undefined) {
      awaiting = undefined;
    } else if (word.startsWith('-')) {
      const option = command.options.find(each => each.short === word || each.long === word);
      awaiting = option !== undefined && (option.required || option.optional) ? option : undefined;
    } else {
      const inner = command.commands.find(each => each.name() === word);
      if (inner === undefined) positional++;
      else [command, positional] = [inner, 0];
    }
  }
  const last = words.at(-1) ?? '';
  const found = awaiting === undefined ? ofCommand(command, { last, positional }) : ofOption(awaiting);
  return { ...found, words: found.words.filter(word => word.startsWith(last)) };
}

function ofOption(option: Option): Candidates {
  if (option.long === '--topic') return { words: [], names: 'topics' };
  if (option.long === '--group' || option.long === '--to-group') return { words: [], names: 'groups' };
  return { words: option.argChoices ?? [], names: undefined };
}

function ofCommand(
  command: Command,
  { last, positional }: { readonly last: string; readonly positional: number },
): Candidates {
  if (last.startsWith('-')) {
    return {
      words: command.options.filter(option => !option.hidden).map(option => option.long ?? option.short!),
      names: undefined,
    };
  }
  const inner = command.commands.filter(each => !isHidden(each)).map(each => each.name());
  if (inner.length > 0) return { words: inner, names: undefined };
  const all = command.registeredArguments;
  const argument = all[positional] ?? (all.at(-1)?.variadic === true ? all.at(-1) : undefined);
  if (argument === undefined) return NONE;
  return { words: [], names: namesOf(command, argument) };
}

function namesOf(command: Command, argument: Argument): Candidates['names'] {
  const name = argument.name();
  if (name === 'topic') return 'topics';
  if (name !== 'name' || command.name() === 'create') return undefined;
  return command.parent?.name() === 'group'
    ? 'groups'
    : command.parent?.name() === 'topic'
      ? 'topics'
      : undefined;
}

const isHidden = (command: Command): boolean =>
  (command as unknown as { _hidden?: boolean })._hidden === true;
