import { asLeaderEpoch, type NodeId } from '../model/ids.ts';
import type { EpochRequests } from './epoch_requests.ts';
import type { QuorumCore } from './quorum_core.ts';
import type {
  CandidateState,
  FollowerState,
  ProspectiveState,
  ResignedState,
  RoleState,
} from './quorum_state.ts';
import { VoteRequests } from './vote_requests.ts';

const NEVER = Number.POSITIVE_INFINITY;
/** A look at a listener takes a round trip; longer tells nothing that the fetch timeout doesn't. */
const PROBE_TIMEOUT_MS = 200;
/** Who was just seen listening is not looked at again for so long. */
const PROBE_AGAIN_MS = 100;
/** Voters whose leader's process is gone stand in turns: so far apart that one has won before the next begins. */
const TURN_MS = 40;
/** A candidate that another one is in the way of waits so long for further votes, and then asks anew. */
const CONTEST_MS = 100;
/** The first pause behind an election that nobody won; doubled up to the setting. */
const FIRST_BACKOFF_MS = 50;

/**
 * When a node without a leader stands for election, and how it goes: the questions before (KIP-996), the votes, the
 * hand-over by a leader that gives up, and the quick way when the leader's process is gone.
 *
 * Beside Kafka's timeouts: a follower whose connection to the leader breaks looks at the leader's listener at once.
 * When that refuses, the process is gone, and the voters ask for votes in turns, by their ids, {@link TURN_MS} apart.
 * A follower that is asked before an election looks too before it says no. An alarm that is false, because only this
 * node is refused, costs nothing: the others say no.
 */
export class Elections {
  readonly votes: VoteRequests;
  readonly #core: QuorumCore;
  readonly #epochs: EpochRequests;
  /** Called when the candidate has its majority. */
  readonly #elected: () => void;
  /** Elections without a winner since the last leader. */
  #lost = 0;
  /** When a candidate that can't win any more starts over. */
  #retry: { readonly state: CandidateState; readonly atMs: number } | undefined;
  /** Leaders seen gone without an election following, which slows the next one down. */
  #alarms = 0;
  #probe: { readonly state: FollowerState; readonly done: Promise<void> } | undefined;
  #listeningUntilMs = Number.NEGATIVE_INFINITY;
  /** No elections are begun any more. */
  isEnding = false;

  constructor(core: QuorumCore, epochs: EpochRequests, elected: () => void) {
    this.#core = core;
    this.#epochs = epochs;
    this.#elected = elected;
    this.votes = new VoteRequests(core, () => this.#checkLeader());
  }

  /** The node starts: with no leader to go back to it need not wait long, because it asks before it stands. */
  standSoon(): void {
    const { voters, local, random, quorum } = this.#core;
    const place = voters.voters.filter(voter => voter.key.id < local.id).length;
    quorum.hasten(this.#core.now() + (place + random.fraction()) * TURN_MS);
  }

  /** Does what is due; returns when there is more to do. */
  advance(nowMs: number): number {
    const { state } = this.#core.quorum;
    switch (state.role) {
      case 'unattached':
        return this.#standAt(
          this.#core.voters.isOnlyVoter(this.#core.local) ? nowMs : state.electionDeadlineMs,
        );
      case 'prospective':
        return this.#advanceProspective(state, nowMs);
      case 'candidate':
        return this.#advanceCandidate(state, nowMs);
      case 'resigned':
        return this.#advanceResigned(state, nowMs);
      case 'follower':
        return this.#standAt(
          state.fetchDeadlineMs + (state.leaderGone ? 0 : this.#place(state.leaderId) * TURN_MS),
        );
      case 'leader':
        return NEVER;
    }
  }

  #standAt(deadlineMs: number): number {
    const { quorum, log } = this.#core;
    // A log that is being cut can't be compared with others'.
    if (this.isEnding || !quorum.mayStand || log.isChanging) return NEVER;
    if (this.#core.now() < deadlineMs) return deadlineMs;
    this.#core.transition((state, nowMs) => state.toProspective(nowMs));
    return this.advance(this.#core.now());
  }

  #advanceProspective(state: ProspectiveState, nowMs: number): number {
    if (state.tally.isGranted) return this.#stand();
    if (state.tally.isRejected || nowMs >= state.electionDeadlineMs) return this.#giveUp(state);
    return Math.min(state.electionDeadlineMs, this.#askAll(state, nowMs));
  }

  #stand(): number {
    this.#core.transition((quorum, nowMs) => quorum.toCandidate(nowMs));
    return this.advance(this.#core.now());
  }

  /** The others would not vote for it: back to the leader, if there is one, and else to waiting. */
  #giveUp(state: ProspectiveState): number {
    const { leaderId, leaderEndpoints } = state;
    const { epoch } = this.#core.quorum;
    this.#core.transition((quorum, nowMs) => {
      if (leaderId === undefined || leaderEndpoints.length === 0) quorum.toUnattached(epoch, nowMs);
      else quorum.toFollower(epoch, { id: leaderId, endpoints: leaderEndpoints }, nowMs);
    });
    return this.advance(this.#core.now());
  }

  #advanceCandidate(state: CandidateState, nowMs: number): number {
    // The vote for itself is a promise like any other: it counts, and others hear of it, when it is durable.
    if (!this.#core.store.isDurable) return NEVER;
    if (this.#core.quorum.isVoter) state.tally.record(this.#core.local.id, true);
    if (state.tally.isGranted) {
      this.#elected();
      return NEVER;
    }
    if (state.tally.isContested && this.#retry?.state !== state) {
      // Votes may still be on their way, unless so many are refused that they would not help.
      const waitMs = state.tally.isRejected ? 0 : CONTEST_MS;
      this.#retry = { state, atMs: nowMs + waitMs + this.#backoffMs() };
      this.#lost++;
    }
    const retryAtMs = this.#retry?.state === state ? this.#retry.atMs : NEVER;
    const deadlineMs = Math.min(state.electionDeadlineMs, retryAtMs);
    if (nowMs < deadlineMs) return Math.min(deadlineMs, this.#askAll(state, nowMs));
    this.#core.transition((quorum, now) => quorum.toProspective(now));
    return this.advance(this.#core.now());
  }

  #backoffMs(): number {
    const boundMs = Math.min(this.#core.settings.electionBackoffMaxMs, FIRST_BACKOFF_MS * 2 ** this.#lost);
    return boundMs * this.#core.random.fraction();
  }

  /** Asks the voters that have not answered yet; returns when the next may be asked again. */
  #askAll(state: ProspectiveState | CandidateState, nowMs: number): number {
    if (!this.#core.store.isDurable || state.tally.isRejected) return NEVER;
    const isPreVote = state.role === 'prospective';
    let next = NEVER;
    for (const voter of this.#core.voters.others(this.#core.local)) {
      if (state.tally.hasAnswered(voter.key.id)) continue;
      const readyAtMs = this.#core.requests.readyAtMs(this.votes.laneOf(voter));
      if (nowMs < readyAtMs) next = Math.min(next, readyAtMs);
      else this.votes.ask(voter, isPreVote, isGranted => this.#answered(state, voter.key.id, isGranted));
    }
    return next;
  }

  #answered(state: ProspectiveState | CandidateState, voter: NodeId, isGranted: boolean | undefined): void {
    if (this.#core.quorum.state !== state) return;
    // A voter that doesn't know the question before an election can't keep this node from one.
    if (isGranted === undefined && state.role === 'prospective') {
      for (const each of this.#core.voters.voters) state.tally.record(each.key.id, true);
      return;
    }
    state.tally.record(voter, isGranted === true);
  }

  #advanceResigned(state: ResignedState, nowMs: number): number {
    if (nowMs >= state.electionDeadlineMs && !this.isEnding) {
      // In its own epoch it can follow nobody, so it goes on in the next.
      this.#core.transition((quorum, now) => quorum.toUnattached(asLeaderEpoch(quorum.epoch + 1), now));
      return this.advance(this.#core.now());
    }
    let next = this.isEnding ? NEVER : state.electionDeadlineMs;
    if (!this.#core.store.isDurable) return next;
    for (const voter of this.#core.voters.others(this.#core.local)) {
      if (!state.untold.has(voter.key.id)) continue;
      const readyAtMs = this.#core.requests.readyAtMs(this.#epochs.endLane(voter));
      if (nowMs < readyAtMs) next = Math.min(next, readyAtMs);
      else this.#epochs.sendEnd(voter, state.successors, () => state.untold.delete(voter.key.id));
    }
    return next;
  }

  /** How long the successor at `place` (-1: none of them) waits, so that the best one stands alone. */
  successorDelayMs(place: number, successors: number): number {
    const { electionBackoffMaxMs } = this.#core.settings;
    if (place === 0 || successors === 0) return 0;
    if (place < 0) return electionBackoffMaxMs;
    return Math.min(electionBackoffMaxMs, (electionBackoffMaxMs / 2 ** (successors - 1)) * 2 ** (place - 1));
  }

  /** The role changed: what was counted of the old one ends. */
  transitioned(before: RoleState): void {
    const { state } = this.#core.quorum;
    if (state.role === 'leader' || (state.role === 'follower' && before.leaderId !== state.leaderId)) {
      this.#lost = 0;
      this.#alarms = 0;
    }
    if (state.role !== 'follower') this.#listeningUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** The connection to a node broke. */
  peerGone(node: NodeId): void {
    const { state } = this.#core.quorum;
    if (state.role === 'follower' && state.leaderId === node) void this.#look(state);
  }

  /** Before a follower answers a question before an election: whether its leader is still there. */
  async #checkLeader(): Promise<void> {
    const { state } = this.#core.quorum;
    if (state.role !== 'follower' || state.leaderGone || !state.hasFetched) return;
    if (this.#core.now() >= this.#listeningUntilMs) await this.#look(state);
  }

  #look(state: FollowerState): Promise<void> {
    if (this.#probe?.state !== state) {
      const probe = { state, done: this.#lookAtLeader(state) };
      this.#probe = probe;
      void probe.done.then(() => {
        if (this.#probe === probe) this.#probe = undefined;
      });
    }
    return this.#probe!.done;
  }

  async #lookAtLeader(state: FollowerState): Promise<void> {
    const core = this.#core;
    const found = await core.peers.probe(state.leaderEndpoints[0]!, PROBE_TIMEOUT_MS);
    if (core.quorum.state !== state || state.leaderGone) return;
    if (found === 'listening') this.#listeningUntilMs = core.now() + PROBE_AGAIN_MS;
    if (found !== 'refused') return;
    const delayMs = this.#turnMs(state.leaderId);
    core.logger.info("the leader's process is gone", {
      leaderId: state.leaderId,
      epoch: core.quorum.epoch,
      delayMs,
    });
    core.quorum.noteLeaderGone(core.now() + delayMs);
    this.#alarms++;
    core.wake();
  }

  /** How many voters stand before this one when there is no leader any more. */
  #place(leaderId: NodeId): number {
    const { local, voters } = this.#core;
    return voters.voters.filter(({ key }) => key.id !== leaderId && key.id < local.id).length;
  }

  /** How long this voter waits for those before it; the longer, the more alarms have come to nothing. */
  #turnMs(leaderId: NodeId): number {
    const { settings, random } = this.#core;
    const pauseMs = this.#alarms === 0 ? 0 : FIRST_BACKOFF_MS * 2 ** Math.min(this.#alarms, 10);
    return (
      this.#place(leaderId) * TURN_MS + Math.min(pauseMs, settings.electionBackoffMaxMs) * random.fraction()
    );
  }
}
