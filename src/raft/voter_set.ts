import type { VotersRecord } from '../messages/control/voters_record.ts';
import { assert } from '../model/assert.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import type { NodeId } from '../model/ids.ts';
import type { Endpoint } from '../peers/peer_sender.ts';
import type { MessageInput } from '../protocol/schema.ts';
import {
  directoryIdOrZero,
  matchesReplica,
  type ReplicaKey,
  replicaKey,
  sameReplica,
} from './replica_key.ts';

/** A listener of a controller, by its name in `listeners`. */
export interface NamedEndpoint extends Endpoint {
  readonly name: string;
}

/** The versions of the quorum's protocol (`kraft.version`) that a voter can follow, both inclusive. */
export interface SupportedVersions {
  readonly min: number;
  readonly max: number;
}

export interface Voter {
  readonly key: ReplicaKey;
  /** The first is the one that the quorum uses. Never empty. */
  readonly endpoints: readonly NamedEndpoint[];
  readonly supportedVersions: SupportedVersions;
}

/** Nodes that vote, by id. Never changed: each change makes another set. */
export class VoterSet {
  static readonly EMPTY = new VoterSet([]);

  readonly #voters: ReadonlyMap<NodeId, Voter>;

  constructor(voters: Iterable<Voter>) {
    const byId = new Map<NodeId, Voter>();
    for (const voter of voters) {
      assert(!byId.has(voter.key.id), `voter ${voter.key.id} is twice in one set`);
      byId.set(voter.key.id, voter);
    }
    this.#voters = byId;
  }

  /** @returns INVALID_RECORD when a voter is there twice, or has no endpoint */
  static fromRecord(record: MessageInput<typeof VotersRecord>): VoterSet | Failure {
    const ids = new Set(record.voters.map(voter => voter.voterId));
    if (ids.size < record.voters.length || record.voters.some(voter => voter.endpoints.length === 0)) {
      return new Failure(Errors.INVALID_RECORD, `No voters can be made of ${JSON.stringify(record.voters)}`);
    }
    return new VoterSet(
      record.voters.map(voter => ({
        key: replicaKey(voter.voterId, voter.voterDirectoryId),
        endpoints: voter.endpoints.map(({ name, host, port }) => ({ name, host, port })),
        supportedVersions: {
          min: voter.kRaftVersionFeature.minSupportedVersion,
          max: voter.kRaftVersionFeature.maxSupportedVersion,
        },
      })),
    );
  }

  toRecord(): MessageInput<typeof VotersRecord> {
    return {
      version: 0,
      voters: this.voters.map(voter => ({
        voterId: voter.key.id,
        voterDirectoryId: directoryIdOrZero(voter.key),
        endpoints: [...voter.endpoints],
        kRaftVersionFeature: {
          minSupportedVersion: voter.supportedVersions.min,
          maxSupportedVersion: voter.supportedVersions.max,
        },
      })),
    };
  }

  get size(): number {
    return this.#voters.size;
  }

  /** How many votes, or copies, are enough. */
  get majority(): number {
    return Math.floor(this.#voters.size / 2) + 1;
  }

  /** In the order of the record, or of the setting. */
  get voters(): readonly Voter[] {
    return [...this.#voters.values()];
  }

  get(id: NodeId): Voter | undefined {
    return this.#voters.get(id);
  }

  has(id: NodeId): boolean {
    return this.#voters.has(id);
  }

  isVoter(key: ReplicaKey): boolean {
    const voter = this.#voters.get(key.id);
    return voter !== undefined && matchesReplica(voter.key, key);
  }

  isOnlyVoter(key: ReplicaKey): boolean {
    return this.size === 1 && this.isVoter(key);
  }

  /** Those that are not `key`. */
  others(key: ReplicaKey): readonly Voter[] {
    return this.voters.filter(voter => voter.key.id !== key.id);
  }

  /** The set with one voter more; undefined when it has one of that id. */
  adding(voter: Voter): VoterSet | undefined {
    return this.has(voter.key.id) ? undefined : new VoterSet([...this.#voters.values(), voter]);
  }

  /** The set without that voter; undefined when it has none of that id in that directory. */
  removing(key: ReplicaKey): VoterSet | undefined {
    const voter = this.#voters.get(key.id);
    if (voter === undefined || !sameReplica(voter.key, key)) return undefined;
    return new VoterSet(this.voters.filter(each => each !== voter));
  }

  /** The set with that voter's endpoints and versions; undefined when it is none of the voters. */
  updating(voter: Voter): VoterSet | undefined {
    if (!this.isVoter(voter.key)) return undefined;
    return new VoterSet(this.voters.map(each => (each.key.id === voter.key.id ? voter : each)));
  }

  /** Whether the set says other things of the voter than `voter` does; false when it is none of the voters. */
  needsUpdate(voter: Voter): boolean {
    const known = this.#voters.get(voter.key.id);
    return known !== undefined && matchesReplica(known.key, voter.key) && !sameVoter(known, voter);
  }

  /**
   * Whether each majority of the one has a voter of each majority of the other, as far as one change can tell: they
   * differ by one voter more and one less at most.
   */
  differsByOne(other: VoterSet): boolean {
    const missing = (from: VoterSet, to: VoterSet) =>
      from.voters.filter(voter => !to.voters.some(each => sameReplica(each.key, voter.key))).length;
    return missing(this, other) <= 1 && missing(other, this) <= 1;
  }

  equals(other: VoterSet): boolean {
    return (
      this.size === other.size &&
      this.voters.every(voter => {
        const same = other.get(voter.key.id);
        return same !== undefined && sameVoter(voter, same);
      })
    );
  }
}

function sameVoter(left: Voter, right: Voter): boolean {
  return (
    sameReplica(left.key, right.key) &&
    left.supportedVersions.min === right.supportedVersions.min &&
    left.supportedVersions.max === right.supportedVersions.max &&
    sameEndpoints(left.endpoints, right.endpoints)
  );
}

export function sameEndpoints(left: readonly NamedEndpoint[], right: readonly NamedEndpoint[]): boolean {
  return (
    left.length === right.length &&
    left.every(one =>
      right.some(other => one.name === other.name && one.host === other.host && one.port === other.port),
    )
  );
}
