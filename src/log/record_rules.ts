import { MAX_RECORD_BYTES } from '../model/limits.ts';
import { CompressionType } from '../records/record_batch.ts';
import type { RecordRules } from '../records/validate_records.ts';
import type { LogConfig } from './log_config.ts';

/** What a topic's settings demand of the records that clients produce at `nowMs`. */
export function recordRules(config: LogConfig, nowMs: number): RecordRules {
  const isProducersTime = config.messageTimestampType === 'CreateTime';
  const { messageTimestampBeforeMaxMs: beforeMs, messageTimestampAfterMaxMs: afterMs } = config;
  return {
    needsKeys: config.cleanupPolicy.compact,
    compression: compressionOf(config),
    compressionLevel: levelOf(config),
    earliestTimestamp: isProducersTime && isLimit(beforeMs) ? BigInt(nowMs) - BigInt(beforeMs) : undefined,
    latestTimestamp: isProducersTime && isLimit(afterMs) ? BigInt(nowMs) + BigInt(afterMs) : undefined,
    maxRecordBytes: MAX_RECORD_BYTES,
  };
}

function compressionOf({ compressionType }: LogConfig): CompressionType | undefined {
  if (compressionType === 'producer') return undefined;
  return CompressionType[compressionType === 'uncompressed' ? 'none' : compressionType];
}

function levelOf(config: LogConfig): number | undefined {
  if (config.compressionType === 'gzip') return config.compressionGzipLevel;
  return config.compressionType === 'zstd' ? config.compressionZstdLevel : undefined;
}

/** The largest values of the setting are not exact, and mean without limit. */
function isLimit(settingMs: number): boolean {
  return settingMs < Number.MAX_SAFE_INTEGER;
}
