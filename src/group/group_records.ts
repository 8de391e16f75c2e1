import type { CoordinatorRecord } from '../coordinator/coordinator_shard.ts';
import { LegacyOffsetCommitKey } from '../messages/group/00_legacy_offset_commit.ts';
import { OffsetCommitKey, OffsetCommitValue } from '../messages/group/01_offset_commit.ts';
import { GroupMetadataKey, GroupMetadataValue } from '../messages/group/02_group_metadata.ts';
import { type Failure, failed } from '../model/failure.ts';
import { asOffset, asUuid, type Offset } from '../model/ids.ts';
import {
  decodeRecordKey,
  decodeVersioned,
  encodeRecordKey,
  encodeVersioned,
  recordTypeOf,
} from '../protocol/stored.ts';
import type { ClassicGroup } from './classic_group.ts';
import type { CommittedOffset, StoredOffset } from './stored_offset.ts';

/*
 * The records of __consumer_offsets, in Kafka's formats, and in the versions that Kafka 4.3 writes.
 */

/** The only one that has an expiry of the client's own. */
const OFFSET_VERSION_WITH_EXPIRY = 1;
const OFFSET_VERSION = 4;
const GROUP_VERSION = 3;
const NO_TIMESTAMP = -1n;

/** Whose offset a record is of. */
export interface OffsetKey {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

export function offsetRecord(key: OffsetKey, committed: CommittedOffset): CoordinatorRecord {
  const { topicId, offset, leaderEpoch, metadata, commitTimestampMs, expireTimestampMs } = committed;
  const version = expireTimestampMs === undefined ? OFFSET_VERSION : OFFSET_VERSION_WITH_EXPIRY;
  return {
    key: encodeRecordKey(OffsetCommitKey, key),
    value: encodeVersioned(OffsetCommitValue, version, {
      offset,
      leaderEpoch,
      metadata,
      commitTimestamp: BigInt(commitTimestampMs),
      expireTimestamp: expireTimestampMs === undefined ? NO_TIMESTAMP : BigInt(expireTimestampMs),
      topicId,
    }),
  };
}

export function offsetTombstone(key: OffsetKey): CoordinatorRecord {
  return { key: encodeRecordKey(OffsetCommitKey, key), value: null };
}

/** The group as it is, with the members' assignments as given: those in the group are set when this is committed. */
export function groupRecord(
  group: ClassicGroup,
  assignments: ReadonlyMap<string, Buffer> = new Map(),
): CoordinatorRecord {
  const members = Array.from(group.members, member => ({
    memberId: member.id,
    groupInstanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeout: member.rebalanceTimeoutMs,
    sessionTimeout: member.sessionTimeoutMs,
    subscription: member.metadataOf(group.protocolName),
    assignment: assignments.get(member.id) ?? member.assignment,
  }));
  return {
    key: encodeRecordKey(GroupMetadataKey, { group: group.id }),
    value: encodeVersioned(GroupMetadataValue, GROUP_VERSION, {
      protocolType: group.protocolType ?? '',
      generation: group.generation,
      protocol: group.protocolName ?? null,
      leader: group.leaderId ?? null,
      currentStateTimestamp:
        group.stateTimestampMs === undefined ? NO_TIMESTAMP : BigInt(group.stateTimestampMs),
      members,
    }),
  };
}

/** A group that has no generation yet: that it exists is all that is known of it. */
export function newGroupRecord(group: ClassicGroup): CoordinatorRecord {
  return {
    key: encodeRecordKey(GroupMetadataKey, { group: group.id }),
    value: encodeVersioned(GroupMetadataValue, GROUP_VERSION, {
      protocolType: '',
      generation: 0,
      protocol: null,
      leader: null,
      currentStateTimestamp:
        group.stateTimestampMs === undefined ? NO_TIMESTAMP : BigInt(group.stateTimestampMs),
      members: [],
    }),
  };
}

export function groupTombstone(group: string): CoordinatorRecord {
  return { key: encodeRecordKey(GroupMetadataKey, { group }), value: null };
}

/** What a record says. */
export type GroupRecord =
  | { readonly kind: 'offset'; readonly key: OffsetKey; readonly value: StoredOffset | undefined }
  | { readonly kind: 'group'; readonly group: string; readonly value: GroupMetadataValue | undefined }
  /** Of a type that this version does not know: another one wrote it, and it is left in peace. */
  | { readonly kind: 'unknown' };

/**
 * Reads a record. Buffers in it are views of the record's.
 * @returns a failure for bytes that are no record of the type that they say
 */
export function readGroupRecord(
  { key, value }: CoordinatorRecord,
  recordOffset: Offset,
): GroupRecord | Failure {
  switch (recordTypeOf(key)) {
    case LegacyOffsetCommitKey.key:
    case OffsetCommitKey.key: {
      const offsetKey = decodeRecordKey(OffsetCommitKey, key);
      if (failed(offsetKey)) return offsetKey;
      const stored = value === null ? undefined : readStoredOffset(value, recordOffset);
      return failed(stored) ? stored : { kind: 'offset', key: offsetKey, value: stored };
    }
    case GroupMetadataKey.key: {
      const groupKey = decodeRecordKey(GroupMetadataKey, key);
      if (failed(groupKey)) return groupKey;
      const decoded = value === null ? undefined : decodeVersioned(GroupMetadataValue, value);
      if (failed(decoded)) return decoded;
      return { kind: 'group', group: groupKey.group, value: decoded?.value };
    }
    default:
      return { kind: 'unknown' };
  }
}

function readStoredOffset(bytes: Buffer, recordOffset: Offset): StoredOffset | Failure {
  const decoded = decodeVersioned(OffsetCommitValue, bytes);
  if (failed(decoded)) return decoded;
  const { topicId, offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp } = decoded.value;
  return {
    topicId: asUuid(topicId),
    offset: asOffset(offset),
    leaderEpoch,
    metadata,
    commitTimestampMs: Number(commitTimestamp),
    expireTimestampMs: expireTimestamp === NO_TIMESTAMP ? undefined : Number(expireTimestamp),
    recordOffset,
  };
}
