import { ApiVersions, type ApiVersionsResponse } from '../messages/18_api_versions.ts';
import type { AddRaftVoterRequest, AddRaftVoterResponse } from '../messages/80_add_raft_voter.ts';
import type { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../messages/81_remove_raft_voter.ts';
import type { UpdateRaftVoterRequest, UpdateRaftVoterResponse } from '../messages/82_update_raft_voter.ts';
import { assert } from '../model/assert.ts';
import { ERROR_NAMES, type ErrorCode, Errors, errorText } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asOffset, type Offset } from '../model/ids.ts';
import { isUuid, ZERO_UUID } from '../model/uuid.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { DYNAMIC_VERSION, KRAFT_FEATURE, type KraftUpgrade } from './kraft_upgrade.ts';
import type { LeaderState } from './leader_state.ts';
import type { Leadership } from './leadership.ts';
import { leaderEndpoint, type RequestContext } from './metadata_partition.ts';
import type { QuorumCore } from './quorum_core.ts';
import { type ReplicaKey, replicaKey, replicaText } from './replica_key.ts';
import type { NamedEndpoint, SupportedVersions, Voter, VoterSet } from './voter_set.ts';

const NEVER = Number.POSITIVE_INFINITY;
type Change = MessageInput<typeof AddRaftVoterResponse>;

/** A change that is on its way. */
interface Pending {
  readonly what: string;
  readonly deadlineMs: number;
  /** Where the voters were appended; undefined while the new voter is being looked at. */
  offset: Offset | undefined;
  answer(change: Change): void;
}

/**
 * Changes of the voters, by the leader (KIP-853). One at a time: two sets that differ by one voter have a node in
 * common in each majority of theirs, and the next change waits until the one before is committed. A set holds from the
 * moment when it is appended. A leader changes nothing before it has committed a record of its own epoch.
 */
export class VoterChanges {
  readonly #core: QuorumCore;
  readonly #leadership: Leadership;
  #pending: Pending | undefined;
  readonly #upgrade: KraftUpgrade;

  constructor(core: QuorumCore, leadership: Leadership, upgrade: KraftUpgrade) {
    this.#core = core;
    this.#leadership = leadership;
    this.#upgrade = upgrade;
  }

  async handleAdd(request: AddRaftVoterRequest): Promise<Change> {
    const leader = this.#leadingNow();
    if (failed(leader)) return refused(leader);
    const endpoints = request.listeners.map(({ name, host, port }) => ({ name, host, port }));
    const key = keyOf(request);
    if (key === undefined) return invalid('The request names no voter with a directory id');
    const invalidity = this.#invalidEndpoints(endpoints);
    if (invalidity !== undefined) return invalid(invalidity);
    const voters = this.#changeableVoters(leader);
    if (failed(voters)) return refused(voters);
    if (voters.has(key.id)) {
      return refused(
        new Failure(
          Errors.DUPLICATE_VOTER,
          `Node ${key.id} is a voter already, in the set ${votersText(voters)}`,
        ),
      );
    }
    return await new Promise(answer => {
      const pending = this.#begin(`adding ${replicaText(key)}`, answer);
      this.#lookAt(key, endpoints, versions => {
        if (this.#pending === pending) this.#add(pending, { key, endpoints }, { versions, request });
      });
    });
  }

  /** Asks the new voter which versions it can follow. */
  #lookAt(
    key: ReplicaKey,
    endpoints: readonly NamedEndpoint[],
    done: (versions: SupportedVersions | Failure) => void,
  ): void {
    const endpoint = endpoints.find(each => each.name === this.#core.listenerName) ?? endpoints[0]!;
    const timeoutMs = this.#core.settings.requestTimeoutMs;
    const request = { clientSoftwareName: 'odradek', clientSoftwareVersion: '1' };
    void this.#core.peers.send(endpoint, ApiVersions, request, { timeoutMs }).then(answer => {
      done(failed(answer) ? answer : rangeOf(answer, key));
      this.#core.wake();
    });
  }

  #add(
    pending: Pending,
    { key, endpoints }: { key: ReplicaKey; endpoints: readonly NamedEndpoint[] },
    { versions, request }: { versions: SupportedVersions | Failure; request: AddRaftVoterRequest },
  ): void {
    const { leader } = this.#leadership;
    const { history } = this.#core.log;
    assert(leader !== undefined, 'a change ends with the leadership');
    const obstacle = failed(versions) ? versions : this.#obstacle(key, versions, leader);
    if (obstacle !== undefined) {
      const code = obstacle.code === Errors.INVALID_REQUEST ? obstacle.code : Errors.REQUEST_TIMED_OUT;
      this.#end(
        refused(new Failure(code, `Node ${replicaText(key)} can't become a voter: ${obstacle.message}`)),
      );
      return;
    }
    const supportedVersions = versions as SupportedVersions;
    const voters = history.voters.adding({ key, endpoints, supportedVersions });
    assert(voters !== undefined, 'no other change can have added the voter meanwhile');
    this.#append(pending, voters);
    if (!request.ackWhenCommitted) pending.answer(done());
  }

  #obstacle(key: ReplicaKey, versions: SupportedVersions, leader: LeaderState): Failure | undefined {
    const { kraftVersion } = this.#core.log.history;
    if (versions.min > kraftVersion || versions.max < kraftVersion) {
      const text = `it follows ${KRAFT_FEATURE} ${versions.min} to ${versions.max}, not ${kraftVersion}`;
      return new Failure(Errors.INVALID_REQUEST, text);
    }
    if (leader.isCaughtUp(key, this.#core.now())) return undefined;
    return new Failure(
      Errors.REQUEST_TIMED_OUT,
      'it has not caught up with the leader yet; start it, and try again',
    );
  }

  async handleRemove(request: RemoveRaftVoterRequest): Promise<MessageInput<typeof RemoveRaftVoterResponse>> {
    const leader = this.#leadingNow();
    if (failed(leader)) return refused(leader);
    const key = keyOf(request);
    if (key === undefined) return invalid('The request names no voter with a directory id');
    const voters = this.#changeableVoters(leader);
    if (failed(voters)) return refused(voters);
    const rest = voters.removing(key);
    if (rest === undefined) {
      const text = `Node ${replicaText(key)} is none of the voters ${votersText(voters)}`;
      return refused(new Failure(Errors.VOTER_NOT_FOUND, text));
    }
    if (rest.size === 0) return invalid(`Node ${key.id} is the only voter: add another first`);
    return await new Promise(answer => {
      const pending = this.#begin(`removing ${replicaText(key)}`, answer);
      if (this.#pending === pending) this.#append(pending, rest);
    });
  }

  handleUpdate(
    request: UpdateRaftVoterRequest,
    context: RequestContext,
    refusal?: ErrorCode,
  ): MessageInput<typeof UpdateRaftVoterResponse> {
    const errorCode = refusal ?? this.#update(request);
    return { throttleTimeMs: 0, errorCode, ...this.#currentLeader(context) };
  }

  #update(request: UpdateRaftVoterRequest): ErrorCode {
    const leader = this.#leadingNow(request.currentLeaderEpoch);
    if (failed(leader)) return leader.code;
    const key = keyOf(request);
    const endpoints = request.listeners.map(({ name, host, port }) => ({ name, host, port }));
    const { minSupportedVersion: min, maxSupportedVersion: max } = request.kRaftVersionFeature;
    const isValid = key !== undefined && this.#invalidEndpoints(endpoints) === undefined;
    if (!isValid || min < 0 || max < min) return Errors.INVALID_REQUEST;
    const { kraftVersion } = this.#core.log.history;
    const voter = { key, endpoints, supportedVersions: { min, max } };
    if (kraftVersion < DYNAMIC_VERSION) return this.#note(voter, leader);
    const voters = this.#changeableVoters(leader);
    if (failed(voters)) return voters.code;
    if (min > kraftVersion || max < kraftVersion) return Errors.INVALID_REQUEST;
    const updated = voters.updating(voter);
    if (updated === undefined) return Errors.VOTER_NOT_FOUND;
    if (!updated.equals(voters)) this.#leadership.appendVoters(updated);
    return Errors.NONE;
  }

  /** Keeps what a static voter says of itself, for an upgrade. */
  #note(voter: Voter, leader: LeaderState): ErrorCode {
    if (leader.highWatermark === undefined || this.#pending !== undefined) return Errors.REQUEST_TIMED_OUT;
    if (!this.#core.voters.isVoter(voter.key)) return Errors.VOTER_NOT_FOUND;
    this.#upgrade.note(voter);
    return Errors.NONE;
  }

  #currentLeader(context: RequestContext) {
    const { quorum } = this.#core;
    const endpoint = leaderEndpoint(quorum, context);
    const leaderId = quorum.leaderId ?? -1;
    const { host, port } = endpoint ?? { host: '', port: 0 };
    return { currentLeader: { leaderId, leaderEpoch: quorum.epoch, host, port } };
  }

  /** The leader's state, if this node leads in `epoch` and goes on leading. */
  #leadingNow(epoch: number = this.#core.quorum.epoch): LeaderState | Failure {
    const { quorum } = this.#core;
    if (epoch < quorum.epoch) return plain(Errors.FENCED_LEADER_EPOCH);
    if (epoch > quorum.epoch) return plain(Errors.UNKNOWN_LEADER_EPOCH);
    const { leader } = this.#leadership;
    return leader ?? plain(Errors.NOT_LEADER_OR_FOLLOWER);
  }

  /** The voters, if they may be changed now. */
  #changeableVoters(leader: LeaderState): VoterSet | Failure {
    const { history } = this.#core.log;
    if (this.#pending !== undefined) {
      return new Failure(Errors.REQUEST_TIMED_OUT, `The leader is still ${this.#pending.what}: try again`);
    }
    if (leader.highWatermark === undefined) {
      return new Failure(
        Errors.REQUEST_TIMED_OUT,
        'The leader has committed nothing in its epoch yet: try again',
      );
    }
    if (history.kraftVersion < DYNAMIC_VERSION) {
      return new Failure(
        Errors.UNSUPPORTED_VERSION,
        `The voters are static, because ${KRAFT_FEATURE} is ${history.kraftVersion}: upgrade it to ${DYNAMIC_VERSION} first`,
      );
    }
    const offset = history.votersOffset ?? asOffset(-1n);
    if (offset < leader.highWatermark) return history.voters;
    return new Failure(
      Errors.REQUEST_TIMED_OUT,
      `The last change of the voters, at offset ${offset}, is not committed yet: try again`,
    );
  }

  #invalidEndpoints(endpoints: readonly NamedEndpoint[]): string | undefined {
    const { listenerName } = this.#core;
    const isThere = endpoints.some(each => each.name === listenerName && each.host !== '' && each.port > 0);
    return isThere ? undefined : `The request names no endpoint of the listener ${listenerName}`;
  }

  #begin(what: string, answer: (change: Change) => void): Pending {
    assert(this.#pending === undefined, 'voters change one at a time');
    const deadlineMs = this.#core.now() + this.#core.settings.requestTimeoutMs;
    const pending: Pending = { what, deadlineMs, offset: undefined, answer };
    this.#pending = pending;
    // That may end it: a leader that slept finds now that it leads no more.
    this.#core.wake();
    return pending;
  }

  #append(pending: Pending, voters: VoterSet): void {
    assert(this.#core.voters.differsByOne(voters), 'voters change by one at a time');
    this.#core.logger.info('the voters change', { what: pending.what, voters: votersText(voters) });
    const offset = this.#leadership.appendVoters(voters);
    if (failed(offset)) this.#end(refused(offset));
    else pending.offset = offset;
  }

  #end(change: Change): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.answer(change);
  }

  /** Everything before `highWatermark` is committed. */
  committed(highWatermark: Offset): void {
    const offset = this.#pending?.offset;
    if (offset !== undefined && offset < highWatermark) this.#end(done());
  }

  /** Ends what takes too long; returns when there is more to do. */
  advance(nowMs: number): number {
    const pending = this.#pending;
    if (pending === undefined) return NEVER;
    if (nowMs < pending.deadlineMs) return pending.deadlineMs;
    const text = `Time is over while ${pending.what}${pending.offset === undefined ? '' : ', which may still be done'}`;
    this.#end(refused(new Failure(Errors.REQUEST_TIMED_OUT, text)));
    return NEVER;
  }

  /** The role changed. */
  transitioned(): void {
    this.#end(refused(plain(Errors.NOT_LEADER_OR_FOLLOWER)));
  }
}

function refused(failure: Failure): Change {
  return { throttleTimeMs: 0, errorCode: failure.code, errorMessage: failure.message };
}

function invalid(text: string): Change {
  return refused(new Failure(Errors.INVALID_REQUEST, text));
}

function plain(code: ErrorCode): Failure {
  return new Failure(code, errorText(code));
}

function done(): Change {
  return { throttleTimeMs: 0, errorCode: Errors.NONE, errorMessage: null };
}

/** The voter that a request is about; undefined when it has no directory, or one that can't be. */
function keyOf(request: { voterId: number; voterDirectoryId: string }): ReplicaKey | undefined {
  const { voterId, voterDirectoryId } = request;
  if (voterId < 0 || voterDirectoryId === ZERO_UUID || !isUuid(voterDirectoryId)) return undefined;
  return replicaKey(voterId, voterDirectoryId);
}

function votersText(voters: VoterSet): string {
  return voters.voters.map(voter => replicaText(voter.key)).join(', ');
}

/** Which versions of the quorum's protocol a node can follow: only version 0, where it does not say. */
function rangeOf(answer: ApiVersionsResponse, key: ReplicaKey): SupportedVersions | Failure {
  if (answer.errorCode !== Errors.NONE) {
    const text = `node ${key.id} refuses to tell its versions (${ERROR_NAMES.get(answer.errorCode)})`;
    return new Failure(Errors.REQUEST_TIMED_OUT, text);
  }
  const feature = answer.supportedFeatures.find(each => each.name === KRAFT_FEATURE);
  return feature === undefined ? { min: 0, max: 0 } : { min: feature.minVersion, max: feature.maxVersion };
}
