import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { asOffset, type Offset } from '../model/ids.ts';
import { DiskError } from '../model/ports.ts';
import { BATCH_OVERHEAD_BYTES } from '../records/record_batch.ts';
import { baseOffsetAt, batchSizeAt, isPlausibleHeaderAt, lastOffsetAt } from './batch_headers.ts';
import type { Segment } from './segment.ts';
import type { SegmentList } from './segment_list.ts';
import type { BatchChunks, ReadBounds } from './tail_cache.ts';

/** Read beyond what was asked for, to reach the wanted batch from the indexed one before it. */
const LOOKUP_SLACK_BYTES = 8 * 1024;

/** Where the first batch of a read is. */
interface Found {
  readonly buffer: Buffer;
  /** Where it starts in the buffer, and the buffer in the file. */
  readonly at: number;
  readonly position: number;
}

/**
 * Reads from the segments' files: from the batch on that contains `startOffset`, or the next one. Gives what one
 * segment has.
 * @returns CORRUPT_MESSAGE when there are no batches where there must be some
 * @throws {DiskError}
 */
export async function readSegments(
  segments: SegmentList,
  startOffset: Offset,
  bounds: ReadBounds,
): Promise<BatchChunks | Failure> {
  let segment = segments.floor(startOffset) ?? segments.first;
  for (;;) {
    const found = await findInSegment(segment, startOffset, bounds);
    if (found instanceof Failure) return found;
    if (found !== undefined) return collect(segment, found, startOffset, bounds);
    const next = segments.after(segment);
    if (next === undefined) return nothing(startOffset);
    segment = next;
  }
}

function nothing(startOffset: Offset): BatchChunks {
  return { chunks: [], sizeBytes: 0, nextOffset: startOffset };
}

/** The first batch that ends at `startOffset` or later; undefined when the segment has none. */
async function findInSegment(
  segment: Segment,
  startOffset: Offset,
  bounds: ReadBounds,
): Promise<Found | Failure | undefined> {
  const index = await segment.offsetIndex();
  const found = await search(segment, startOffset, index.lookup(startOffset), bounds);
  if (!(found instanceof Failure) || segment.isDeleted || segment.isGrowing) return found;
  // An index that leads astray is one that is corrupt: made new, it leads to the batch, or the log itself is corrupt.
  const rebuilt = await segment.rebuildIndexes();
  return search(segment, startOffset, rebuilt.offsets.lookup(startOffset), bounds);
}

async function search(
  segment: Segment,
  startOffset: Offset,
  from: number,
  bounds: ReadBounds,
): Promise<Found | Failure | undefined> {
  let position = from;
  let wantedBytes = bounds.maxBytes + LOOKUP_SLACK_BYTES;
  while (position < segment.sizeBytes) {
    const buffer = await segment.file.read(position, Math.min(wantedBytes, segment.sizeBytes - position));
    if (position === from && from > 0 && !isPlausibleStart(buffer, segment.baseOffset, startOffset)) {
      return corrupt(segment, position);
    }
    let at = 0;
    while (at + BATCH_OVERHEAD_BYTES <= buffer.length) {
      if (!isPlausibleHeaderAt(buffer, at)) return corrupt(segment, position + at);
      if (lastOffsetAt(buffer, at) >= startOffset) return { buffer, at, position };
      at += batchSizeAt(buffer, at);
    }
    if (at === 0) return corrupt(segment, position);
    position += at;
    wantedBytes = Math.max(wantedBytes, LOOKUP_SLACK_BYTES);
  }
  return undefined;
}

/** Whether the bytes at an indexed position look like a batch that a reader of `offset` may begin with. */
function isPlausibleStart(buffer: Buffer, segmentBase: Offset, offset: Offset): boolean {
  if (buffer.length < BATCH_OVERHEAD_BYTES || !isPlausibleHeaderAt(buffer, 0)) return false;
  const baseOffset = baseOffsetAt(buffer, 0);
  return baseOffset >= segmentBase && baseOffset <= offset;
}

function corrupt(segment: Segment, position: number): Failure {
  return new Failure(
    Errors.CORRUPT_MESSAGE,
    `Cannot read ${segment.file.path}: there is no record batch at byte ${position}. Restart the broker to have the log checked, or move the replica elsewhere.`,
  );
}

/** Whole batches from the found one on, as many as the bounds allow. */
async function collect(
  segment: Segment,
  found: Found,
  startOffset: Offset,
  bounds: ReadBounds,
): Promise<BatchChunks | Failure> {
  let { buffer, at } = found;
  const firstBytes = batchSizeAt(buffer, at);
  if (lastOffsetAt(buffer, at) >= bounds.upTo) return nothing(startOffset);
  if (firstBytes > bounds.maxBytes && !bounds.minOneBatch) return nothing(startOffset);
  if (at + firstBytes > buffer.length) {
    const wantedBytes = Math.max(
      firstBytes,
      Math.min(bounds.maxBytes, segment.sizeBytes - found.position - at),
    );
    buffer = await segment.file.read(found.position + at, wantedBytes);
    at = 0;
    if (buffer.length < firstBytes) return corrupt(segment, found.position);
  }
  let last = at;
  let end = at + firstBytes;
  while (end + BATCH_OVERHEAD_BYTES <= buffer.length) {
    if (!isPlausibleHeaderAt(buffer, end)) break;
    const next = end + batchSizeAt(buffer, end);
    if (next > buffer.length || next - at > bounds.maxBytes || lastOffsetAt(buffer, end) >= bounds.upTo)
      break;
    last = end;
    end = next;
  }
  const nextOffset = asOffset(lastOffsetAt(buffer, last) + 1n);
  return { chunks: [buffer.subarray(at, end)], sizeBytes: end - at, nextOffset };
}

/** Whether an error came of a segment that was removed while it was read: the reader begins again. */
export function isGone(error: unknown): boolean {
  return error instanceof DiskError && error.code === 'ENOENT';
}
