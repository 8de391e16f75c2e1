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
  /** The segments of the log, in order, up to the one that holds {@link endOffset} or ends there. */
  readonly segments: readonly Segment[];
  /** Offsets of the snapshots that are there, rising; those found corrupt are taken out. */
  readonly snapshots: Offset[];
  /** The state is wanted as of here. */
  readonly endOffset: Offset;
  /** Where that is in the last of the segments; its end without it. */
  readonly endPosition?: number;
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
  const startOffset = state.endOffset;
  for (const segment of segments) {
    if (segment.endOffset <= startOffset || segment.baseOffset >= endOffset) continue;
    const to = segment === segments.at(-1) ? (options.endPosition ?? segment.sizeBytes) : segment.sizeBytes;
    const index = await segment.offsetIndex();
    const range = {
      from: index.lookup(startOffset),
      to,
      minOffset: segment.baseOffset,
      endOffset: segment.endOffset,
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

/**
 * The state in the newest good snapshot that is not behind the wanted end, nor before the log: what was written between
 * it and the log's first record is not known any more. Corrupt ones are removed.
 */
function fromSnapshot(
  environment: SegmentEnvironment,
  { clock, snapshots, segments, endOffset, producerIdExpirationMs }: ProducerLoadOptions,
): ProducerState | undefined {
  const { disk, logger } = environment;
  const firstOffset = segments[0]?.baseOffset ?? endOffset;
  for (const offset of snapshots.filter(each => each >= firstOffset && each <= endOffset).reverse()) {
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
 * Removes the snapshots behind the log's end, durably: once the log has grown again they would tell of records that
 * it does not have. And those that belong to no segment, except the newest, which is that of the last checkpoint, if
 * it is not before the log.
 * @throws {DiskError}
 */
export async function removeUselessSnapshots(
  { disk, directory }: SegmentEnvironment,
  snapshots: Offset[],
  segments: readonly Segment[],
): Promise<void> {
  const endOffset = segments.at(-1)?.endOffset ?? asOffset(0n);
  const firstOffset = segments[0]?.baseOffset ?? endOffset;
  const bases = new Set(segments.map(segment => segment.baseOffset));
  const newest = snapshots.findLast(offset => offset >= firstOffset && offset <= endOffset);
  let isMisleading = false;
  for (const offset of [...snapshots]) {
    if (offset <= endOffset && (offset === newest || bases.has(offset))) continue;
    disk.remove(`${directory}/${segmentFileName(offset, FileSuffix.producerSnapshot)}`);
    snapshots.splice(snapshots.indexOf(offset), 1);
    if (offset > endOffset) isMisleading = true;
  }
  if (isMisleading) await disk.syncDirectory(directory);
}
