import { type CloseReport, LogDirectories } from '../../src/log/directories/log_directories.ts';
import type { LogIdentity } from '../../src/log/directories/log_placement.ts';
import type { LogConfig } from '../../src/log/log_config.ts';
import type { PartitionLog } from '../../src/log/partition_log.ts';
import type { Failure } from '../../src/model/failure.ts';
import { asBrokerEpoch, asPartitionIndex, asUuid } from '../../src/model/ids.ts';
import { type BrokerSettings, resolveBrokerSettings } from '../../src/settings/broker_settings.ts';
import type { CrashMode } from '../../src/simulation/simulated_file.ts';
import { DEFAULT_CONFIG, LogWorld, ok, type WorldOptions } from './log_world.ts';

export const TOPIC_ID = asUuid('T0000000000000000000AA');
export const OTHER_TOPIC_ID = asUuid('T0000000000000000000BA');
export const CLUSTER_ID = 'C0000000000000000000AA';

/** The first partition of a topic called `events`, unless told otherwise. */
export function identityOf({
  topic = 'events',
  index = 0,
  ...rest
}: Partial<IdentityParts> = {}): LogIdentity {
  return { topicId: TOPIC_ID, ...rest, topic, index: asPartitionIndex(index) };
}

type IdentityParts = Omit<LogIdentity, 'index'> & { readonly index: number };

/** A machine on which one process after the other has the logs of a node. */
export class DirectoriesWorld extends LogWorld {
  settings: { current: BrokerSettings };
  directories!: LogDirectories;
  /** What the running process was told. */
  failures: { directory: string; failure: Failure }[] = [];
  fatals: Failure[] = [];

  constructor(properties: Readonly<Record<string, string>> = {}, options: WorldOptions = {}) {
    super(options);
    this.settings = { current: settingsOf(properties) };
  }

  configure(properties: Readonly<Record<string, string>>): void {
    this.settings = { current: settingsOf(properties) };
  }

  async tryStart(): Promise<LogDirectories | Failure> {
    this.failures = [];
    this.fatals = [];
    const opened = await this.run(
      LogDirectories.open(this.services, {
        settings: this.settings,
        directoryFailed: (directory, failure) => this.failures.push({ directory, failure }),
        fatal: failure => this.fatals.push(failure),
      }),
    );
    if (opened instanceof LogDirectories) this.directories = opened;
    return opened;
  }

  async start(): Promise<LogDirectories> {
    const directories = ok(await this.tryStart());
    directories.start();
    return directories;
  }

  tryLog(
    identity: Partial<IdentityParts> = {},
    config: Partial<LogConfig> = {},
  ): Promise<PartitionLog | Failure> {
    return this.run(this.directories.openLog(identityOf(identity), { ...DEFAULT_CONFIG, ...config }));
  }

  async log(identity: Partial<IdentityParts> = {}, config: Partial<LogConfig> = {}): Promise<PartitionLog> {
    return ok(await this.tryLog(identity, config));
  }

  /** The first partitions of the topic, opened at the same time. */
  async logs(count: number, config: Partial<LogConfig> = {}): Promise<PartitionLog[]> {
    const opening = Array.from({ length: count }, (_, index) =>
      this.directories.openLog(identityOf({ index }), { ...DEFAULT_CONFIG, ...config }),
    );
    return (await this.run(Promise.all(opening))).map(ok);
  }

  async delete(identity: Partial<IdentityParts> = {}): Promise<Failure | undefined> {
    return this.run(this.directories.deleteLog(identityOf(identity)));
  }

  /** Ends the process in order. */
  async shutDown(brokerEpoch = 1n): Promise<CloseReport> {
    const report = await this.run(this.directories.close({ brokerEpoch: asBrokerEpoch(brokerEpoch) }));
    this.kill();
    return report;
  }

  /** Cuts the power at the disk operation after so many others; the next process begins with {@link kill}. */
  crashAfter(operations: number, mode: CrashMode = { random: this.random }): void {
    let left = operations;
    this.device.faults = () => {
      if (left-- > 0) return undefined;
      this.device.faults = undefined;
      this.clock.stop();
      this.device.crash(mode);
      return undefined;
    };
  }

  list(directory: string): readonly string[] {
    return this.disk.list(directory).filter(name => name !== '.lock');
  }

  text(path: string): string {
    const file = this.disk.open(path, 'read');
    const text = file.readNow(0, file.sizeBytes).toString('utf8');
    file.close();
    return text;
  }

  async write(path: string, text: string): Promise<void> {
    const directory = path.slice(0, path.lastIndexOf('/'));
    this.disk.makeDirectory(directory);
    const file = this.disk.open(path, 'create');
    file.truncate(0);
    file.write(0, [Buffer.from(text)]);
    await this.run(file.sync());
    file.close();
    for (let folder = directory; ; folder = folder.slice(0, folder.lastIndexOf('/'))) {
      await this.run(this.disk.syncDirectory(folder || '/'));
      if (folder === '') return;
    }
  }

  /** Messages of the running process's log lines. */
  said(message: string): Readonly<Record<string, unknown>>[] {
    return this.logger.lines.filter(line => line.message === message).map(line => line.fields);
  }
}

function settingsOf(properties: Readonly<Record<string, string>>): BrokerSettings {
  const given = new Map(Object.entries({ 'log.dirs': '/data', ...properties }));
  const { settings, problems } = resolveBrokerSettings(given, 'localhost');
  if (problems.length > 0) throw new Error(problems[0]!.text);
  return settings;
}
