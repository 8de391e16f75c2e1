import { assert } from '../../model/assert.ts';
import {
  asLeaderEpoch,
  asNodeId,
  type LeaderEpoch,
  NO_NODE,
  type NodeId,
  type PartitionIndex,
  type Uuid,
} from '../../model/ids.ts';
import { MIGRATING_DIRECTORY } from '../../model/uuid.ts';
import { type MetadataRecord, type MetadataRecordValue, metadataRecord } from '../metadata_record.ts';
import { hasDirectories, hasEligibleLeaderReplicas, type MetadataVersion } from '../metadata_version.ts';

/** Whether a leader that was elected uncleanly is still mending its log (KIP-704). */
export const LeaderRecoveryState = { recovered: 0, recovering: 1 } as const;
export type LeaderRecoveryState = (typeof LeaderRecoveryState)[keyof typeof LeaderRecoveryState];

/** In a PartitionChangeRecord: the leader stays, and so does the leader epoch. */
export const NO_LEADER_CHANGE = asNodeId(-2);
const NO_RECOVERY_CHANGE = -1;
const NONE: readonly never[] = Object.freeze([]);

export interface PartitionFields {
  /** In the order of preference: the first is the preferred leader. */
  readonly replicas: readonly NodeId[];
  /** The log directory of each replica, in the order of {@link replicas}. */
  readonly directories: readonly Uuid[];
  /** In-sync replicas; empty only with eligible leader replicas. */
  readonly isr: readonly NodeId[];
  /** Eligible leader replicas (KIP-966): out of sync, and complete up to the high watermark all the same. */
  readonly elr: readonly NodeId[];
  /** Replicas that were in {@link isr} or {@link elr} when the partition lost its leader. */
  readonly lastKnownElr: readonly NodeId[];
  /** Of {@link replicas}, those that the reassignment under way will take out. */
  readonly removingReplicas: readonly NodeId[];
  /** Of {@link replicas}, those that the reassignment under way has brought in. */
  readonly addingReplicas: readonly NodeId[];
  /** NO_NODE while there is none. */
  readonly leader: NodeId;
  readonly leaderRecoveryState: LeaderRecoveryState;
  readonly leaderEpoch: LeaderEpoch;
  /** Counts every change of the partition. */
  readonly partitionEpoch: number;
}

/** A partition as the metadata has it. Never changed: a change makes a new one. */
export class PartitionRegistration implements PartitionFields {
  readonly replicas: readonly NodeId[];
  readonly directories: readonly Uuid[];
  readonly isr: readonly NodeId[];
  readonly elr: readonly NodeId[];
  readonly lastKnownElr: readonly NodeId[];
  readonly removingReplicas: readonly NodeId[];
  readonly addingReplicas: readonly NodeId[];
  readonly leader: NodeId;
  readonly leaderRecoveryState: LeaderRecoveryState;
  readonly leaderEpoch: LeaderEpoch;
  readonly partitionEpoch: number;

  constructor(fields: PartitionFields) {
    assert(
      fields.directories.length === fields.replicas.length,
      `${fields.directories.length} directories for ${fields.replicas.length} replicas`,
    );
    this.replicas = compact(fields.replicas);
    this.directories = compact(fields.directories);
    this.isr = sameList(fields.isr, this.replicas) ? this.replicas : compact(fields.isr);
    this.elr = compact(fields.elr);
    this.lastKnownElr = compact(fields.lastKnownElr);
    this.removingReplicas = compact(fields.removingReplicas);
    this.addingReplicas = compact(fields.addingReplicas);
    this.leader = fields.leader;
    this.leaderRecoveryState = fields.leaderRecoveryState;
    this.leaderEpoch = fields.leaderEpoch;
    this.partitionEpoch = fields.partitionEpoch;
  }

  static fromRecord(record: MetadataRecordValue<'PartitionRecord'>): PartitionRegistration {
    return new PartitionRegistration({
      replicas: record.replicas as NodeId[],
      directories: withMigrating(record.directories as Uuid[], record.replicas.length),
      isr: record.isr as NodeId[],
      elr: (record.eligibleLeaderReplicas ?? NONE) as NodeId[],
      lastKnownElr: (record.lastKnownElr ?? NONE) as NodeId[],
      removingReplicas: record.removingReplicas as NodeId[],
      addingReplicas: record.addingReplicas as NodeId[],
      leader: asNodeId(record.leader),
      leaderRecoveryState: asRecoveryState(record.leaderRecoveryState),
      leaderEpoch: asLeaderEpoch(record.leaderEpoch),
      partitionEpoch: record.partitionEpoch,
    });
  }

  /** The partition after the change: a leader in the record is a new leader epoch, even if it is the same leader. */
  merge(change: MetadataRecordValue<'PartitionChangeRecord'>): PartitionRegistration {
    const replicas = (change.replicas as NodeId[] | null) ?? this.replicas;
    const leaderChanges = change.leader !== NO_LEADER_CHANGE;
    return new PartitionRegistration({
      replicas,
      directories: this.#directoriesAfter(change, replicas),
      isr: (change.isr as NodeId[] | null) ?? this.isr,
      elr: (change.eligibleLeaderReplicas as NodeId[] | null) ?? this.elr,
      lastKnownElr: (change.lastKnownElr as NodeId[] | null) ?? this.lastKnownElr,
      removingReplicas: (change.removingReplicas as NodeId[] | null) ?? this.removingReplicas,
      addingReplicas: (change.addingReplicas as NodeId[] | null) ?? this.addingReplicas,
      leader: leaderChanges ? asNodeId(change.leader) : this.leader,
      leaderRecoveryState:
        change.leaderRecoveryState === NO_RECOVERY_CHANGE
          ? this.leaderRecoveryState
          : asRecoveryState(change.leaderRecoveryState),
      leaderEpoch: leaderChanges ? asLeaderEpoch(this.leaderEpoch + 1) : this.leaderEpoch,
      partitionEpoch: this.partitionEpoch + 1,
    });
  }

  toRecord(topicId: Uuid, index: PartitionIndex, metadataVersion: MetadataVersion): MetadataRecord {
    const withElr = hasEligibleLeaderReplicas(metadataVersion);
    const withDirectories = hasDirectories(metadataVersion);
    return metadataRecord('PartitionRecord', withElr ? 2 : withDirectories ? 1 : 0, {
      partitionId: index,
      topicId,
      replicas: [...this.replicas],
      isr: [...this.isr],
      removingReplicas: [...this.removingReplicas],
      addingReplicas: [...this.addingReplicas],
      leader: this.leader,
      leaderRecoveryState: this.leaderRecoveryState,
      leaderEpoch: this.leaderEpoch,
      partitionEpoch: this.partitionEpoch,
      directories: withDirectories ? [...this.directories] : [],
      eligibleLeaderReplicas: withElr && this.elr.length > 0 ? [...this.elr] : null,
      lastKnownElr: withElr && this.lastKnownElr.length > 0 ? [...this.lastKnownElr] : null,
    });
  }

  /** The partition without eligible leader replicas. */
  withoutElr(): PartitionRegistration {
    return new PartitionRegistration({
      ...this,
      elr: NONE,
      lastKnownElr: NONE,
      partitionEpoch: this.partitionEpoch + 1,
    });
  }

  get hasLeader(): boolean {
    return this.leader !== NO_NODE;
  }

  get preferredLeader(): NodeId {
    return this.replicas[0] ?? NO_NODE;
  }

  get hasPreferredLeader(): boolean {
    return this.leader === this.preferredLeader;
  }

  get isReassigning(): boolean {
    return this.removingReplicas.length > 0 || this.addingReplicas.length > 0;
  }

  /** A change from before KIP-858 names no directories, also where it names replicas. */
  #directoriesAfter(
    { replicas, directories }: MetadataRecordValue<'PartitionChangeRecord'>,
    after: readonly NodeId[],
  ): readonly Uuid[] {
    if (directories !== null) return withMigrating(directories as Uuid[], after.length);
    if (replicas === null) return this.directories;
    return after.map(replica => this.directoryOf(replica) ?? MIGRATING_DIRECTORY);
  }

  equals(other: PartitionRegistration): boolean {
    return (
      this.partitionEpoch === other.partitionEpoch &&
      this.leaderEpoch === other.leaderEpoch &&
      this.leader === other.leader &&
      this.leaderRecoveryState === other.leaderRecoveryState &&
      sameList(this.replicas, other.replicas) &&
      sameList(this.directories, other.directories) &&
      sameList(this.isr, other.isr) &&
      sameList(this.elr, other.elr) &&
      sameList(this.lastKnownElr, other.lastKnownElr) &&
      sameList(this.removingReplicas, other.removingReplicas) &&
      sameList(this.addingReplicas, other.addingReplicas)
    );
  }

  /** The log directory of a replica; undefined for a node that is none. */
  directoryOf(replica: NodeId): Uuid | undefined {
    const position = this.replicas.indexOf(replica);
    return position < 0 ? undefined : this.directories[position];
  }
}

/** Whether both lists hold the same in the same order. */
export function sameList<T>(left: readonly T[], right: readonly T[]): boolean {
  return (
    left === right || (left.length === right.length && left.every((node, index) => node === right[index]))
  );
}

/** Empty lists are one and the same, and take no memory. */
function compact<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? NONE : list;
}

/** Records from before KIP-858 name no directories. */
function withMigrating(directories: readonly Uuid[], replicaCount: number): readonly Uuid[] {
  if (directories.length > 0 || replicaCount === 0) return directories;
  return new Array<Uuid>(replicaCount).fill(MIGRATING_DIRECTORY);
}

function asRecoveryState(value: number): LeaderRecoveryState {
  assert(value === 0 || value === 1, `${value} is no leader recovery state`);
  return value;
}
