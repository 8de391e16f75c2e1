import fs from 'node:fs';
import os from 'node:os';
import process from 'node:process';
import { Broker } from '../broker/broker.ts';
import type { HttpServer } from '../console/http_server.ts';
import { tuneHeap } from '../io/heap.ts';
import { NodeAlertTransport } from '../io/node_alert_transport.ts';
import { NodeClock } from '../io/node_clock.ts';
import { NodeDisk } from '../io/node_disk.ts';
import { createNodeLogger, LOG_LEVELS, type LogLevel } from '../io/node_logger.ts';
import { NodeNetwork } from '../io/node_network.ts';
import { NodeProcess } from '../io/node_process.ts';
import { NodeRandom } from '../io/node_random.ts';
import { Failure, failed } from '../model/failure.ts';
import type { Logger } from '../model/ports.ts';
import { VERSION } from '../model/version.ts';
import { UserRulesFile } from '../monitor/alerts/user_rules_file.ts';
import { Monitor } from '../monitor/monitor.ts';
import { formatHostPort } from '../settings/address.ts';
import { type Configuration, loadConfiguration } from '../settings/configuration.ts';
import { serveHttp } from './serve_http.ts';
import { whatToTry } from './what_to_try.ts';

export interface ServeOptions {
  /** Path of server.properties. */
  readonly config?: string;
  /** `key=value`, the last of a key counts. */
  readonly override: readonly string[];
  readonly logLevel: string;
  /** Whether to tell a newcomer what to do with the node. */
  readonly hints?: boolean;
  /** Whether to end when the process that holds the other end of standard input does. */
  readonly untilStdinEnds?: boolean;
}

/** In a checkout of the project. */
const EXAMPLE = 'examples/hello.js';

const OK = 0;
const FAILED = 1;
const MISUSED = 2;

/**
 * Runs one node in this process until it is told to end: by SIGTERM or SIGINT, or by what it can't go on after.
 * @returns the exit code
 */
export async function serve(options: ServeOptions): Promise<number> {
  if (!isLogLevel(options.logLevel)) {
    await complain(`--log-level is one of ${LOG_LEVELS.join(', ')}, not "${options.logLevel}"`);
    return MISUSED;
  }
  const configuration = readConfiguration(options);
  if (Array.isArray(configuration)) {
    for (const { message } of configuration) await complain(message);
    return FAILED;
  }
  tuneHeap();
  const logger = await createNodeLogger({ level: options.logLevel });
  crashOnSurprise(logger);
  const { settings, warnings } = configuration as Configuration;
  for (const warning of warnings) logger.warn(warning);
  const ending = new Ending();
  if (options.untilStdinEnds === true) process.stdin.on('close', () => ending.end(OK)).resume();
  logger.info('Odradek starts', { version: VERSION, nodeId: settings.nodeId, logDirs: settings.logDirs });
  const clock = new NodeClock();
  const disk = new NodeDisk();
  const random = new NodeRandom();
  const network = new NodeNetwork(logger);
  const rulesFile = new UserRulesFile({ disk, clock, logger });
  const problem = rulesFile.open(settings.alertsRulesFile);
  if (problem !== undefined) {
    await complain(problem.message);
    return FAILED;
  }
  const monitor = new Monitor({
    clock,
    random,
    logger,
    facts: new NodeProcess(),
    syncTimes: disk.syncTimes,
    transport: new NodeAlertTransport(),
    rulesFile,
  });
  monitor.start();
  const httpEnding = new AbortController();
  const http = await serveHttp({
    monitor,
    ports: { clock, random, network, logger: logger.with({ part: 'console' }) },
    settings: () => settings,
    ending: httpEnding.signal,
    isConfigured: (configuration as Configuration).properties.has('http.listeners'),
  });
  if (failed(http)) {
    await complain(http.message);
    return FAILED;
  }
  const broker = new Broker({
    configuration: configuration as Configuration,
    ports: { clock, random, network, disk, logger },
    fatal: failure => {
      logger.error('This node can not go on', { error: failure.message });
      ending.end(FAILED);
    },
  });
  // A node that waits for others to form a cluster ends when it is told to, as any other.
  const started = await Promise.race([broker.start(), ending.code]);
  if (failed(started)) {
    await broker.stop();
    await complain(started.message);
    return FAILED;
  }
  if (started !== undefined) {
    await broker.stop();
    return started;
  }
  monitor.attach(() => broker.parts);
  announce(broker, http);
  if (options.hints === true) {
    const { listeners } = broker;
    const example = fs.existsSync(EXAMPLE) ? EXAMPLE : undefined;
    process.stdout.write(whatToTry({ listeners, logDirs: settings.logDirs, example }));
  }
  const code = await ending.code;
  logger.info('Odradek ends');
  await broker.stop();
  monitor.stop();
  httpEnding.abort();
  await http.close();
  return code;
}

const isLogLevel = (text: string): text is LogLevel => (LOG_LEVELS as readonly string[]).includes(text);

/** Says why the node does not start: to a person on a terminal, else as a line of the log. */
async function complain(message: string): Promise<void> {
  if (process.stderr.isTTY) process.stderr.write(`odradek: ${message}\n`);
  else (await createNodeLogger({ level: 'error' })).error(message);
}

function readConfiguration({ config, override }: ServeOptions): Configuration | readonly Failure[] {
  let file: { name: string; text: string } | undefined;
  if (config !== undefined) {
    try {
      file = { name: config, text: fs.readFileSync(config, 'utf8') };
    } catch (error) {
      return [new Failure(0 as never, `Cannot read the settings in ${config}: ${(error as Error).message}`)];
    }
  }
  return loadConfiguration({
    ...(file && { file }),
    environment: process.env,
    overrides: override,
    hostname: os.hostname(),
  });
}

/** The line for programs that started this one: the node serves now. */
function announce(broker: Broker, http: HttpServer): void {
  const listeners = Object.fromEntries(
    broker.listeners.map(({ name, ...place }) => [name, formatHostPort(place)]),
  );
  const ready = {
    event: 'ready',
    nodeId: broker.nodeId,
    listeners,
    http: http.addresses.map(formatHostPort),
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

/** When and how the process is to end. */
class Ending {
  readonly code: Promise<number>;
  #resolve: (code: number) => void = () => {};

  constructor() {
    this.code = new Promise(resolve => {
      this.#resolve = resolve;
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        this.end(OK);
        // Whoever asks again does not want to wait.
        process.once(signal, () => process.exit(FAILED));
      });
    }
  }

  end(code: number): void {
    this.#resolve(code);
  }
}

/** An error that nobody expected is ours: the process does not go on with a state that it can't trust. */
function crashOnSurprise(logger: Logger): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      logger.error('Unexpected error: this node ends', { error });
      process.exit(FAILED);
    });
  }
}
