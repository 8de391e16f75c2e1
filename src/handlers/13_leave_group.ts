import type { LeaveGroup, LeaveGroupRequest } from '../messages/13_leave_group.ts';
import { Errors } from '../model/error_codes.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

/** From this version on several members leave at once. */
const FIRST_VERSION_WITH_MEMBERS = 3;

/** Takes members out of a classic group. */
export async function handleLeaveGroup(
  { groupId, memberId, members }: LeaveGroupRequest,
  { apiVersion }: RequestContext,
  { groups }: BrokerServices,
): Promise<MessageInput<(typeof LeaveGroup)['response']>> {
  if (apiVersion >= FIRST_VERSION_WITH_MEMBERS) return groups.leave(groupId, members);
  const { errorCode, members: left } = await groups.leave(groupId, [
    { memberId, groupInstanceId: null, reason: null },
  ]);
  return { errorCode: errorCode === Errors.NONE ? left[0]!.errorCode : errorCode, members: [] };
}
