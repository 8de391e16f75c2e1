import type { Int64, ListQuery } from './common.ts';

/** `GET /api/v1/groups?…` → `Page<Group>`; at most some seconds old. */
export interface GroupsQuery extends ListQuery {
  /** `name` without it. */
  readonly sort?: 'name' | 'state' | 'members' | 'lag';
  /** Only those that read this topic. */
  readonly topic?: string;
}

/** Burrow's verdict: `unknown` before a group has a window of commits. */
export type GroupStatus = 'ok' | 'warn' | 'stop' | 'stall' | 'rewind' | 'unknown';

export interface Group {
  readonly id: string;
  readonly type: 'classic' | 'consumer' | string;
  readonly state: string;
  readonly members: number;
  readonly topics: readonly string[];
  /** Records behind in all partitions of which both ends are known. */
  readonly lag: Int64;
  /** The worst of its partitions. */
  readonly status: GroupStatus;
}

/** `GET /api/v1/groups/:id` */
export interface GroupDetails extends Group {
  readonly coordinator: number;
  readonly assignor: string;
  readonly memberDetails: readonly GroupMember[];
  readonly partitions: readonly GroupPartition[];
}

export interface GroupMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
}

export interface GroupPartition {
  readonly topic: string;
  readonly partition: number;
  /** Null where the group has committed none. */
  readonly offset: Int64 | null;
  readonly startOffset: Int64 | null;
  readonly endOffset: Int64 | null;
  readonly lag: Int64 | null;
  readonly status: GroupStatus;
  readonly memberId: string | null;
  readonly metadata: string | null;
}

/**
 * `POST /api/v1/groups/:id/reset` → {@link GroupReset}. Without `execute` it changes nothing and tells what would be:
 * that needs the role viewer alone. A group with members is refused with 409: they would commit over it.
 */
export interface GroupResetRequest {
  /** All topics that it has offsets in, without it. */
  readonly topics?: readonly { readonly topic: string; readonly partitions?: readonly number[] }[];
  /**
   * `shift`: so many records forth, or back where it is negative. `time`: to the first record of it or after it. `offset`:
   * to the nearest that is there.
   */
  readonly to:
    | 'start'
    | 'end'
    | { readonly offset: Int64 }
    | { readonly timeMs: number }
    | { readonly shift: Int64 };
  readonly execute?: boolean;
}

export interface GroupReset {
  readonly isExecuted: boolean;
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly from: Int64 | null;
    readonly to: Int64;
    /** The lag that it has then. */
    readonly lag: Int64;
    readonly error: string | null;
  }[];
}

/** `DELETE /api/v1/groups/:id` → 204: with its offsets; 409 while it has members. operator */

/** `POST /api/v1/groups/:id/delete-offsets` → Outcomes. operator */
export interface DeleteOffsetsRequest {
  /** All partitions of the topic without them. */
  readonly topics: readonly { readonly topic: string; readonly partitions?: readonly number[] }[];
}
