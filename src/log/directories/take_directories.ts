import { Errors } from '../../model/error_codes.ts';
import { Failure } from '../../model/failure.ts';
import type { NodeId } from '../../model/ids.ts';
import type { Disk, Logger, Random } from '../../model/ports.ts';
import { randomUuid } from '../../model/uuid.ts';
import { LogDirectory, METADATA_LOG } from './log_directory.ts';
import { checkMetaProperties, newMetaProperties } from './meta_properties.ts';
import { parsePartitionDirectory } from './partition_name.ts';

export interface TakeOptions {
  readonly nodeId: NodeId;
  /** `log.dirs` */
  readonly logDirs: readonly string[];
  /** `metadata.log.dir`, or the first of `log.dirs`. */
  readonly metadataLogDir: string;
  /** Told of each directory that goes offline, at once or later. */
  readonly failed: (directory: LogDirectory, failure: Failure) => void;
}

export interface TakenDirectories {
  /** Those of `log.dirs`, in their order, offline ones too; at least one is online. */
  readonly forLogs: readonly LogDirectory[];
  /** That of the metadata log, which may be one of the others too. */
  readonly forMetadata: LogDirectory;
}

interface Ports {
  readonly disk: Disk;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Takes all directories of a node for this process, and makes sure that they are that node's: what is new gets its
 * `meta.properties`. Then looks what logs are in them.
 * @returns why the broker can't start: INVALID_CONFIG, INCONSISTENT_CLUSTER_ID, KAFKA_STORAGE_ERROR. Nothing is taken
 *   then
 */
export async function takeDirectories(
  ports: Ports,
  options: TakeOptions,
): Promise<TakenDirectories | Failure> {
  const paths = options.logDirs.map(normalizePath);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) {
    return new Failure(Errors.INVALID_CONFIG, `log.dirs names ${twice} twice: leave one of them out`);
  }
  const make = (path: string): LogDirectory => new LogDirectory({ ...ports, path, failed: options.failed });
  const forLogs = paths.map(make);
  const metadataPath = normalizePath(options.metadataLogDir);
  const forMetadata = forLogs.find(({ path }) => path === metadataPath) ?? make(metadataPath);
  const all = [...new Set([forMetadata, ...forLogs])];
  const taken = { forLogs, forMetadata };
  const failure = (await takeAll(all)) ?? (await settle(ports, options.nodeId, taken, all));
  if (failure === undefined) return taken;
  for (const directory of all) directory.release();
  return failure;
}

/** Without what means nothing in it, so that the same path is the same text. */
export function normalizePath(path: string): string {
  const parts = path.split('/').filter((part, index) => part !== '.' && (part !== '' || index === 0));
  return parts.length === 0 ? '.' : parts.join('/') || '/';
}

async function takeAll(directories: readonly LogDirectory[]): Promise<Failure | undefined> {
  for (const directory of directories) {
    const failure = await directory.take();
    if (failure !== undefined) return failure;
  }
  return undefined;
}

async function settle(
  ports: Ports,
  nodeId: NodeId,
  { forLogs, forMetadata }: TakenDirectories,
  all: readonly LogDirectory[],
): Promise<Failure | undefined> {
  const online = all.filter(directory => directory.isOnline);
  const found = online.flatMap(({ path, meta }) => (meta === undefined ? [] : [{ path, meta }]));
  const refused = checkMetaProperties(nodeId, found);
  if (refused !== undefined) return refused;
  for (const directory of online) {
    const misplaced = await directory.attempt(() => checkContent(ports.disk, directory, forMetadata));
    if (misplaced !== undefined && directory.isOnline) return misplaced;
  }
  for (const directory of online) await complete(ports.random, nodeId, directory, forMetadata);
  const unusable = checkUsable(forLogs, forMetadata);
  if (unusable !== undefined) return unusable;
  for (const directory of forLogs) await directory.findLogs();
  return checkUsable(forLogs, forMetadata);
}

/** Whether the directory has what belongs into it. */
function checkContent(disk: Disk, directory: LogDirectory, forMetadata: LogDirectory): Failure | undefined {
  const { path, meta } = directory;
  if (directory !== forMetadata && disk.exists(`${path}/${METADATA_LOG}`)) {
    return new Failure(
      Errors.INVALID_CONFIG,
      `The metadata log is in ${path}, and metadata.log.dir is ${forMetadata.path}: set it to where the log is, or move the log`,
    );
  }
  if (meta !== undefined) return undefined;
  const log = disk.list(path).find(name => parsePartitionDirectory(name)?.kind === 'log');
  if (log === undefined) return undefined;
  return new Failure(
    Errors.INVALID_CONFIG,
    `The log directory ${path} has logs (${log}) but no meta.properties, which says whose they are: restore the file, or move the logs away`,
  );
}

/** Adds to the directory's `meta.properties` what it lacks. */
async function complete(
  random: Random,
  nodeId: NodeId,
  directory: LogDirectory,
  forMetadata: LogDirectory,
): Promise<void> {
  const { meta } = directory;
  if (meta?.directoryId !== undefined && meta.nodeId !== undefined && meta.clusterId !== undefined) return;
  const directoryId = meta?.directoryId ?? randomUuid(random);
  // The metadata's directory decides which cluster the node belongs to.
  const clusterId = meta?.clusterId ?? forMetadata.meta?.clusterId;
  const completed = { ...(meta ?? newMetaProperties(nodeId, directoryId)), nodeId, directoryId, clusterId };
  if (meta?.directoryId !== directoryId || meta.nodeId !== nodeId || meta.clusterId !== clusterId) {
    await directory.setMeta(completed);
  }
}

function checkUsable(forLogs: readonly LogDirectory[], forMetadata: LogDirectory): Failure | undefined {
  if (forMetadata.failure !== undefined) {
    return new Failure(
      Errors.KAFKA_STORAGE_ERROR,
      `The node can't run without its metadata log. ${forMetadata.failure.message}`,
    );
  }
  const first = forLogs[0]?.failure;
  if (first === undefined || forLogs.some(directory => directory.isOnline)) return undefined;
  return new Failure(Errors.KAFKA_STORAGE_ERROR, `No log directory can be used. ${first.message}`);
}
