import type { JoinGroup, JoinGroupRequest } from '../messages/11_join_group.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import { groupClient } from './group_client.ts';
import type { RequestContext } from './request_context.ts';

/** From this version on there may be no protocol name; before, it is empty then. */
const FIRST_VERSION_WITHOUT_NAME = 7;

/** Joins a classic group; answered when the group has its members. */
export async function handleJoinGroup(
  request: JoinGroupRequest,
  context: RequestContext,
  { groups }: BrokerServices,
): Promise<MessageInput<(typeof JoinGroup)['response']>> {
  const response = await groups.join(request, groupClient(context));
  if (context.apiVersion >= FIRST_VERSION_WITHOUT_NAME) return response;
  return { ...response, protocolName: response.protocolName ?? '' };
}
