import type { Heartbeat, HeartbeatRequest } from '../messages/12_heartbeat.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

/** Keeps a member of a classic group alive, and tells it of rebalances. */
export async function handleHeartbeat(
  request: HeartbeatRequest,
  _context: RequestContext,
  { groups }: BrokerServices,
): Promise<MessageInput<(typeof Heartbeat)['response']>> {
  return { errorCode: await groups.heartbeat(request) };
}
