import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { FileState } from './file_names.ts';
import type { LogCore } from './log_core.ts';
import type { Segment } from './segment.ts';

/**
 * Puts segments that a compaction made in the place of those that it made them from: see {@link PartitionLog}. A crash
 * at any point leaves either the ones or the others, because each step is on the disk before the next one: the new
 * segments' content; their `.swap` names; the old ones' `.deleted` names; the new ones' names. What is missing after
 * the second step is done when the log is loaded (temporary_files.ts).
 */
export class SegmentReplacement {
  readonly #core: LogCore;

  constructor(core: LogCore) {
    this.#core = core;
  }

  async replace(
    old: readonly Segment[],
    made: readonly Segment[],
    truncations: number,
  ): Promise<Failure | undefined> {
    const core = this.#core;
    assert(made[0]?.baseOffset === old[0]?.baseOffset, 'a compaction must begin where its segments do');
    const result = await core.exclusively(async () => {
      const isGone = (segment: Segment) => segment.isDeleted || !core.segments.all.includes(segment);
      if (core.truncations !== truncations || old.some(isGone)) {
        for (const segment of made) segment.remove();
        return new Failure(
          Errors.OPERATION_NOT_ATTEMPTED,
          `Segments of ${core.name} were deleted or cut while they were compacted`,
        );
      }
      assert(!old.includes(core.segments.active), 'the active segment is compacted');
      await this.#swap(old, made);
      return undefined;
    });
    return result;
  }

  async #swap(old: readonly Segment[], made: readonly Segment[]): Promise<void> {
    const { segments, environment, persistence } = this.#core;
    const { disk, directory } = environment;
    for (const segment of made) {
      segment.complete();
      await segment.persistIndexes();
      await segment.file.sync();
    }
    for (const segment of made.toReversed()) segment.rename(FileState.swap);
    await disk.syncDirectory(directory);
    // Snapshots of the producers stay where a new segment begins: they tell of the log before it.
    const bases = new Set(made.map(segment => segment.baseOffset));
    const isReplaced = (segment: Segment): boolean => bases.has(segment.baseOffset);
    for (const segment of old) this.#core.delete(segment, { keepSnapshot: isReplaced(segment) });
    persistence.forgetSnapshots(
      new Set(old.filter(segment => !isReplaced(segment)).map(segment => segment.baseOffset)),
    );
    await disk.syncDirectory(directory);
    for (const segment of made) segment.rename(FileState.live);
    await disk.syncDirectory(directory);
    segments.replace(new Set(old), made);
    for (const segment of made) segment.releaseIndexes();
  }
}
