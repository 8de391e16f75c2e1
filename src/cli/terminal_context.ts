import { ClusterClient } from '../client/cluster_client.ts';
import { NodeClock } from '../io/node_clock.ts';
import { NodeNetwork } from '../io/node_network.ts';
import { NodeRandom } from '../io/node_random.ts';
import { type Failure, failed } from '../model/failure.ts';
import type { LogFields, Logger } from '../model/ports.ts';
import type { ClientSettings } from './client_settings.ts';
import type { CommandContext, ConnectOptions } from './command_context.ts';
import { Output, type OutputFormat } from './output/output.ts';
import { painterFor } from './output/painter.ts';
import { Progress } from './output/progress.ts';
import { type ConnectionOptions, readClientSettings } from './read_client_settings.ts';
import type { Terminal } from './terminal.ts';

export interface TerminalOptions extends ConnectionOptions {
  readonly output: OutputFormat;
}

/** A command's context in this process: its network and its files, with a terminal. */
export class TerminalContext implements CommandContext {
  readonly output: Output;
  readonly progress: Progress;
  readonly terminal: Terminal;
  readonly interrupted: Promise<void>;
  readonly #options: TerminalOptions;
  readonly #clients: ClusterClient[] = [];
  #interrupt: () => void = () => {};

  constructor(terminal: Terminal, options: TerminalOptions) {
    const { environment, stderr, stdout } = terminal;
    this.terminal = terminal;
    this.#options = options;
    this.output = new Output({
      format: options.output,
      paint: painterFor(stdout, environment),
      write: text => new Promise(resolve => void stdout.write(text, () => resolve())),
    });
    this.progress = new Progress(stderr, painterFor(stderr, environment));
    this.interrupted = new Promise(resolve => {
      this.#interrupt = resolve;
    });
  }

  note(text: string): void {
    this.progress.end();
    this.terminal.stderr.write(`${text}\n`);
  }

  async settings(): Promise<ClientSettings | Failure> {
    return await readClientSettings(this.#options, this.terminal.environment, text =>
      this.note(`odradek: ${text}`),
    );
  }

  async connect({ allowAutoTopicCreation = false }: ConnectOptions = {}): Promise<ClusterClient | Failure> {
    const settings = await this.settings();
    if (failed(settings)) return settings;
    const logger = new NoteLogger(text => this.note(`odradek: ${text}`));
    const client = new ClusterClient({
      ports: { clock: new NodeClock(), random: new NodeRandom(), network: new NodeNetwork(logger), logger },
      bootstrapServers: settings.bootstrapServers,
      clientId: settings.clientId,
      timeouts: settings.timeouts,
      allowAutoTopicCreation,
    });
    this.#clients.push(client);
    const failure = await client.connect(client.timeouts.connectTimeoutMs);
    return failure ?? client;
  }

  handleInterrupts(): void {
    this.terminal.onInterrupt(this.#interrupt);
  }

  close(): void {
    this.progress.end();
    for (const client of this.#clients) client.close();
  }
}

/** Tells people of warnings, and keeps the rest to itself. */
class NoteLogger implements Logger {
  readonly #note: (text: string) => void;

  constructor(note: (text: string) => void) {
    this.#note = note;
  }

  debug(): void {}

  info(): void {}

  warn(message: string, fields: LogFields = {}): void {
    const facts = Object.entries(fields).map(([name, value]) => `${name} ${value}`);
    this.#note(facts.length === 0 ? message : `${message} (${facts.join(', ')})`);
  }

  error(message: string, fields?: LogFields): void {
    this.warn(message, fields);
  }

  with(): Logger {
    return this;
  }
}
