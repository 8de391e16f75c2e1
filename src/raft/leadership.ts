import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { asOffset, type LeaderEpoch, type NodeId, type Offset } from '../model/ids.ts';
import { MAX_QUORUM_BATCH_BYTES } from '../model/limits.ts';
import { ZERO_UUID } from '../model/uuid.ts';
import { buildBatch } from '../records/build_batch.ts';
import { buildControlBatch, type ControlRecordInput } from '../records/control_records.ts';
import type { RecordBatch } from '../records/record_batch.ts';
import type { EpochRequests } from './epoch_requests.ts';
import type { LeaderState } from './leader_state.ts';
import type { QuorumCore } from './quorum_core.ts';
import type { VoterSet } from './voter_set.ts';

const NEVER = Number.POSITIVE_INFINITY;

export interface LeadershipEvents {
  /** Something was appended: fetches that wait for more get it. */
  appended(): void;
  /** The high watermark moved. */
  committed(highWatermark: Offset): void;
}

/**
 * What a leader does: it begins its epoch with a record of its own, appends what is proposed, finds out what is
 * committed, tells the voters that it leads, and gives up when it should.
 */
export class Leadership {
  readonly #core: QuorumCore;
  readonly #epochs: EpochRequests;
  readonly #events: LeadershipEvents;
  #resignAsked = false;

  constructor(core: QuorumCore, epochs: EpochRequests, events: LeadershipEvents) {
    this.#core = core;
    this.#epochs = epochs;
    this.#events = events;
  }

  /** What it knows of the replicas; undefined when this node does not lead. */
  get leader(): LeaderState | undefined {
    const { state } = this.#core.quorum;
    return state.role === 'leader' ? state.leader : undefined;
  }

  /** A majority has voted for this node: it leads from here on. */
  begin(): void {
    const { log } = this.#core;
    this.#resignAsked = false;
    let leader: LeaderState | undefined;
    this.#core.transition((quorum, nowMs) => {
      leader = quorum.toLeader(log.endOffset, nowMs);
    });
    assert(leader !== undefined, 'the transition makes a leader');
    leader.updateLocal(log.durableEnd);
    // Nothing of earlier epochs is committed before a record of this one is: it is written at once.
    this.appendControl([this.#leaderChange(leader), ...this.#firstVoters()]);
  }

  #leaderChange(leader: LeaderState): ControlRecordInput {
    const named = (voterId: NodeId) => ({ voterId, voterDirectoryId: ZERO_UUID });
    const voters = this.#core.voters.voters.map(voter => named(voter.key.id));
    const grantingVoters = leader.grantingVoters.map(named);
    const value = { version: 0, leaderId: this.#core.local.id, voters, grantingVoters };
    return { type: 'LEADER_CHANGE', value };
  }

  /** The voters, when the log does not have them yet or has other endpoints of this node (KIP-853). */
  #firstVoters(): ControlRecordInput[] {
    const { history } = this.#core.log;
    if (history.kraftVersion === 0) return [];
    const isUnwritten = history.votersOffset === undefined || history.votersOffset < 0n;
    if (!isUnwritten && !history.voters.needsUpdate(this.#core.localVoter)) return [];
    const voters = history.voters.updating(this.#core.localVoter) ?? history.voters;
    return [
      { type: 'KRAFT_VERSION', value: { version: 0, kRaftVersion: history.kraftVersion } },
      { type: 'KRAFT_VOTERS', value: voters.toRecord() },
    ];
  }

  /**
   * Appends records as one batch.
   * @returns the offset of the last; NOT_CONTROLLER when this node does not lead in `epoch`; MESSAGE_TOO_LARGE
   */
  propose(epoch: LeaderEpoch, values: readonly Buffer[]): Offset | Failure {
    assert(values.length > 0, 'there are records to propose');
    const { quorum, log, clock } = this.#core;
    if (quorum.role !== 'leader' || quorum.epoch !== epoch) {
      return new Failure(
        Errors.NOT_CONTROLLER,
        `Node ${quorum.local.id} does not lead the quorum in epoch ${epoch}: it is ${quorum.role} in ${quorum.epoch}`,
      );
    }
    const timestamp = BigInt(clock.nowMs());
    const batch = buildBatch(
      values.map(value => ({ timestamp, key: null, value })),
      { baseOffset: log.endOffset, leaderEpoch: epoch },
    );
    if (batch.sizeBytes > MAX_QUORUM_BATCH_BYTES) {
      return new Failure(
        Errors.MESSAGE_TOO_LARGE,
        `The ${values.length} records make a batch of ${batch.sizeBytes} bytes, above the ${MAX_QUORUM_BATCH_BYTES} ` +
          'that the metadata log takes: propose them in several',
      );
    }
    return this.#append(batch) ?? batch.lastOffset;
  }

  /** Appends control records as one batch; returns the offset of the last. */
  appendControl(records: readonly ControlRecordInput[]): Offset | Failure {
    const { log, quorum, clock } = this.#core;
    const timestamp = BigInt(clock.nowMs());
    const batch = buildControlBatch(records, {
      timestamp,
      baseOffset: log.endOffset,
      leaderEpoch: quorum.epoch,
    });
    return this.#append(batch) ?? batch.lastOffset;
  }

  appendVoters(voters: VoterSet): Offset | Failure {
    return this.appendControl([{ type: 'KRAFT_VOTERS', value: voters.toRecord() }]);
  }

  #append(batch: RecordBatch): Failure | undefined {
    const { log } = this.#core;
    const { votersOffset } = log.history;
    const failure = log.append([batch]);
    if (failure !== undefined) return failure;
    if (log.history.votersOffset !== votersOffset)
      this.leader?.updateVoters(log.history.voters, this.#core.now());
    this.#events.appended();
    this.#core.wake();
    return undefined;
  }

  /** The own log is durable further. */
  durable(): void {
    if (this.leader?.updateLocal(this.#core.log.durableEnd) === true) this.highWatermarkMoved();
  }

  /** The high watermark moved: by the own log, or by a fetch of a follower. */
  highWatermarkMoved(): void {
    const highWatermark = this.leader?.highWatermark;
    if (highWatermark === undefined) return;
    this.#events.committed(highWatermark);
    const { log, quorum, local } = this.#core;
    const votersOffset = log.history.votersOffset ?? asOffset(-1n);
    if (!quorum.isVoter && votersOffset < highWatermark && !this.#resignAsked) {
      this.#core.logger.info('the leader is no voter any more and gives up', {
        id: local.id,
        epoch: quorum.epoch,
      });
      this.#resignAsked = true;
    }
  }

  /** Gives up soon, if it still leads in `epoch`. */
  resign(epoch: LeaderEpoch): void {
    const { quorum } = this.#core;
    if (quorum.role !== 'leader' || quorum.epoch !== epoch) return;
    this.#resignAsked = true;
    this.#core.wake();
  }

  /** Does what is due; returns when there is more to do. */
  advance(nowMs: number): number {
    const { leader } = this;
    if (leader === undefined) return NEVER;
    const deadlineMs = leader.checkQuorumDeadlineMs;
    if (nowMs >= deadlineMs) {
      this.#core.logger.warn('a majority of the voters has stopped fetching, so the leader gives up', {
        epoch: leader.epoch,
        voters: leader.voterProgress.map(({ key, lastFetchMs }) => ({
          id: key.id,
          fetchedMsAgo: nowMs - lastFetchMs,
        })),
      });
    }
    if (this.#resignAsked || nowMs >= deadlineMs) {
      this.#core.transition((quorum, now) => quorum.toResigned(leader.successors, now));
      this.#core.wake();
      return nowMs;
    }
    return Math.min(deadlineMs, this.#remindAll(leader, nowMs));
  }

  /** Tells the voters that do not fetch that this node leads; returns when one is to be told again. */
  #remindAll(leader: LeaderState, nowMs: number): number {
    if (!this.#core.store.isDurable) return NEVER;
    let next = NEVER;
    for (const voter of this.#core.voters.others(this.#core.local)) {
      const id = voter.key.id;
      const readyAtMs = this.#core.requests.readyAtMs(this.#epochs.beginLane(voter));
      const dueAtMs = Math.max(leader.remindAtMs(id), readyAtMs);
      if (nowMs < dueAtMs) next = Math.min(next, dueAtMs);
      else this.#epochs.sendBegin(voter, () => this.leader?.noteAcknowledged(id, this.#core.now()));
    }
    return next;
  }
}
