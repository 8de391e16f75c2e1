import type { ListGroups, ListGroupsRequest } from '../messages/16_list_groups.ts';
import { Errors } from '../model/error_codes.ts';
import { failed } from '../model/failure.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

/** Lists the groups that this broker coordinates. */
export async function handleListGroups(
  { statesFilter, typesFilter }: ListGroupsRequest,
  _context: RequestContext,
  { groups }: BrokerServices,
): Promise<MessageInput<(typeof ListGroups)['response']>> {
  const listed = await groups.list(statesFilter, typesFilter);
  if (failed(listed)) return { errorCode: listed.code, groups: [] };
  return { errorCode: Errors.NONE, groups: listed };
}
