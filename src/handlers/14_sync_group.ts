import { syncRefused } from '../group/classic_responses.ts';
import type { SyncGroup, SyncGroupRequest } from '../messages/14_sync_group.ts';
import { Errors } from '../model/error_codes.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

/** From this version on a member says which protocol it takes part in, so that a mix-up is found. */
const FIRST_VERSION_WITH_PROTOCOL = 5;

/** Hands in or collects the assignment of a classic group; answered when the leader has made it. */
export async function handleSyncGroup(
  request: SyncGroupRequest,
  { apiVersion }: RequestContext,
  { groups }: BrokerServices,
): Promise<MessageInput<(typeof SyncGroup)['response']>> {
  const { protocolType, protocolName } = request;
  const isMissing = protocolType === null || protocolName === null;
  if (apiVersion >= FIRST_VERSION_WITH_PROTOCOL && isMissing) {
    return syncRefused(Errors.INCONSISTENT_GROUP_PROTOCOL);
  }
  return groups.sync(request);
}
