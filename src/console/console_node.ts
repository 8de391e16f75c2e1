import type { BrokerParts } from '../broker/broker_parts.ts';
import type { ClientPorts } from '../client/client_options.ts';
import { ClusterClient } from '../client/cluster_client.ts';
import type { MetadataImage } from '../controller/image/metadata_image.ts';
import type { TopicImage } from '../controller/image/topics_image.ts';
import type { PartitionIndex } from '../model/ids.ts';
import type { Monitor } from '../monitor/monitor.ts';
import type { HostPort } from '../settings/address.ts';
import { Refusal } from './refusal.ts';

export interface ConsoleNodeOptions {
  readonly monitor: Monitor;
  readonly ports: ClientPorts;
  /** Where this node listens for HTTP. */
  readonly httpAddresses: () => readonly HostPort[];
}

/** People wait for the answer: what takes longer than this fails. */
const TIMEOUTS = { apiTimeoutMs: 15_000, requestTimeoutMs: 10_000, connectTimeoutMs: 3_000 };

/** The node as its routes use it: what it knows of the cluster, and a client for what others know. */
export class ConsoleNode {
  readonly monitor: Monitor;
  readonly ports: ClientPorts;
  readonly httpAddresses: () => readonly HostPort[];
  #client: ClusterClient | undefined;
  #isClosed = false;

  constructor({ httpAddresses, monitor, ports }: ConsoleNodeOptions) {
    this.monitor = monitor;
    this.ports = ports;
    this.httpAddresses = httpAddresses;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @throws {Refusal} while the node starts */
  get parts(): BrokerParts {
    const { parts } = this.monitor;
    if (parts !== undefined) return parts;
    throw new Refusal(503, this.monitor.readiness().reasons[0] ?? 'The node is starting: ask again');
  }

  get image(): MetadataImage {
    return this.parts.metadata.image;
  }

  /** Of the listener by which brokers talk to each other. */
  get listenerName(): string {
    return this.parts.node.current.interBrokerListenerName;
  }

  /**
   * A client of the cluster, which finds its brokers by what the metadata says when it is first wanted.
   * @throws {Refusal} while there is no broker
   */
  get client(): ClusterClient {
    if (this.#isClosed) throw new Refusal(503, 'The node is shutting down');
    if (this.#client === undefined) {
      const { listenerName } = this;
      const places = [...this.image.cluster.brokers.values()].flatMap(({ listeners }) =>
        listeners.filter(({ name }) => name === listenerName),
      );
      if (places.length === 0) throw new Refusal(503, 'No broker has registered yet: ask again');
      this.#client = new ClusterClient({
        ports: this.ports,
        bootstrapServers: places,
        clientId: 'odradek-console',
        timeouts: TIMEOUTS,
      });
    }
    return this.#client;
  }

  /** @throws {Refusal} 404 */
  topic(name: string): TopicImage {
    const topic = this.image.topics.byName(name);
    if (topic !== undefined) return topic;
    throw new Refusal(404, `There is no topic "${name.slice(0, 250)}"`, 'UNKNOWN_TOPIC_OR_PARTITION');
  }

  /** @throws {Refusal} 404 */
  partition(
    topic: TopicImage,
    index: number,
  ): { readonly topic: string; readonly partition: PartitionIndex } {
    if (index < topic.partitions.length) return { topic: topic.name, partition: index as PartitionIndex };
    const text = `The topic "${topic.name}" has no partition ${index}: it has ${topic.partitions.length}, from 0`;
    throw new Refusal(404, text, 'UNKNOWN_TOPIC_OR_PARTITION');
  }

  close(): void {
    this.#isClosed = true;
    this.#client?.close();
  }
}
