import { maxOffset, minOffset, type Offset, offsetAfter } from '../model/ids.ts';
import type { Clock } from '../model/ports.ts';
import { scanHeadersNow } from './batch_scan.ts';
import { readCheckpoint } from './checkpoint_file.ts';
import { FAILED_SYNC_MARK } from './failed_sync_mark.ts';
import {
  FileState,
  FileSuffix,
  LEADER_EPOCH_FILE,
  parseSegmentFileName,
  type SegmentFileName,
  segmentFileName,
} from './file_names.ts';
import { INCOMPLETE_MARK } from './incomplete_mark.ts';
import { LEADER_EPOCH_FORMAT, LeaderEpochs } from './leader_epochs.ts';
import { MAX_RELATIVE_OFFSET } from './offset_index.ts';
import { loadProducers, removeUselessSnapshots } from './producer_loader.ts';
import { ProducerState } from './producer_state.ts';
import { nothingChecked, Recovery, type RecoveryReport } from './recovery.ts';
import { Segment, type SegmentEnvironment } from './segment.ts';
import { settleTemporaryFiles } from './temporary_files.ts';

/** What is known of a log from outside its directory. */
export interface LoadOptions {
  readonly clock: Clock;
  /** Whether the broker that had the log open closed it. */
  readonly isClean: boolean;
  /** Whether the directory was made just now: nothing is in it. */
  readonly isMade: boolean;
  /** All below it is on the disk and was checked before. */
  readonly recoveryPoint: Offset;
  /** The log's start as it was stored; records below are deleted, even where their segment is there still. */
  readonly logStartOffset: Offset;
  readonly producerIdExpirationMs: number;
}

export interface LoadedLog {
  /** At least one. */
  readonly segments: Segment[];
  readonly epochs: LeaderEpochs;
  readonly producers: ProducerState;
  /** Offsets of the producers' snapshots, rising. */
  readonly snapshots: Offset[];
  readonly logStartOffset: Offset;
  /** All below it is on the disk. */
  readonly recoveryPoint: Offset;
  /** Whether everything is known to be on the disk as it is now: not that of a log that never had a record. */
  readonly isSettled: boolean;
  /** Whether the disk failed under the log before: what is read of it may not be on the disk, whatever a sync says. */
  readonly isSuspect: boolean;
  /** Whether an earlier process left word that it may lack records, and did not come to tell the cluster. */
  readonly isMarkedIncomplete: boolean;
  readonly report: RecoveryReport;
}

/**
 * Loads the log of a directory: after a clean shutdown by looking at its end, else by checking everything from the
 * recovery point on.
 * @throws {DiskError}
 */
export async function loadLog(environment: SegmentEnvironment, options: LoadOptions): Promise<LoadedLog> {
  const { clock } = options;
  if (options.isMade) return madeLog(environment, options);
  const files = await findFiles(environment, clock.nowMs());
  const { segments, snapshots } = files;
  const isSuspect = files.names.has(FAILED_SYNC_MARK);
  const { epochs, areKnown } = loadEpochs(environment, files);
  const doubtful =
    areKnown || segments.every(segment => segment.sizeBytes === 0)
      ? doubtfulSegment(environment, files)
      : segments[0];
  const isClean =
    options.isClean && !isSuspect && doubtful === undefined && (await isGoodToItsEnd(environment, files));
  const trustedOffset = options.isClean
    ? (segments.at(-1)?.baseOffset ?? options.logStartOffset)
    : options.recoveryPoint;
  const recoveryPoint = minOffset(trustedOffset, doubtful?.baseOffset ?? trustedOffset);
  const recovery = new Recovery(environment, {
    ...options,
    ...files,
    recoveryPoint,
    trustedOffset,
    epochs,
    isSuspect,
  });
  let producers = isClean ? undefined : await recovery.run();
  const logStartOffset = maxOffset(options.logStartOffset, segments[0]?.baseOffset ?? options.logStartOffset);
  if (segments.length > 0 && segments.at(-1)!.endOffset < logStartOffset) {
    producers = await recovery.startOver(logStartOffset);
  }
  const isNew = segments.length === 0;
  if (isNew) segments.push(Segment.create(environment, logStartOffset, { createdMs: clock.nowMs() }));
  const { endOffset } = segments.at(-1)!;
  producers ??= await loadProducers(environment, { ...options, ...files, endOffset });
  producers.endOffset = endOffset;
  epochs.truncateFromEnd(endOffset);
  epochs.truncateFromStart(logStartOffset);
  await removeUselessSnapshots(environment, snapshots, segments);
  for (const { file } of segments) if (file.isIdle) file.close();
  return {
    segments,
    epochs,
    producers,
    snapshots,
    logStartOffset,
    recoveryPoint: isClean ? endOffset : maxOffset(minOffset(recoveryPoint, endOffset), logStartOffset),
    isSettled: isClean && !isNew && endOffset > 0n,
    isSuspect,
    isMarkedIncomplete: files.names.has(INCOMPLETE_MARK),
    report: recovery.report,
  };
}

/** The log of an empty directory. A topic may have thousands: nothing is looked for that can't be there. */
function madeLog(environment: SegmentEnvironment, { clock, logStartOffset }: LoadOptions): LoadedLog {
  return {
    segments: [Segment.create(environment, logStartOffset, { createdMs: clock.nowMs(), isFirst: true })],
    epochs: new LeaderEpochs(),
    producers: new ProducerState(logStartOffset),
    snapshots: [],
    logStartOffset,
    recoveryPoint: logStartOffset,
    isSettled: false,
    isSuspect: false,
    isMarkedIncomplete: false,
    report: nothingChecked(),
  };
}

/** What there is in a log's directory. */
interface LogFiles {
  /** In order. */
  readonly segments: Segment[];
  /** Offsets of the producers' snapshots, rising. */
  readonly snapshots: Offset[];
  readonly names: ReadonlySet<string>;
}

/** Index files without a log file are removed. */
async function findFiles(environment: SegmentEnvironment, createdMs: number): Promise<LogFiles> {
  const { disk, files, directory, logger } = environment;
  const names = await settleTemporaryFiles(disk, files, directory, logger);
  const found: SegmentFileName[] = [];
  for (const name of names) {
    const parsed = parseSegmentFileName(name);
    if (parsed?.state === FileState.live) found.push(parsed);
  }
  const offsetsOf = (suffix: FileSuffix): Offset[] =>
    found.filter(file => file.suffix === suffix).map(({ offset }) => offset);
  const bases = offsetsOf(FileSuffix.log);
  const segments = bases.map((baseOffset, index) => {
    const sizeBytes = disk.fileSizeBytes(`${directory}/${segmentFileName(baseOffset, FileSuffix.log)}`);
    // Where the last one ends is to be found out.
    const bound = sizeBytes === 0 ? baseOffset : offsetAfter(baseOffset, MAX_RELATIVE_OFFSET + 1);
    return new Segment(environment, {
      baseOffset,
      endOffset: bases[index + 1] ?? bound,
      sizeBytes,
      createdMs,
    });
  });
  const known = new Set(bases);
  for (const { offset, suffix } of found) {
    if (known.has(offset) || suffix === FileSuffix.producerSnapshot) continue;
    const path = `${directory}/${segmentFileName(offset, suffix)}`;
    logger.warn('removed an index without a log', { path });
    disk.remove(path);
  }
  return { segments, snapshots: offsetsOf(FileSuffix.producerSnapshot), names: new Set(names) };
}

function hasFile({ names }: LogFiles, segment: Segment, suffix: FileSuffix): boolean {
  return names.has(segmentFileName(segment.baseOffset, suffix));
}

/** The leader epochs as they were stored, and whether they were. */
function loadEpochs(
  { disk, directory, logger }: SegmentEnvironment,
  { names }: LogFiles,
): { readonly epochs: LeaderEpochs; readonly areKnown: boolean } {
  if (!names.has(LEADER_EPOCH_FILE)) return { epochs: new LeaderEpochs(), areKnown: false };
  const entries = readCheckpoint(disk, `${directory}/${LEADER_EPOCH_FILE}`, LEADER_EPOCH_FORMAT);
  if (Array.isArray(entries)) return { epochs: new LeaderEpochs(entries), areKnown: true };
  if (entries !== undefined) {
    logger.warn('the leader epochs are made anew from the log', { problem: entries.message });
  }
  return { epochs: new LeaderEpochs(), areKnown: false };
}

/** The first segment whose transaction index is corrupt: it is rebuilt from there, with the producers' state. */
function doubtfulSegment({ logger }: SegmentEnvironment, files: LogFiles): Segment | undefined {
  return files.segments.find(segment => {
    if (!hasFile(files, segment, FileSuffix.transactionIndex)) return false;
    const problem = segment.transactionIndexProblem();
    if (problem === undefined) return false;
    logger.warn('an index can not be used', { path: segment.path(FileSuffix.transactionIndex), problem });
    return true;
  });
}

/**
 * Looks at the end of a log that was closed, and sets where it ends. Missing indexes are made anew.
 * @returns false when the end is not as a closed log leaves it
 */
async function isGoodToItsEnd({ logger }: SegmentEnvironment, files: LogFiles): Promise<boolean> {
  const last = files.segments.at(-1);
  if (last === undefined) return true;
  for (const segment of files.segments) {
    const isComplete =
      hasFile(files, segment, FileSuffix.offsetIndex) && hasFile(files, segment, FileSuffix.timeIndex);
    if (segment.sizeBytes === 0 || isComplete) continue;
    logger.warn('an index is missing', { path: segment.file.path });
    await segment.rebuildIndexes();
  }
  if (last.sizeBytes === 0) return true;
  const { lastPosition, lastOffset } = await last.offsetIndex();
  const range = {
    from: lastPosition,
    to: last.sizeBytes,
    minOffset: last.baseOffset,
    endOffset: last.endOffset,
  };
  const { problem, nextOffset } = scanHeadersNow(last.file, range, () => true);
  if (problem !== undefined || nextOffset <= lastOffset) {
    logger.warn('a log that was closed is not whole', { path: last.file.path, problem });
    return false;
  }
  last.endOffset = nextOffset;
  // It is going to grow: both indexes must be good.
  await last.timeIndex();
  return true;
}
