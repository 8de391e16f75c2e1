/* The few requests that the bench sends itself, over the real network. */
import { NodeClock } from '../../src/io/node_clock.ts';
import { NodeNetwork } from '../../src/io/node_network.ts';
import { Metadata } from '../../src/messages/03_metadata.ts';
import { CreateTopics } from '../../src/messages/19_create_topics.ts';
import { DeleteTopics } from '../../src/messages/20_delete_topics.ts';
import { DescribeQuorum } from '../../src/messages/55_describe_quorum.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import type { Logger } from '../../src/model/ports.ts';
import { PeerClient } from '../../src/peers/peer_client.ts';
import type { Endpoint } from '../../src/peers/peer_sender.ts';

const QUIET: Logger = { debug() {}, info() {}, warn() {}, error() {}, with: () => QUIET };
const TIMEOUT_MS = 30_000;
const PROBE_TIMEOUT_MS = 1_000;
/** Later versions of DeleteTopics have another field for names. */
const LAST_DELETE_BY_NAME = 5;
const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';

export function createClient(): PeerClient {
  return new PeerClient({ network: new NodeNetwork(QUIET), clock: new NodeClock(), clientId: 'bench' });
}

const metadataRequest = (names: readonly string[]) => ({
  topics: names.map(name => ({ name, topicId: NO_ID })),
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
});

/** The brokers that a node names. */
export async function metadataOf(endpoint: Endpoint): Promise<readonly Endpoint[]> {
  const client = createClient();
  try {
    const response = await client.send(endpoint, Metadata, metadataRequest([]), {
      timeoutMs: PROBE_TIMEOUT_MS,
    });
    if (failed(response)) throw new Error(response.message);
    return response.brokers;
  } finally {
    client.close();
  }
}

export interface TopicOptions {
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** Makes a topic, and waits until every partition has a leader that all nodes know. */
export async function createTopic(
  bootstrap: readonly Endpoint[],
  name: string,
  { partitions, replicationFactor, configs = {} }: TopicOptions,
): Promise<void> {
  const client = createClient();
  try {
    const topic = {
      name,
      numPartitions: partitions,
      replicationFactor,
      assignments: [],
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    };
    const request = { topics: [topic], timeoutMs: TIMEOUT_MS, validateOnly: false };
    const response = await client.send(bootstrap[0]!, CreateTopics, request, { timeoutMs: TIMEOUT_MS });
    if (failed(response)) throw new Error(response.message);
    const [result] = response.topics;
    if (result?.errorCode !== Errors.NONE) throw new Error(`Cannot create ${name}: ${result?.errorMessage}`);
    for (const endpoint of bootstrap) {
      while (!(await isKnown(client, endpoint, { name, partitions }))) {
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    }
  } finally {
    client.close();
  }
}

async function isKnown(
  client: PeerClient,
  endpoint: Endpoint,
  { name, partitions }: { readonly name: string; readonly partitions: number },
): Promise<boolean> {
  const request = metadataRequest([name]);
  const response = await client.send(endpoint, Metadata, request, { timeoutMs: TIMEOUT_MS });
  if (failed(response)) throw new Error(response.message);
  const found = response.topics[0]?.partitions ?? [];
  return found.length === partitions && found.every(each => each.leaderId >= 0);
}

export async function deleteTopic(endpoint: Endpoint, name: string): Promise<void> {
  const client = createClient();
  try {
    const request = { topics: [], topicNames: [name], timeoutMs: TIMEOUT_MS };
    const options = { timeoutMs: TIMEOUT_MS, maxVersion: LAST_DELETE_BY_NAME };
    const response = await client.send(endpoint, DeleteTopics, request, options);
    if (failed(response)) throw new Error(response.message);
  } finally {
    client.close();
  }
}

/** The id of the active controller. */
export async function activeController(client: PeerClient, bootstrap: Endpoint): Promise<number> {
  const request = { topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }] };
  const response = await client.send(bootstrap, DescribeQuorum, request, { timeoutMs: TIMEOUT_MS });
  if (failed(response)) throw new Error(response.message);
  return response.topics[0]?.partitions[0]?.leaderId ?? -1;
}

export interface PartitionLeader {
  readonly partition: number;
  readonly endpoint: Endpoint;
}

/** Who leads the partitions of a topic, those that have a leader, and the topic's id. */
export async function leadersOf(
  client: PeerClient,
  bootstrap: Endpoint,
  name: string,
): Promise<{ readonly topicId: string; readonly leaders: readonly PartitionLeader[] }> {
  const request = metadataRequest([name]);
  const response = await client.send(bootstrap, Metadata, request, { timeoutMs: TIMEOUT_MS });
  if (failed(response)) throw new Error(response.message);
  const [topic] = response.topics;
  if (topic === undefined || topic.errorCode !== Errors.NONE) throw new Error(`There is no topic ${name}`);
  const leaders = topic.partitions.flatMap(({ partitionIndex: partition, leaderId }) => {
    const endpoint = response.brokers.find(broker => broker.nodeId === leaderId);
    return endpoint === undefined ? [] : [{ partition, endpoint }];
  });
  return { topicId: topic.topicId, leaders };
}
