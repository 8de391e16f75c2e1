import readline from 'node:readline';
import { Writable } from 'node:stream';
import { hashPassword } from '../../console/password_hash.ts';
import { consoleUsers } from '../../settings/console_users.ts';
import { Misuse } from '../exit_codes.ts';
import type { Action } from '../run_action.ts';
import type { Terminal } from '../terminal.ts';

const MIN_CHARACTERS = 8;
const MAX_CHARACTERS = 1_000;

export const consoleHashPassword: Action<[user: string], { readonly role: string }> = async (
  { terminal },
  [user],
  { role },
) => {
  if (terminal.stdin.isTTY === true) terminal.stderr.write(`Password of ${user}: `);
  const password = await firstLine(terminal);
  if (terminal.stdin.isTTY === true) terminal.stderr.write('\n');
  if (password.length < MIN_CHARACTERS || password.length > MAX_CHARACTERS) {
    return new Misuse(
      `A password has ${MIN_CHARACTERS} to ${MAX_CHARACTERS} characters; this one has ${password.length}`,
    );
  }
  const entry = `${user}:${role}:${await hashPassword(password)}`;
  if (consoleUsers.parse(entry) === undefined) {
    return new Misuse(`"${user}" is no name of a user: letters, digits, ".", "_", "@" and "-" can be in one`);
  }
  terminal.stdout.write(`${entry}\n`);
  return undefined;
};

/** Of stdin; what is typed on a terminal is not shown. */
async function firstLine({ stdin }: Terminal): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = readline.createInterface({ input: stdin, output: unseen, terminal: stdin.isTTY === true });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
  }
}
