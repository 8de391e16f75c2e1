import type { NodeId } from '../model/ids.ts';
import { METADATA_PARTITION, METADATA_TOPIC } from './quorum_settings.ts';
import type { NamedEndpoint } from './voter_set.ts';

/*
 * The quorum's requests and responses can name many partitions, and always name one: that of the metadata log.
 */

/** How a request came in. */
export interface RequestContext {
  readonly version: number;
  /** The name of the listener that it came in by; without it: the first of the quorum's. */
  readonly listenerName?: string;
}

/** The `topics` of a message about the metadata log. */
export function metadataTopics<Partition extends object>(partition: Partition) {
  return [{ topicName: METADATA_TOPIC, partitions: [{ partitionIndex: METADATA_PARTITION, ...partition }] }];
}

/** What a message says of the metadata log; undefined when it is about others, or about more. */
export function metadataPartitionOf<Partition extends { readonly partitionIndex: number }>(
  topics: readonly { readonly topicName: string; readonly partitions: readonly Partition[] }[],
): Partition | undefined {
  const [topic] = topics;
  if (topics.length !== 1 || topic?.topicName !== METADATA_TOPIC || topic.partitions.length !== 1)
    return undefined;
  const [partition] = topic.partitions;
  return partition?.partitionIndex === METADATA_PARTITION ? partition : undefined;
}

/** Where the leader is reached by who asked, for the `nodeEndpoints` of a response. */
export function leaderEndpoint(
  leader: { readonly leaderId: NodeId | undefined; readonly leaderEndpoints: readonly NamedEndpoint[] },
  context: RequestContext,
): { nodeId: NodeId; host: string; port: number } | undefined {
  const { leaderId, leaderEndpoints } = leader;
  const { listenerName } = context;
  const endpoint =
    listenerName === undefined
      ? leaderEndpoints[0]
      : leaderEndpoints.find(each => each.name === listenerName);
  if (leaderId === undefined || endpoint === undefined) return undefined;
  return { nodeId: leaderId, host: endpoint.host, port: endpoint.port };
}

/** The endpoints of the leader that a response names, as one of the quorum's listener. */
export function endpointsFromResponse(
  leaderId: number,
  nodeEndpoints: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[],
  listenerName: string,
): readonly NamedEndpoint[] {
  return nodeEndpoints
    .filter(each => each.nodeId === leaderId && each.host !== '' && each.port > 0)
    .slice(0, 1)
    .map(({ host, port }) => ({ name: listenerName, host, port }));
}
