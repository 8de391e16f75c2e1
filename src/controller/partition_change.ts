import { asNodeId, NO_NODE, type NodeId, type PartitionIndex, type Uuid } from '../model/ids.ts';
import {
  LeaderRecoveryState,
  NO_LEADER_CHANGE,
  type PartitionRegistration,
  sameList,
} from './image/partition_registration.ts';
import { type MetadataRecord, type MetadataRecordValue, metadataRecord } from './metadata_record.ts';
import {
  hasDirectories,
  hasEligibleLeaderReplicas,
  type MetadataVersion,
  needsLeaderEpochForIsrShrink,
} from './metadata_version.ts';

/*
 * Every change of a partition: who is in sync, who may lead, who leads (KIP-455, KIP-704, KIP-966). Pure: the same
 * inputs give the same record. In the order of its steps:
 *
 *   1. A reassignment is complete when what it adds is in sync, and everything if it removes more than it adds: then
 *      what it removes leaves replicas and ISR.
 *   2. ELR: while the ISR is below min.insync.replicas, who leaves it stays eligible (but for who lost its log); at
 *      min.insync.replicas there is none.
 *   3. Election: the leader stays if it may; else the first replica that may: one in sync, or, when nobody is in sync,
 *      an eligible one, or the last leader that is known, or, for an unclean election, any that is up. The last two
 *      are alone in sync, and recover. Where one is enough for min.insync.replicas, nobody stays eligible beside it.
 *      Of a last leader that has lost its disk nothing is known any more. (Kafka elects it, with an empty log.)
 *   4. A new leader epoch when the leader changes, or a replica leaves the assignment.
 */

/**
 * `online`: only when the leader can't go on. `preferred`: the first replica, if it may lead. `unclean`: as `online`,
 * and any replica that is up when nothing else helps.
 */
export type Election = 'online' | 'preferred' | 'unclean';

/** What the partition shall be; what is not named stays. */
export interface PartitionTarget {
  readonly isr?: readonly NodeId[];
  readonly replicas?: readonly NodeId[];
  readonly removingReplicas?: readonly NodeId[];
  readonly addingReplicas?: readonly NodeId[];
  readonly leaderRecoveryState?: LeaderRecoveryState;
  /** The log directory of a replica, where it changes. */
  readonly directory?: { readonly replica: NodeId; readonly directory: Uuid };
}

export interface PartitionChangeInput {
  readonly topicId: Uuid;
  readonly index: PartitionIndex;
  readonly partition: PartitionRegistration;
  readonly target: PartitionTarget;
  readonly election: Election;
  /** Whether a replica is up, as far as leading goes. */
  readonly canLead: (replica: NodeId) => boolean;
  /** Where a replica without a directory goes. */
  readonly defaultDirectory: (replica: NodeId) => Uuid;
  /** `min.insync.replicas` of the topic, at most its number of replicas. */
  readonly minIsr: number;
  readonly elrEnabled: boolean;
  /** Replicas that may have lost the end of their logs. */
  readonly uncleanReplicas: readonly NodeId[];
  /** Of those, the ones that have nothing any more. */
  readonly emptyReplicas?: readonly NodeId[];
  readonly metadataVersion: MetadataVersion;
}

type Change = MetadataRecordValue<'PartitionChangeRecord'>;

interface Elected {
  readonly leader: NodeId;
  readonly isUnclean: boolean;
}

const NOBODY: Elected = { leader: NO_NODE, isUnclean: false };

/** @returns the record that makes the change; undefined when there is nothing to change */
export function partitionChange(input: PartitionChangeInput): MetadataRecord | undefined {
  const { partition, metadataVersion } = input;
  const change = unchanged(input);
  const { replicas, removing, adding, isr } = targets(input);
  let targetIsr = isr;
  let elr = eligibleReplicas(input, { isr: targetIsr, replicas });
  const elected = elect(input, { isr: targetIsr, elr, replicas });
  if (elected.leader !== partition.leader) {
    change.leader = elected.leader;
    if (elected.isUnclean || elr.includes(elected.leader)) targetIsr = [elected.leader];
    elr = elected.isUnclean ? [] : elr.filter(replica => replica !== elected.leader);
    // Who leads alone, and may, commits what the others do not have. (Kafka keeps them until the next change.)
    if (targetIsr.length >= input.minIsr) elr = [];
  } else if (replicas !== partition.replicas && partition.replicas.some(each => !replicas.includes(each))) {
    change.leader = partition.leader;
  }
  if (!input.elrEnabled) elr = [];
  if (!sameList(elr, partition.elr)) change.eligibleLeaderReplicas = [...elr];
  // Without eligible replicas the last one in sync stays: who else would ever lead again?
  const mayChangeIsr = targetIsr.length > 0 || input.elrEnabled;
  if (mayChangeIsr && !sameList(targetIsr, partition.isr)) {
    change.isr = [...targetIsr];
    const shrinks = partition.isr.some(replica => !targetIsr.includes(replica));
    if (shrinks && change.leader === NO_LEADER_CHANGE && needsLeaderEpochForIsrShrink(metadataVersion)) {
      change.leader = partition.leader;
    }
  }
  setLastKnownLeader(input, change);
  setAssignment(input, change, { replicas, removing, adding });
  setRecoveryState(input, change, elected);
  return isChange(change)
    ? metadataRecord('PartitionChangeRecord', changeRecordVersion(metadataVersion), change)
    : undefined;
}

export function changeRecordVersion(metadataVersion: MetadataVersion): number {
  if (hasEligibleLeaderReplicas(metadataVersion)) return 2;
  return hasDirectories(metadataVersion) ? 1 : 0;
}

function unchanged({ topicId, index }: PartitionChangeInput): Change {
  return {
    partitionId: index,
    topicId,
    isr: null,
    leader: NO_LEADER_CHANGE,
    replicas: null,
    removingReplicas: null,
    addingReplicas: null,
    leaderRecoveryState: -1,
    directories: null,
    eligibleLeaderReplicas: null,
    lastKnownElr: null,
  };
}

function isChange(change: Change): boolean {
  return (
    change.leader !== NO_LEADER_CHANGE ||
    change.leaderRecoveryState !== -1 ||
    change.isr !== null ||
    change.replicas !== null ||
    change.removingReplicas !== null ||
    change.addingReplicas !== null ||
    change.directories !== null ||
    change.eligibleLeaderReplicas !== null ||
    change.lastKnownElr !== null
  );
}

interface Assignment {
  readonly replicas: readonly NodeId[];
  readonly removing: readonly NodeId[];
  readonly adding: readonly NodeId[];
}

/** What is asked for, with the reassignment ended if that completes it. */
function targets({ partition, target }: PartitionChangeInput): Assignment & { isr: readonly NodeId[] } {
  const asked = {
    isr: target.isr ?? partition.isr,
    replicas: target.replicas ?? partition.replicas,
    removing: target.removingReplicas ?? partition.removingReplicas,
    adding: target.addingReplicas ?? partition.addingReplicas,
  };
  if (asked.removing.length === 0 && asked.adding.length === 0) return asked;
  const stays = (replica: NodeId) => !asked.removing.includes(replica);
  const replicas = asked.replicas.filter(stays);
  const isr = asked.isr.filter(stays);
  const isInSync = (replica: NodeId) => isr.includes(replica);
  // What an earlier reassignment was adding, and this one removes, need not come. (Kafka waits for it for ever.)
  const adding = asked.adding.filter(stays);
  // With no more replicas afterwards than those in sync it would be fragile: then all of them have to be in sync.
  const isEnough = adding.length >= asked.removing.length || replicas.every(isInSync);
  const isComplete = isr.length > 0 && replicas.length > 0 && adding.every(isInSync) && isEnough;
  return isComplete ? { isr, replicas, removing: [], adding: [] } : asked;
}

function eligibleReplicas(
  input: PartitionChangeInput,
  { isr, replicas }: Pick<Electorate, 'isr' | 'replicas'>,
): readonly NodeId[] {
  const { partition, uncleanReplicas, minIsr, elrEnabled } = input;
  if (!elrEnabled) return partition.elr;
  if (isr.length >= minIsr) return [];
  const candidates = new Set([...partition.elr, ...partition.isr]);
  // Who leaves the assignment deletes its log: it must not be eligible when it is assigned again. (Kafka keeps it.)
  return [...candidates]
    .filter(replica => replicas.includes(replica))
    .filter(replica => !isr.includes(replica) && !uncleanReplicas.includes(replica))
    .sort((left, right) => left - right);
}

interface Electorate {
  readonly isr: readonly NodeId[];
  readonly elr: readonly NodeId[];
  readonly replicas: readonly NodeId[];
}

function elect(input: PartitionChangeInput, { isr, elr, replicas }: Electorate): Elected {
  const { partition, election, canLead } = input;
  const eligible = isr.length > 0 ? isr : elr;
  const mayLead = (replica: NodeId) => eligible.includes(replica) && canLead(replica);
  const clean = (leader: NodeId): Elected => ({ leader, isUnclean: false });
  const preferred = replicas[0] ?? NO_NODE;
  if (election === 'preferred' && mayLead(preferred)) return clean(preferred);
  if (mayLead(partition.leader)) return clean(partition.leader);
  const next = replicas.find(mayLead);
  if (next !== undefined) return clean(next);
  const lastLeader = lastKnownLeader(input, isr.length + elr.length);
  if (lastLeader !== undefined) return { leader: lastLeader, isUnclean: true };
  const any = election === 'unclean' ? replicas.find(canLead) : undefined;
  return any === undefined ? NOBODY : { leader: any, isUnclean: true };
}

/** Who led last, when nobody has all the data any more and this is known: it has the most. */
function lastKnownLeader(input: PartitionChangeInput, eligibleCount: number): NodeId | undefined {
  const { partition, elrEnabled, canLead } = input;
  const [last] = partition.lastKnownElr;
  if (!elrEnabled || eligibleCount > 0 || last === undefined || partition.lastKnownElr.length > 1) {
    return undefined;
  }
  return canLead(last) ? last : undefined;
}

function setLastKnownLeader(
  { partition, elrEnabled, emptyReplicas = [] }: PartitionChangeInput,
  change: Change,
): void {
  if (!elrEnabled) return;
  const before = partition.lastKnownElr;
  let after = before;
  if (change.leader === NO_NODE && partition.hasLeader && before.length === 0) after = [partition.leader];
  else if (change.leader >= 0) after = [];
  after = after.filter(replica => !emptyReplicas.includes(replica));
  if (!sameList(after, before)) change.lastKnownElr = [...after];
}

function setAssignment(input: PartitionChangeInput, change: Change, assignment: Assignment): void {
  const { partition, target, metadataVersion, defaultDirectory } = input;
  const { replicas, removing, adding } = assignment;
  // Most changes leave the assignment alone, and come in thousands when a broker is lost.
  const isUntouched = replicas === partition.replicas && target.directory === undefined;
  if (!isUntouched && hasDirectories(metadataVersion)) {
    const directories = replicas.map(replica => {
      if (target.directory?.replica === replica) return target.directory.directory;
      return partition.directoryOf(replica) ?? defaultDirectory(replica);
    });
    if (!sameList(directories, partition.directories)) change.directories = directories;
  }
  if (!sameList(replicas, partition.replicas)) change.replicas = [...replicas];
  if (!sameList(removing, partition.removingReplicas)) change.removingReplicas = [...removing];
  if (!sameList(adding, partition.addingReplicas)) change.addingReplicas = [...adding];
}

function setRecoveryState(
  { partition, target }: PartitionChangeInput,
  change: Change,
  elected: Elected,
): void {
  const before = partition.leaderRecoveryState;
  const isNewUncleanLeader = elected.isUnclean && elected.leader !== partition.leader;
  const asked = target.leaderRecoveryState ?? before;
  const after = asked === before && isNewUncleanLeader ? LeaderRecoveryState.recovering : asked;
  if (after !== before) change.leaderRecoveryState = after;
}

/** The ids of a request, which are plain numbers, as nodes. */
export const asNodes = (ids: readonly number[]): NodeId[] => ids.map(asNodeId);
