import { type Offset, offsetAfter } from '../model/ids.ts';
import type { Disk, Logger } from '../model/ports.ts';
import { scanBatches } from './batch_scan.ts';
import {
  FileState,
  FileSuffix,
  LEADER_EPOCH_FILE,
  PARTITION_METADATA_FILE,
  parseSegmentFileName,
  type SegmentFileName,
  segmentFileName,
  TEMPORARY_SUFFIX,
} from './file_names.ts';
import { MAX_RELATIVE_OFFSET } from './offset_index.ts';
import { LogFile, type OpenFiles } from './open_files.ts';

/*
 * What a process that ended may leave in a log's directory besides the log: files that were being written or deleted,
 * and a compaction's segments on their way into the log.
 *
 * A compaction writes its segments as `.cleaned`; renames them to `.swap`, from the highest offset to the lowest;
 * takes the segments that they replace away; and renames them to their names. So while there is a `.cleaned` file it
 * did not come to the point of no return, and what is `.swap` at higher offsets is void. Otherwise the `.swap` files
 * are all there, and the rest is done here.
 */

interface Found extends SegmentFileName {
  readonly name: string;
}

/**
 * Brings a directory into the state that the log can be loaded from.
 * @returns the names in it then
 * @throws {DiskError}
 */
export async function settleTemporaryFiles(
  disk: Disk,
  files: OpenFiles,
  directory: string,
  logger: Logger,
): Promise<readonly string[]> {
  const names = disk.list(directory);
  const found = names.flatMap((name): Found[] => {
    const parsed = parseSegmentFileName(name);
    return parsed === undefined ? [] : [{ ...parsed, name }];
  });
  const remove = (name: string, why: string): void => {
    logger.info('removed a file that is no part of the log', { path: `${directory}/${name}`, why });
    disk.remove(`${directory}/${name}`);
  };
  for (const name of names) if (isHalfWritten(name)) remove(name, 'it was being written');
  for (const { name, state } of found) if (state === FileState.deleted) remove(name, 'it was deleted');
  const cleaned = found.filter(file => file.state === FileState.cleaned);
  const lowestCleaned = lowest(cleaned);
  const swap = found.filter(file => file.state === FileState.swap);
  const isVoid = (file: Found): boolean => lowestCleaned !== undefined && file.offset >= lowestCleaned;
  for (const { name } of [...cleaned, ...swap.filter(isVoid)]) remove(name, 'its compaction did not end');
  const valid = swap.filter(file => !isVoid(file));
  if (valid.length > 0) await finishSwap(disk, files, directory, logger, found, valid);
  const isSettled = valid.length === 0 && found.every(({ state }) => state === FileState.live);
  return isSettled ? names : disk.list(directory);
}

/** The temporary files of {@link writeFile}. */
function isHalfWritten(name: string): boolean {
  if (!name.endsWith(TEMPORARY_SUFFIX)) return false;
  const target = name.slice(0, -TEMPORARY_SUFFIX.length);
  return (
    target === LEADER_EPOCH_FILE ||
    target === PARTITION_METADATA_FILE ||
    parseSegmentFileName(target)?.suffix === FileSuffix.producerSnapshot
  );
}

function lowest(files: readonly Found[]): Offset | undefined {
  return files.reduce<Offset | undefined>(
    (least, { offset }) => (least === undefined || offset < least ? offset : least),
    undefined,
  );
}

/** Puts a compaction's segments in the place of those that they were made from. */
async function finishSwap(
  disk: Disk,
  files: OpenFiles,
  directory: string,
  logger: Logger,
  found: readonly Found[],
  swap: readonly Found[],
): Promise<void> {
  const start = lowest(swap)!;
  let end = start;
  for (const { offset, suffix, name } of swap) {
    if (suffix !== FileSuffix.log) continue;
    const nextOffset = await endOfSegment(disk, files, `${directory}/${name}`, offset);
    if (typeof nextOffset === 'string') {
      // It was synced before it got this name, so the disk is at fault: the originals are better.
      logger.error('a compacted segment is corrupt and dropped', {
        path: `${directory}/${name}`,
        problem: nextOffset,
      });
      for (const { name } of swap) disk.remove(`${directory}/${name}`);
      return;
    }
    if (nextOffset > end) end = nextOffset;
  }
  for (const { name, offset, state, suffix } of found) {
    const isReplaced = state === FileState.live && offset >= start && offset < end;
    // A snapshot of the producers tells of the log before it, which compaction leaves as it is for them.
    if (isReplaced && suffix !== FileSuffix.producerSnapshot) disk.remove(`${directory}/${name}`);
  }
  // Never must an original be there beside what was made of it.
  await disk.syncDirectory(directory);
  for (const { name, offset, suffix } of swap) {
    disk.rename(`${directory}/${name}`, `${directory}/${segmentFileName(offset, suffix)}`);
  }
  await disk.syncDirectory(directory);
  logger.info('finished a compaction that was interrupted', {
    directory,
    startOffset: start,
    endOffset: end,
  });
}

/** The offset behind the last batch of a file; why there is none. */
async function endOfSegment(
  disk: Disk,
  files: OpenFiles,
  path: string,
  baseOffset: Offset,
): Promise<Offset | string> {
  const file = new LogFile(files, path, () => {});
  const range = {
    from: 0,
    to: disk.fileSizeBytes(path),
    minOffset: baseOffset,
    endOffset: offsetAfter(baseOffset, MAX_RELATIVE_OFFSET + 1),
  };
  const { problem, nextOffset } = await scanBatches(file, range, { verify: true }, () => {});
  file.close();
  return problem ?? nextOffset;
}
