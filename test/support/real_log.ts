import { NodeClock } from '../../src/io/node_clock.ts';
import { NodeDisk } from '../../src/io/node_disk.ts';
import { NodeRandom } from '../../src/io/node_random.ts';
import { IndexCache } from '../../src/log/index_cache.ts';
import type { LogConfig } from '../../src/log/log_config.ts';
import type { OpenLogOptions } from '../../src/log/log_types.ts';
import { OpenFiles } from '../../src/log/open_files.ts';
import { PartitionLog } from '../../src/log/partition_log.ts';
import { TailCache } from '../../src/log/tail_cache.ts';
import { asOffset, asPartitionIndex } from '../../src/model/ids.ts';
import type { Logger } from '../../src/model/ports.ts';
import { DEFAULT_CONFIG, ok } from './log_world.ts';

const QUIET: Logger = { debug() {}, info() {}, warn() {}, error() {}, with: () => QUIET };

/** Opens a log on the real disk, with everything of its own. */
export async function openRealLog(
  directory: string,
  {
    config,
    ...options
  }: Partial<Omit<OpenLogOptions, 'config'>> & { readonly config?: Partial<LogConfig> } = {},
): Promise<PartitionLog> {
  const disk = new NodeDisk();
  const services = {
    disk,
    clock: new NodeClock(),
    random: new NodeRandom(),
    logger: QUIET,
    files: new OpenFiles(disk),
    indexCache: new IndexCache(),
    tailCache: new TailCache(100_000),
  };
  return ok(
    await PartitionLog.open(services, {
      directory,
      topic: 'events',
      partition: asPartitionIndex(0),
      config: { ...DEFAULT_CONFIG, messageTimestampAfterMaxMs: 2 ** 63, ...config },
      isClean: false,
      recoveryPoint: asOffset(0n),
      logStartOffset: asOffset(0n),
      highWatermark: asOffset(0n),
      producerIdExpirationMs: 2 ** 50,
      owner: {
        diskFailed: error => {
          throw error;
        },
        lowerRecoveryPoint: () => Promise.resolve(),
      },
      ...options,
    }),
  );
}
