import type { GroupClient } from '../group/classic_join.ts';
import type { RequestContext } from './request_context.ts';

/** Who asks, as groups remember their members: the address is written as Java does, which tools show. */
export function groupClient({ apiVersion, clientId, client }: RequestContext): GroupClient {
  return { apiVersion, clientId, clientHost: `/${client.host}` };
}
