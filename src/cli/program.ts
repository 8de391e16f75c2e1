import { Command } from 'commander';
import { VERSION } from '../model/version.ts';
import { declareAlert } from './commands/alert.ts';
import { declareApiVersions } from './commands/api_versions.ts';
import { declareBench } from './commands/bench.ts';
import { declareBroker } from './commands/broker.ts';
import { declareCluster } from './commands/cluster.ts';
import { declareCompletion } from './commands/completion.ts';
import { declareConfig } from './commands/config.ts';
import { declareConsole } from './commands/console.ts';
import { declareConsume } from './commands/consume.ts';
import { declareDev } from './commands/dev.ts';
import { declareDumpLog } from './commands/dump_log.ts';
import { declareGroup } from './commands/group.ts';
import { declareLogDirs } from './commands/log_dirs.ts';
import { declareProduce } from './commands/produce.ts';
import { declareServe } from './commands/serve.ts';
import { declareTopic } from './commands/topic.ts';
import type { Session } from './run_action.ts';

/** All commands with their arguments and options; what each does is loaded when it is run. */
export function buildProgram(session: Session): Command {
  const { stderr, stdout } = session.terminal;
  const program = new Command('odradek')
    .description('A fault-tolerant distributed log that speaks Kafka on every surface.')
    .version(VERSION, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('Run with --help to see what there is.')
    .configureOutput({
      writeOut: text => stdout.write(text),
      writeErr: text => stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'odradek: ')),
    })
    .exitOverride()
    .allowExcessArguments(false)
    .action((_options: unknown, command: Command) => command.help({ error: true }));
  declareServe(program, session);
  declareDev(program, session);
  declareTopic(program, session);
  declareProduce(program, session);
  declareConsume(program, session);
  declareGroup(program, session);
  declareCluster(program, session);
  declareBroker(program, session);
  declareConfig(program, session);
  declareAlert(program, session);
  declareConsole(program, session);
  declareLogDirs(program, session);
  declareDumpLog(program, session);
  declareBench(program, session);
  declareApiVersions(program, session);
  declareCompletion(program, session);
  return program;
}
