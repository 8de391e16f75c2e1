import { AddRaftVoter, type AddRaftVoterResponse } from '../messages/80_add_raft_voter.ts';
import { RemoveRaftVoter, type RemoveRaftVoterResponse } from '../messages/81_remove_raft_voter.ts';
import { UpdateRaftVoter, type UpdateRaftVoterResponse } from '../messages/82_update_raft_voter.ts';
import { Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import { DYNAMIC_VERSION } from './kraft_upgrade.ts';
import type { QuorumCore } from './quorum_core.ts';
import { SUPPORTED_KRAFT_VERSIONS } from './quorum_settings.ts';
import type { FollowerState } from './quorum_state.ts';
import { directoryIdOrZero, replicaText, sameReplica } from './replica_key.ts';
import type { Voter } from './voter_set.ts';

const NEVER = Number.POSITIVE_INFINITY;
const LANE = 'voter';
/** A follower first gets what the leader has, and then asks to be changed. */
const FIRST_AFTER_MS = 100;
const RETRY_AFTER_MS = 1_000;

/**
 * What a follower asks of the leader about itself as a voter (KIP-853): to write down its endpoints and versions when
 * the log has others; to become a voter (`controller.quorum.auto.join.enable`); and, as a voter whose directory was
 * lost, to be taken out under the old directory's id and in under the new one. That the old one is gone for good is
 * known, because one node id is in use by one process.
 */
export class VoterUpkeep {
  readonly #core: QuorumCore;
  readonly #isController: boolean;
  #dueAtMs = Number.NEGATIVE_INFINITY;
  /** The state in which the leader was told the directory of a static voter. */
  #told: FollowerState | undefined;
  /** It has asked to be taken out under an old directory: once it is, it asks to get in again. */
  #replaces = false;

  constructor(core: QuorumCore, isController: boolean) {
    this.#core = core;
    this.#isController = isController;
  }

  /** The role changed. */
  transitioned(): void {
    this.#dueAtMs = this.#core.now() + FIRST_AFTER_MS;
  }

  /** Does what is due; returns when there is more to do. */
  advance(nowMs: number): number {
    const { quorum, store, requests, clusterId } = this.#core;
    const { state } = quorum;
    if (state.role !== 'follower' || !this.#isController || !store.isDurable || clusterId === undefined)
      return NEVER;
    const readyAtMs = Math.max(this.#dueAtMs, requests.readyAtMs(LANE));
    if (nowMs < readyAtMs) return readyAtMs;
    this.#dueAtMs = nowMs + RETRY_AFTER_MS;
    if (quorum.isVoter) this.#updateIfNeeded(state);
    else if (this.#isCaughtUp) this.#joinIfWanted(state);
    return this.#dueAtMs;
  }

  get #isCaughtUp(): boolean {
    const { committedEnd, knownHighWatermark } = this.#core;
    return committedEnd !== undefined && committedEnd === knownHighWatermark;
  }

  #updateIfNeeded(state: FollowerState): void {
    const { log, localVoter } = this.#core;
    const isStatic = log.history.kraftVersion < DYNAMIC_VERSION;
    const isNeeded = isStatic ? this.#told !== state : log.history.voters.needsUpdate(localVoter);
    if (isNeeded) this.#update(state);
  }

  #update(state: FollowerState): void {
    const { clusterId, quorum, local, localVoter, requests } = this.#core;
    const request = {
      clusterId: clusterId ?? null,
      currentLeaderEpoch: quorum.epoch,
      voterId: local.id,
      voterDirectoryId: directoryIdOrZero(local),
      listeners: [...localVoter.endpoints],
      kRaftVersionFeature: {
        minSupportedVersion: SUPPORTED_KRAFT_VERSIONS.min,
        maxSupportedVersion: SUPPORTED_KRAFT_VERSIONS.max,
      },
    };
    requests.send(this.#to(state), UpdateRaftVoter, request, answer => {
      const isDone = this.#heed('an update of this voter', answer);
      if (isDone) this.#told = state;
      return isDone;
    });
  }

  #joinIfWanted(state: FollowerState): void {
    const { log, local, settings } = this.#core;
    if (log.history.kraftVersion < DYNAMIC_VERSION) return;
    const known = log.history.voters.get(local.id);
    if (known !== undefined) this.#removeOld(state, known);
    else if (settings.autoJoin || this.#replaces || this.#wasTakenOut) this.#join(state);
  }

  /** Whether the last change of the voters took this node out under a directory that it has no more. */
  get #wasTakenOut(): boolean {
    const { log, local } = this.#core;
    const before = log.history.votersBefore?.get(local.id);
    return before !== undefined && !sameReplica(before.key, local);
  }

  /** The voters have this node with a directory that it has no more. */
  #removeOld(state: FollowerState, old: Voter): void {
    const { clusterId, requests, logger } = this.#core;
    logger.warn('this node lost its directory as a voter and asks to be replaced', {
      old: replicaText(old.key),
    });
    const request = {
      clusterId: clusterId ?? null,
      voterId: old.key.id,
      voterDirectoryId: directoryIdOrZero(old.key),
    };
    // The answer may get lost, with the leader that made the change.
    this.#replaces = true;
    requests.send(this.#to(state), RemoveRaftVoter, request, answer =>
      this.#heed('the removal of the old directory', answer),
    );
  }

  #join(state: FollowerState): void {
    const { clusterId, local, localVoter, requests, settings, logger } = this.#core;
    logger.info('this node asks to become a voter', { key: replicaText(local) });
    const request = {
      clusterId: clusterId ?? null,
      timeoutMs: settings.requestTimeoutMs,
      voterId: local.id,
      voterDirectoryId: directoryIdOrZero(local),
      listeners: [...localVoter.endpoints],
      // The change may need this node's own fetches, which do not wait for the answer here; those of Java do.
      ackWhenCommitted: false,
    };
    requests.send(
      this.#to(state),
      AddRaftVoter,
      request,
      answer => this.#heed('the addition of this voter', answer),
      {
        minVersion: 1,
      },
    );
  }

  #to(state: FollowerState) {
    return { lane: LANE, endpoint: state.leaderEndpoints[0]! };
  }

  #heed(
    what: string,
    answer: AddRaftVoterResponse | RemoveRaftVoterResponse | UpdateRaftVoterResponse | Failure,
  ): boolean {
    if (failed(answer)) return false;
    if (answer.errorCode === Errors.NONE) return true;
    this.#core.logger.info(`${what} was refused for now`, {
      errorCode: answer.errorCode,
      ...('errorMessage' in answer && answer.errorMessage !== null ? { error: answer.errorMessage } : {}),
    });
    return false;
  }
}
