import type { ClusterClient } from '../client/cluster_client.ts';
import type { Failure } from '../model/failure.ts';
import type { ClientSettings } from './client_settings.ts';
import type { Output } from './output/output.ts';
import type { Progress } from './output/progress.ts';
import type { Terminal } from './terminal.ts';

/** What a command works with. */
export interface CommandContext {
  readonly output: Output;
  readonly progress: Progress;
  /** Lines for people beside the result, on stderr. */
  note(text: string): void;
  readonly terminal: Terminal;
  /** What the user wants of the client; the failure of what can't be read of it. */
  settings(): Promise<ClientSettings | Failure>;
  /** A client that has reached the cluster; closed when the command ends. */
  connect(options?: ConnectOptions): Promise<ClusterClient | Failure>;
  /** Settled when the user wants the command to end (Ctrl-C, SIGTERM): for commands that go on until then. */
  readonly interrupted: Promise<void>;
  /** Has {@link interrupted} told instead of the process ended. */
  handleInterrupts(): void;
}

export interface ConnectOptions {
  /** Whether topics that are asked for are created, if the brokers allow it. */
  readonly allowAutoTopicCreation?: boolean;
}
