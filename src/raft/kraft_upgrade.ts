import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { LeaderEpoch, NodeId } from '../model/ids.ts';
import type { Leadership } from './leadership.ts';
import type { QuorumCore } from './quorum_core.ts';
import { type Voter, VoterSet } from './voter_set.ts';

/** The feature whose level is the version of the quorum's protocol. */
export const KRAFT_FEATURE = 'kraft.version';
/** The level from which on the voters are in the log, and can be changed. */
export const DYNAMIC_VERSION = 1;

/** The upgrade of a quorum with static voters: they get into the log, with the directories that they tell. */
export class KraftUpgrade {
  readonly #core: QuorumCore;
  readonly #leadership: Leadership;
  /** What the static voters say of themselves. */
  #told = new Map<NodeId, Voter>();

  constructor(core: QuorumCore, leadership: Leadership) {
    this.#core = core;
    this.#leadership = leadership;
  }

  /** A static voter tells its directory. */
  note(voter: Voter): void {
    this.#told.set(voter.key.id, voter);
  }

  /** The role changed: voters tell every leader anew. */
  transitioned(): void {
    this.#told = new Map();
  }

  /**
   * Raises the version of the quorum's protocol.
   * @param validateOnly whether only to find out if it can be done
   * @returns NOT_CONTROLLER; INVALID_UPDATE_VERSION when it can't be done, or not yet
   */
  upgrade(epoch: LeaderEpoch, version: number, validateOnly: boolean): Failure | undefined {
    const { leader } = this.#leadership;
    const { kraftVersion } = this.#core.log.history;
    if (leader === undefined || leader.epoch !== epoch) {
      const text = `Node ${this.#core.local.id} does not lead the quorum in epoch ${epoch}`;
      return new Failure(Errors.NOT_CONTROLLER, text);
    }
    if (version === kraftVersion) return undefined;
    const refused = (why: string) =>
      new Failure(
        Errors.INVALID_UPDATE_VERSION,
        `${KRAFT_FEATURE} can't go from ${kraftVersion} to ${version}: ${why}`,
      );
    if (version !== DYNAMIC_VERSION) {
      return refused(`it has the levels 0 and ${DYNAMIC_VERSION}, and never goes back`);
    }
    if (leader.highWatermark === undefined) return refused('the leader has committed nothing yet, try again');
    const voters = this.#voters();
    if (typeof voters === 'string') return refused(voters);
    const unable = voters.find(({ supportedVersions }) => supportedVersions.max < version);
    if (unable !== undefined) return refused(`voter ${unable.key.id} can't follow it`);
    if (validateOnly) return undefined;
    const offset = this.#leadership.appendControl([
      { type: 'KRAFT_VERSION', value: { version: 0, kRaftVersion: version } },
      { type: 'KRAFT_VOTERS', value: new VoterSet(voters).toRecord() },
    ]);
    return failed(offset) ? offset : undefined;
  }

  /** The voters with their directories, or why they are not known. */
  #voters(): readonly Voter[] | string {
    const { voters, localVoter } = this.#core;
    const known: Voter[] = [];
    const silent: NodeId[] = [];
    for (const { key } of voters.voters) {
      const voter = key.id === localVoter.key.id ? localVoter : this.#told.get(key.id);
      if (voter === undefined) silent.push(key.id);
      else known.push(voter);
    }
    return silent.length === 0
      ? known
      : `the voters ${silent.join(', ')} have not told their directories yet`;
  }
}
