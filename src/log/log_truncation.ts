import { assert } from '../model/assert.ts';
import { type Failure, failed } from '../model/failure.ts';
import { minOffset, type Offset } from '../model/ids.ts';
import type { LogCore } from './log_core.ts';
import { loadProducers } from './producer_loader.ts';
import { Segment } from './segment.ts';

/**
 * Cuts a log: see {@link PartitionLog}. A crash at any point leaves a log without holes, of the records before the cut
 * and perhaps some behind it: segments go from the last one on, one after the other.
 */
export class LogTruncation {
  readonly #core: LogCore;

  constructor(core: LogCore) {
    this.#core = core;
  }

  to(offset: Offset): Promise<Failure | undefined> {
    const core = this.#core;
    return this.#truncating(async () => {
      if (offset >= core.endOffset) {
        core.epochs.truncateFromEnd(core.endOffset);
        return;
      }
      if (offset < core.segments.first.baseOffset) return this.#startOver(offset);
      await this.#prepare(offset);
      while (core.segments.active.baseOffset > offset) {
        const { active } = core.segments;
        core.remove([active]);
        await core.services.disk.syncDirectory(core.directory);
      }
      const { active } = core.segments;
      await active.truncateTo(offset);
      await active.file.sync();
      core.logStartOffset = minOffset(core.logStartOffset, active.endOffset);
      await this.#end(active.endOffset);
    });
  }

  fullyTo(offset: Offset): Promise<Failure | undefined> {
    return this.#truncating(() => this.#startOver(offset));
  }

  async #truncating(task: () => Promise<void>): Promise<Failure | undefined> {
    const core = this.#core;
    assert(!core.isTruncating, `${core.directory} is truncated twice at the same time`);
    core.isTruncating = true;
    core.truncations++;
    const result = await core.exclusively(task);
    core.truncations++;
    core.isTruncating = false;
    return failed(result) ? result : undefined;
  }

  async #prepare(offset: Offset): Promise<void> {
    await this.#core.durability.pause();
    await this.#core.options.owner.lowerRecoveryPoint(offset);
  }

  async #startOver(offset: Offset): Promise<void> {
    const { segments, services, environment, epochs, producers } = this.#core;
    await this.#prepare(minOffset(offset, segments.first.baseOffset));
    const old = [...segments.all];
    for (const segment of old.reverse()) {
      this.#core.delete(segment);
      await services.disk.syncDirectory(this.#core.directory);
    }
    segments.replace(new Set(old), [
      Segment.create(environment, offset, { createdMs: services.clock.nowMs() }),
    ]);
    epochs.clear();
    producers.clear(offset);
    this.#core.logStartOffset = offset;
    this.#core.highWatermark = offset;
    await this.#end(offset);
  }

  /** The segments end at `offset`: so does everything that is made of them. */
  async #end(offset: Offset): Promise<void> {
    const core = this.#core;
    const { segments, producers, snapshots, services, options, environment } = core;
    core.endOffset = offset;
    core.highWatermark = minOffset(core.highWatermark, offset);
    core.tail.truncateTo(offset);
    core.epochs.truncateFromEnd(offset);
    await core.persistence.truncated(offset);
    if (producers.isEmpty) {
      producers.clear(offset);
    } else {
      const loaded = await loadProducers(environment, {
        clock: services.clock,
        segments: segments.all,
        snapshots,
        endOffset: offset,
        producerIdExpirationMs: options.producerIdExpirationMs,
      });
      producers.become(loaded);
      producers.replicated(core.highWatermark);
    }
    core.durability.truncated(offset);
  }
}
