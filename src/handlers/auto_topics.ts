import { CreateTopics } from '../messages/19_create_topics.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { failed } from '../model/failure.ts';
import { GROUP_OFFSETS_TOPIC, isInternalTopic } from '../model/topic_name.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerSettings } from '../settings/broker_settings.ts';
import type { ControllerChannel } from './controller_channel.ts';

type CreatableTopic = MessageInput<(typeof CreateTopics)['request']>['topics'][number];

export interface AutoTopicsOptions {
  readonly controller: ControllerChannel;
  readonly settings: () => BrokerSettings;
  /** How many brokers the cluster has, or is about to have. */
  readonly brokerCount: () => number;
  /** Resolves when this broker has acted on all that the controller has decided. */
  readonly settled: () => Promise<void>;
  /** Whether this broker's metadata has the topic. */
  readonly isKnown: (topic: string) => boolean;
}

/** The controller takes no longer than this for a topic, or the client tries again. */
const CREATE_TIMEOUT_MS = 10_000;

/** Creates topics when they are first asked for: those of users, if the settings allow it, and the internal ones. */
export class AutoTopics {
  readonly #options: AutoTopicsOptions;
  /** Creations under way: who asks meanwhile waits for the same. */
  readonly #pending = new Map<string, Promise<ErrorCode>>();

  constructor(options: AutoTopicsOptions) {
    this.#options = options;
  }

  /**
   * Creates topics and waits for them.
   * @returns the errors of those that could not be created: with LEADER_NOT_AVAILABLE the client tries again
   */
  async create(topics: readonly string[]): Promise<Map<string, ErrorCode>> {
    const missing = topics.filter(topic => !this.#pending.has(topic));
    if (missing.length > 0) {
      const created = this.#create(missing);
      for (const topic of missing) {
        const one = created.then(errors => errors.get(topic) ?? Errors.NONE);
        this.#pending.set(topic, one);
        void one.then(() => this.#pending.delete(topic));
      }
    }
    const errors = new Map<string, ErrorCode>();
    for (const topic of topics) {
      const error = (await this.#pending.get(topic)) ?? Errors.NONE;
      if (error !== Errors.NONE) errors.set(topic, error);
    }
    return errors;
  }

  async #create(topics: readonly string[]): Promise<Map<string, ErrorCode>> {
    const request = { topics: topics.map(topic => this.#creatable(topic)), timeoutMs: CREATE_TIMEOUT_MS };
    const response = await this.#options.controller.send(CreateTopics, request, CREATE_TIMEOUT_MS);
    await this.#options.settled();
    const errors = new Map<string, ErrorCode>();
    for (const topic of topics) {
      const code = failed(response)
        ? response.code
        : (response.topics.find(each => each.name === topic)?.errorCode ?? Errors.NONE);
      if (code === Errors.NONE || code === Errors.TOPIC_ALREADY_EXISTS) {
        if (!this.#options.isKnown(topic)) errors.set(topic, Errors.LEADER_NOT_AVAILABLE);
      } else errors.set(topic, toldToClient(code as ErrorCode));
    }
    return errors;
  }

  #creatable(topic: string): CreatableTopic {
    const settings = this.#options.settings();
    const user = { name: topic, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] };
    if (!isInternalTopic(topic)) return user;
    const internal = (numPartitions: number, factor: number, segmentBytes: number) => ({
      ...user,
      numPartitions,
      // Kafka's defaults want three brokers: a cluster that will never have them still needs its groups.
      replicationFactor: Math.min(factor, Math.max(1, this.#options.brokerCount())),
      configs: [
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'compression.type', value: 'producer' },
        { name: 'segment.bytes', value: String(segmentBytes) },
      ],
    });
    if (topic === GROUP_OFFSETS_TOPIC) {
      const { offsetsTopicNumPartitions, offsetsTopicReplicationFactor, offsetsTopicSegmentBytes } = settings;
      return internal(offsetsTopicNumPartitions, offsetsTopicReplicationFactor, offsetsTopicSegmentBytes);
    }
    return user;
  }
}

/** What a client that only asked for a topic can make something of. */
function toldToClient(code: ErrorCode): ErrorCode {
  switch (code) {
    case Errors.INVALID_TOPIC_EXCEPTION:
    case Errors.INVALID_REPLICATION_FACTOR:
    case Errors.POLICY_VIOLATION:
      return code;
    default:
      return Errors.LEADER_NOT_AVAILABLE;
  }
}
