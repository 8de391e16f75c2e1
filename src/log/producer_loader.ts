import { asOffset, type Offset } from '../model/ids.ts';
import type { Clock } from '../model/ports.ts';
import { applyToProducers } from './batch_effects.ts';
import { scanBatches } from './batch_scan.ts';
import { FileSuffix, segmentFileName } from './file_names.ts';
import { decodeProducerSnapshot } from './producer_snapshot.ts';
import { isExpired, ProducerState } from './producer_state.ts';
import type { Segment, SegmentEnvironment } from './segment.ts';

export interface ProducerLoadOptions {
  readonly clock: Clock;
  /** The segments of the log, in order. */
  readonly segments: readonly Segment[];
  /** Offsets of the snapshots that are there, rising; those found corrupt are taken out. */
  readonly snapshots: Offset[];
  /** The state is wanted as of here. */
  readonly endOffset: Offset;
  /** Where that is in the segment that holds it; its end without it. */
  readonly endPosition?: number;
  /** Whether a log without any snapshot is taken to have had no producers, instead of being read from its start. */
  readonly trustAbsence: boolean;
  readonly producerIdExpirationMs: number;
}

export function snapshotPath(environment: SegmentEnvironment, offset: Offset): string {
  return `${environment.directory}/${segmentFileName(offset, FileSuffix.producerSnapshot)}`;
}

/**
 * The state of the producers as of an offset: from the newest good snapshot before it, and the batches between.
 * @throws {DiskError}
 */
export async function loadProducers(
  environment: SegmentEnvironment,
  options: ProducerLoadOptions,
): Promise<ProducerState> {
  const { segments, endOffset } = options;
  const state = fromSnapshot(environment, options) ?? new ProducerState(segments[0]?.baseOffset ?? endOffset);
  if (state.endOffset >= endOffset) return state;
  if (options.trustAbsence && options.snapshots.every(offset => offset > endOffset)) {
    state.endOffset = endOffset;
    return state;
  }
  const startOffset = state.endOffset;
  for (const segment of segments) {
    if (segment.endOffset <= startOffset || segment.baseOffset >= endOffset) continue;
    const isLast = segment.endOffset >= endOffset;
    if (isLast && options.endPosition === 0) continue;
    const index = await segment.offsetIndex();
    const range = {
      from: index.lookup(startOffset),
      to: isLast ? (options.endPosition ?? segment.sizeBytes) : segment.sizeBytes,
      minOffset: segment.baseOffset,
    };
    await scanBatches(segment.file, range, { verify: false }, ({ batch }) => {
      if (batch.baseOffset >= startOffset && batch.baseOffset < endOffset) {
        applyToProducers(batch, state, () => {});
      }
    });
  }
  state.endOffset = endOffset;
  return state;
}

/** The state in the newest good snapshot that is not behind the wanted end; corrupt ones are removed. */
function fromSnapshot(
  environment: SegmentEnvironment,
  { clock, snapshots, endOffset, producerIdExpirationMs }: ProducerLoadOptions,
): ProducerState | undefined {
  const { disk, logger } = environment;
  for (const offset of snapshots.filter(each => each <= endOffset).reverse()) {
    const path = snapshotPath(environment, offset);
    const file = disk.open(path, 'read');
    let entries: ReturnType<typeof decodeProducerSnapshot>;
    try {
      entries = decodeProducerSnapshot(file.readNow(0, file.sizeBytes));
    } finally {
      file.close();
    }
    if (typeof entries !== 'string') {
      const state = new ProducerState(offset);
      const nowMs = clock.nowMs();
      state.restore(entries.filter(entry => !isExpired(entry, nowMs, producerIdExpirationMs)));
      return state;
    }
    logger.warn('a producer snapshot is corrupt and removed', { path, problem: entries });
    disk.remove(path);
    snapshots.splice(snapshots.indexOf(offset), 1);
  }
  return undefined;
}

/**
 * Removes the snapshots behind the log's end, and those that belong to no segment unless it is the newest: that is
 * the one of the last checkpoint.
 * @throws {DiskError}
 */
export function removeUselessSnapshots(
  environment: SegmentEnvironment,
  snapshots: Offset[],
  segments: readonly Segment[],
): void {
  const endOffset = segments.at(-1)?.endOffset ?? asOffset(0n);
  const bases = new Set(segments.map(segment => segment.baseOffset));
  const newest = snapshots.findLast(offset => offset <= endOffset);
  for (const offset of [...snapshots]) {
    if (offset <= endOffset && (offset === newest || bases.has(offset))) continue;
    environment.disk.remove(snapshotPath(environment, offset));
    snapshots.splice(snapshots.indexOf(offset), 1);
  }
}
