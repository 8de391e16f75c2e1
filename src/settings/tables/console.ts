/* The web console. */

import { consoleUsers } from '../console_users.ts';
import { custom, password, table } from '../setting.ts';

export const CONSOLE_SETTINGS = table({
  'console.auth': custom('password', null, consoleUsers, {
    importance: 'high',
    ours: true,
    doc: 'Who may log in to the console and the HTTP API, as name:role:hash with the roles viewer, operator and admin; "odradek console hash-password" makes the hash. While it is not set nobody logs in: changes are taken from this machine alone, and everybody else may read.',
  }),
  'console.session.secret': password({
    importance: 'medium',
    ours: true,
    doc: 'Signs the sessions of the console. The same at all brokers: a login at one counts at the others, and they may ask each other for their history. While it is not set, sessions end with the process.',
  }),
});
