import type { Command } from 'commander';
import { listGroups } from '../../client/admin/groups.ts';
import { failed } from '../../model/failure.ts';
import type { CommandContext } from '../command_context.ts';
import { findCandidates } from '../completion_words.ts';
import { Misuse } from '../exit_codes.ts';
import { allTopics } from '../find_topics.ts';
import type { Action } from '../run_action.ts';

/** Whoever presses Tab does not wait for a cluster that is not there. */
const NAMES_MS = 1_000;

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# odradek completion bash: eval "$(odradek completion bash)" in ~/.bashrc
_odradek() {
  local IFS=$'\\n'
  COMPREPLY=($(odradek complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _odradek odradek
`,
  zsh: `#compdef odradek
# odradek completion zsh: eval "$(odradek completion zsh)" in ~/.zshrc, behind compinit
_odradek() {
  local -a found
  found=("\${(@f)$(odradek complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n "$found[1]" ]] && compadd -- $found || _files
}
compdef _odradek odradek
`,
  fish: `# odradek completion fish: odradek completion fish > ~/.config/fish/completions/odradek.fish
function __odradek_complete
  set -l words (commandline -opc) (commandline -ct)
  odradek complete -- $words[2..-1] 2>/dev/null
end
complete -c odradek -f -a '(__odradek_complete)'
`,
};

export const completion: Action<[shell: string], object> = async (context, [shell]) => {
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script === undefined)
    return new Misuse(`There is completion for bash, zsh and fish, not for "${shell}"`);
  await context.output.raw(script);
  return undefined;
};

/** Prints what can follow on a command line, a word a line. */
export async function complete(
  context: CommandContext,
  program: Command,
  words: readonly string[],
): Promise<undefined> {
  const { names, words: found } = findCandidates(program, words);
  const all = [...found, ...(names === undefined ? [] : await namesFrom(context, names, words.at(-1) ?? ''))];
  if (all.length > 0) await context.output.raw(`${all.join('\n')}\n`);
  return undefined;
}

async function namesFrom(
  context: CommandContext,
  kind: 'topics' | 'groups',
  start: string,
): Promise<string[]> {
  const late = new Promise<string[]>(resolve => {
    setTimeout(resolve, NAMES_MS, []).unref();
  });
  const asked = async () => {
    const client = await context.connect();
    if (failed(client)) return [];
    const found = kind === 'topics' ? await allTopics(client) : await listGroups(client);
    if (failed(found)) return [];
    return found
      .map(each => ('groupId' in each ? each.groupId : each.name))
      .filter(name => name.startsWith(start));
  };
  return await Promise.race([asked(), late]);
}
