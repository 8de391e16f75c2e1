import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import {
  asOffset,
  type LeaderEpoch,
  type NodeId,
  type Offset,
  offsetAfter,
  type Uuid,
} from '../model/ids.ts';
import { MAX_METADATA_BATCH_BYTES, MAX_METADATA_BATCH_RECORDS } from '../model/limits.ts';
import type { Clock, Logger, Random } from '../model/ports.ts';
import type { MetadataQuorum } from '../raft/metadata_quorum.ts';
import type { BrokerSettings } from '../settings/broker_settings.ts';
import type { DynamicSettings } from '../settings/dynamic_settings.ts';
import { activationRecords } from './bootstrap.ts';
import { BrokerLiveness } from './broker_liveness.ts';
import type { ControllerContext } from './controller_context.ts';
import { atomically, type Decision } from './decision.ts';
import type { MetadataImage } from './image/metadata_image.ts';
import { encodeMetadataRecord, type MetadataRecord } from './metadata_record.ts';
import type { MetadataVersion } from './metadata_version.ts';
import { ParkedResponses } from './parked_responses.ts';

export interface ActiveControllerOptions {
  readonly clusterId: string;
  readonly quorum: MetadataQuorum;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly node: DynamicSettings;
  /** Of the broker in this process: it holds the node's directories, so no earlier process of its id is left. */
  readonly ownIncarnationId?: Uuid;
  readonly voterIds: () => readonly NodeId[];
  readonly kraftVersion: () => number;
  /** Raises the version of the quorum's protocol, as the leader in `epoch`. */
  readonly upgradeKraftVersion?: (
    epoch: LeaderEpoch,
    level: number,
    validateOnly: boolean,
  ) => Failure | undefined;
  /** The records of a `bootstrap.checkpoint`, if there is one. */
  readonly formatted: readonly MetadataRecord[] | undefined;
}

/** Where a leadership begins. */
export interface LeadershipStart {
  readonly epoch: LeaderEpoch;
  /** All that was committed before. */
  readonly committed: MetadataImage;
  readonly hasOpenTransaction: boolean;
  /** The node that led before: there is a reason why it does not any more. */
  readonly predecessor?: NodeId | undefined;
}

/**
 * A broker on the node of the last controller shows up within so many heartbeats, or is taken for gone. Brokers show up
 * as soon as they hear of a new controller.
 */
const PREDECESSOR_HEARTBEATS = 1;

/**
 * One leadership of the controller: the image with what it has proposed, and the responses that wait for that. It
 * ends with the leadership, and what was not committed ends with it.
 */
export class ActiveController implements ControllerContext {
  readonly epoch: LeaderEpoch;
  readonly image: MetadataImage;
  readonly liveness: BrokerLiveness;
  readonly #options: ActiveControllerOptions;
  readonly #parked: ParkedResponses;
  /** Of the last record that was proposed or, before that, committed. */
  #lastOffset: Offset;
  #committedOffset: Offset;
  #proposing = false;
  #ended = false;

  constructor(options: ActiveControllerOptions, start: LeadershipStart) {
    const { epoch, committed, hasOpenTransaction, predecessor } = start;
    this.#options = options;
    this.epoch = epoch;
    this.image = committed.clone();
    this.#lastOffset = committed.lastOffset;
    this.#committedOffset = committed.lastOffset;
    this.#parked = new ParkedResponses(options.clock);
    this.liveness = new BrokerLiveness(options.clock, this.settings.brokerSessionTimeoutMs);
    for (const broker of this.image.cluster.brokers.values()) {
      if (!broker.fenced) this.liveness.inherit(broker);
    }
    if (predecessor !== undefined) {
      this.liveness.suspect(predecessor, PREDECESSOR_HEARTBEATS * this.settings.brokerHeartbeatIntervalMs);
    }
    const { formatted } = options;
    const { image, settings } = this;
    const records = activationRecords({ image, settings, hasOpenTransaction, formatted });
    if (records.length === 0) return;
    const begun = this.propose(atomically(undefined, records));
    if (!failed(begun)) return;
    options.logger.error('cannot begin to lead', { epoch, error: begun.message });
    this.#ended = true;
    options.quorum.resign(epoch);
  }

  get nodeId(): NodeId {
    return this.#options.quorum.nodeId;
  }

  get clusterId(): string {
    return this.#options.clusterId;
  }

  get node(): DynamicSettings {
    return this.#options.node;
  }

  get settings(): BrokerSettings {
    return this.node.current;
  }

  get random(): Random {
    return this.#options.random;
  }

  get ownIncarnationId(): Uuid | undefined {
    return this.#options.ownIncarnationId;
  }

  get voterIds(): readonly NodeId[] {
    return this.#options.voterIds();
  }

  get kraftVersion(): number {
    return this.#options.kraftVersion();
  }

  upgradeKraftVersion(level: number, validateOnly: boolean): Failure | undefined {
    const upgrade = this.#options.upgradeKraftVersion;
    if (upgrade !== undefined) return upgrade(this.epoch, level, validateOnly);
    return new Failure(Errors.INVALID_UPDATE_VERSION, 'The version of this quorum can not be changed');
  }

  get nextOffset(): Offset {
    return offsetAfter(this.#lastOffset, 1);
  }

  get metadataVersion(): MetadataVersion {
    const { metadataVersion } = this.image;
    assert(metadataVersion !== undefined, 'an active controller has written the metadata.version');
    return metadataVersion;
  }

  /** Of the last record that was proposed: an idle controller's stays. */
  get lastProposedOffset(): Offset {
    return this.#lastOffset;
  }

  /**
   * Makes a decision and gives its response when its records are committed, and everything that it was made on.
   * @returns NOT_CONTROLLER when the leadership ends before; REQUEST_TIMED_OUT
   */
  decide<Response>(
    make: (context: ControllerContext) => Decision<Response> | Failure,
    timeoutMs?: number,
  ): Promise<Response | Failure> {
    if (this.#ended) {
      return Promise.resolve(
        new Failure(Errors.NOT_CONTROLLER, 'This node does not lead the quorum any more'),
      );
    }
    if (this.#parked.isFull) {
      const text = 'The controller waits for too many changes to be committed: try again later';
      return Promise.resolve(new Failure(Errors.REQUEST_TIMED_OUT, text));
    }
    assert(!this.#proposing, 'a decision is made while another is being proposed');
    const decision = make(this);
    if (failed(decision)) return Promise.resolve(decision);
    const offset = this.propose(decision);
    if (failed(offset)) return Promise.resolve(offset);
    if (offset <= this.#committedOffset) return Promise.resolve(decision.response);
    return this.#parked.park(decision.response, offset, timeoutMs);
  }

  /** Everything up to the offset is committed. */
  committed(offset: Offset): void {
    this.#committedOffset = offset;
    this.#parked.committed(offset);
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** The leadership is over. */
  end(failure: Failure): void {
    this.#ended = true;
    this.#parked.failAll(failure);
  }

  /**
   * Proposes the records of a decision and takes them into the image.
   * @returns the offset up to which the log has to be committed for the decision to hold; POLICY_VIOLATION or
   *   MESSAGE_TOO_LARGE when there are too many records for one batch; NOT_CONTROLLER
   */
  propose({ records, atomic, proposed }: Decision<unknown>): Offset | Failure {
    if (atomic && records.length > MAX_METADATA_BATCH_RECORDS) {
      return new Failure(
        Errors.POLICY_VIOLATION,
        `The request takes ${records.length} metadata records, and ${MAX_METADATA_BATCH_RECORDS} are allowed: ` +
          'split it',
      );
    }
    const values = records.map(encodeMetadataRecord);
    for (const [start, end] of atomic ? [[0, values.length] as const] : batchesOf(values)) {
      if (start === end) break;
      const failure = this.#proposeBatch(records.slice(start, end), values.slice(start, end));
      if (failure !== undefined) return failure;
    }
    proposed?.(this.#lastOffset);
    return this.#lastOffset;
  }

  #proposeBatch(records: readonly MetadataRecord[], values: readonly Buffer[]): Failure | undefined {
    this.#proposing = true;
    const offset = this.#options.quorum.propose(this.epoch, values);
    this.#proposing = false;
    if (failed(offset)) return offset;
    // The quorum may have ended the leadership under the proposal.
    if (this.#ended) return new Failure(Errors.NOT_CONTROLLER, 'The leadership ended: nothing was changed');
    const baseOffset = asOffset(offset - BigInt(values.length - 1));
    for (const [index, record] of records.entries())
      this.image.replay(record, offsetAfter(baseOffset, index));
    this.#lastOffset = offset;
    return undefined;
  }
}

/** Splits records into batches: where each begins, and where it ends. */
function* batchesOf(values: readonly Buffer[]): Iterable<readonly [start: number, end: number]> {
  let start = 0;
  let sizeBytes = 0;
  for (const [index, value] of values.entries()) {
    if (index - start === MAX_METADATA_BATCH_RECORDS || sizeBytes + value.length > MAX_METADATA_BATCH_BYTES) {
      if (index > start) yield [start, index];
      start = index;
      sizeBytes = 0;
    }
    sizeBytes += value.length;
  }
  yield [start, values.length];
}
