import type { JoinGroupResponse } from '../messages/11_join_group.ts';
import type { SyncGroupResponse } from '../messages/14_sync_group.ts';
import type { ErrorCode } from '../model/error_codes.ts';
import type { MessageInput } from '../protocol/schema.ts';

export type JoinResponse = MessageInput<typeof JoinGroupResponse>;
export type SyncResponse = MessageInput<typeof SyncGroupResponse>;

/** Answers a request that may have to wait; to be called once. */
export type Respond<Response> = (response: Response) => void;

const NOTHING = Buffer.alloc(0);

export function joinRefused(memberId: string, errorCode: ErrorCode): JoinResponse {
  return { errorCode, memberId, protocolName: null, leader: '', members: [] };
}

export function syncRefused(errorCode: ErrorCode): SyncResponse {
  return { errorCode, assignment: NOTHING };
}
