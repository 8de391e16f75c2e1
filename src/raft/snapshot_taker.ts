import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asOffset, type Offset } from '../model/ids.ts';
import { splitBatches } from '../records/split_batches.ts';
import type { SnapshotId } from './metadata_quorum.ts';
import type { QuorumCore } from './quorum_core.ts';
import { snapshotBatches } from './snapshot_format.ts';
import { snapshotName } from './snapshot_store.ts';

/** Other events get their turn after so much was written. */
const SLICE_BYTES = 1024 * 1024;

/** Writes snapshots of what is committed (KIP-630), and lets go what they replace. */
export class SnapshotTaker {
  readonly #core: QuorumCore;
  #isBusy = false;

  constructor(core: QuorumCore) {
    this.#core = core;
  }

  /** @returns INVALID_REQUEST when no snapshot can end there; KAFKA_STORAGE_ERROR */
  async take(endOffset: Offset, values: Iterable<Buffer>): Promise<SnapshotId | Failure> {
    const { log } = this.#core;
    // The state may go on while the snapshot is written: what it is now is taken at once.
    const taken = [...values];
    const refusal = this.#refusal(endOffset);
    if (refusal !== undefined) return new Failure(Errors.INVALID_REQUEST, refusal);
    const epoch = log.epochBefore(endOffset);
    if (epoch === undefined)
      return new Failure(Errors.INVALID_REQUEST, `The epoch before ${endOffset} is not known`);
    this.#isBusy = true;
    const lastOffset = asOffset(endOffset - 1n);
    const kraftVersion = log.history.kraftVersionAt(lastOffset);
    const voters = log.history.votersAt(lastOffset);
    const lastContainedLogTimestamp = await this.#appendedMs(lastOffset);
    const content = { id: { offset: endOffset, epoch }, kraftVersion, voters, values: taken };
    const timestamp = BigInt(this.#core.clock.nowMs());
    const failure = await this.#write({ ...content, timestamp, lastContainedLogTimestamp });
    this.#isBusy = false;
    if (failure !== undefined) {
      this.#core.fatal(failure);
      return failure;
    }
    this.clean();
    return { endOffset, epoch };
  }

  #refusal(endOffset: Offset): string | undefined {
    const { log, committedEnd } = this.#core;
    if (this.#isBusy) return 'Another snapshot is being written';
    if (committedEnd === undefined || endOffset > committedEnd) {
      return `A snapshot can't end at ${endOffset}: what is before ${committedEnd ?? 0} is committed`;
    }
    const latest = log.latestSnapshot;
    if (
      endOffset <= 0n ||
      endOffset < log.startOffset ||
      (latest !== undefined && endOffset <= latest.offset)
    ) {
      return `A snapshot that ends at ${endOffset} is not newer than ${latest === undefined ? 'the log' : snapshotName(latest)}`;
    }
    return undefined;
  }

  /** When the record at `offset` was appended; 0 when that can't be told. */
  async #appendedMs(offset: Offset): Promise<bigint> {
    const { log } = this.#core;
    if (offset < log.startOffset) return 0n;
    const buffers = await log.read(offset, 1);
    if (failed(buffers) || buffers[0] === undefined) return 0n;
    return splitBatches(buffers[0]).batches[0]?.maxTimestamp ?? 0n;
  }

  async #write(content: Parameters<typeof snapshotBatches>[0]): Promise<Failure | undefined> {
    const { log, clock, logger } = this.#core;
    const partial = log.snapshots.create(content.id);
    if (failed(partial)) return partial;
    let sliceBytes = 0;
    for (const batch of snapshotBatches(content)) {
      const failure = partial.append([batch]);
      if (failure !== undefined) return failure;
      sliceBytes += batch.length;
      if (sliceBytes < SLICE_BYTES) continue;
      sliceBytes = 0;
      await new Promise<void>(resolve => {
        clock.startTimer(0, resolve);
      });
    }
    const { sizeBytes } = partial;
    const failure = await partial.finish();
    if (failure === undefined)
      logger.info('snapshot written', { snapshot: snapshotName(content.id), sizeBytes });
    return failure;
  }

  /** Lets go what the retention does not want kept. */
  clean(): void {
    const { log, settings, clock } = this.#core;
    const failure = log.clean(settings.retention, clock.nowMs());
    if (failure !== undefined) this.#core.fatal(failure);
  }
}
