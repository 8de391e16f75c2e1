import type { Command } from 'commander';
import { collect, runs, type Session, withOutput } from '../run_action.ts';
import { noun } from './noun.ts';

/** The alerts are the nodes' own: they come over HTTP, not over Kafka's protocol. */
function withHttp(command: Command): Command {
  return withOutput(command).option(
    '--http <url,…>',
    'where nodes listen for HTTP (http.listeners), with name:password@ where people log in; ODRADEK_HTTP, else http://127.0.0.1:9080',
  );
}

export function declareAlert(program: Command, session: Session): void {
  const alert = noun(program, 'alert', 'alerts: what fires, the rules, and silences (of Odradek alone)');
  runs(
    session,
    withHttp(alert.command('list')).description('show the alerts, and whether they reach somebody'),
    async () => (await import('../actions/alert_list.ts')).alertList,
  );
  runs(
    session,
    withHttp(alert.command('rules')).description('show the rules, built in and of your own'),
    async () => (await import('../actions/alert_rules.ts')).alertRules,
  );
  runs(
    session,
    withHttp(alert.command('silence'))
      .description('keep alerts from being told for a while; without --match show the silences there are')
      .option(
        '-m, --match <label=value>',
        'which: =, !=, =~ or !~; all must hold; may be repeated',
        collect,
        [],
      )
      .option('--for <duration>', 'how long, as 30m, 2h or 1d')
      .option('--comment <text>', 'why, for the others')
      .option('--by <name>', 'who; the name of the user without it')
      .option('--remove <id>', 'end a silence, instead'),
    async () => (await import('../actions/alert_silence.ts')).alertSilence,
  );
  runs(
    session,
    withHttp(alert.command('test')).description(
      'send a test alert to every sink, and show what became of it',
    ),
    async () => (await import('../actions/alert_test.ts')).alertTest,
  );
}
