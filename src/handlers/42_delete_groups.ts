import type { DeleteGroups, DeleteGroupsRequest } from '../messages/42_delete_groups.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

/** Deletes groups without members, with their offsets. */
export async function handleDeleteGroups(
  { groupsNames }: DeleteGroupsRequest,
  _context: RequestContext,
  { groups }: BrokerServices,
): Promise<MessageInput<(typeof DeleteGroups)['response']>> {
  return { throttleTimeMs: 0, results: await groups.delete(groupsNames) };
}
