import type { DescribeGroups, DescribeGroupsRequest } from '../messages/15_describe_groups.ts';
import { Errors } from '../model/error_codes.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { GROUP_OPERATIONS } from './authorized_operations.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

/** From this version on a group that is not there is an error. */
const FIRST_VERSION_WITH_NOT_FOUND = 6;

/** Describes classic groups with their members. */
export async function handleDescribeGroups(
  { groups: groupIds, includeAuthorizedOperations }: DescribeGroupsRequest,
  { apiVersion }: RequestContext,
  { groups }: BrokerServices,
): Promise<MessageInput<(typeof DescribeGroups)['response']>> {
  const described = await groups.describe(groupIds, apiVersion >= FIRST_VERSION_WITH_NOT_FOUND);
  if (!includeAuthorizedOperations) return { groups: described };
  return {
    groups: described.map(group =>
      group.errorCode === Errors.NONE ? { ...group, authorizedOperations: GROUP_OPERATIONS } : group,
    ),
  };
}
