import assert from 'node:assert/strict';
import { Controller } from '../../src/controller/controller.ts';
import { FEATURES } from '../../src/controller/features.ts';
import type { PartitionRegistration } from '../../src/controller/image/partition_registration.ts';
import type { TopicImage } from '../../src/controller/image/topics_image.ts';
import { MetadataPublisher } from '../../src/controller/metadata_publisher.ts';
import type { MetadataRecord } from '../../src/controller/metadata_record.ts';
import type { CreateTopicsResponse } from '../../src/messages/19_create_topics.ts';
import { CreateTopicsRequest } from '../../src/messages/19_create_topics.ts';
import { BrokerRegistrationRequest } from '../../src/messages/62_broker_registration.ts';
import { BrokerHeartbeatRequest } from '../../src/messages/63_broker_heartbeat.ts';
import { Failure } from '../../src/model/failure.ts';
import { asNodeId, type NodeId } from '../../src/model/ids.ts';
import { decode, encodeToBuffer } from '../../src/protocol/codec.ts';
import type { Message, MessageInput, MessageOf } from '../../src/protocol/schema.ts';
import { parseVersions } from '../../src/protocol/versions.ts';
import { loadConfiguration } from '../../src/settings/configuration.ts';
import { DynamicSettings } from '../../src/settings/dynamic_settings.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { MemoryQuorum } from './memory_quorum.ts';

export const CLUSTER_ID = 'AAECAwQFBgcICQoLDA0ODw';
const NODE = 1;

/** A request as it comes out of the decoder: with every field. */
export function request<M extends Message>(
  message: M,
  input: MessageInput<M>,
  version?: number,
): MessageOf<M> {
  const used = version ?? parseVersions(message.versions).highest;
  const decoded = decode(message, used, encodeToBuffer(message, used, input));
  assert.ok(!(decoded instanceof Failure), String(decoded));
  return decoded;
}

/** Encodes what was answered: it has to fit the newest version of its message. */
export function answered<M extends Message>(message: M, answer: MessageInput<M> | Failure): MessageOf<M> {
  assert.ok(!(answer instanceof Failure), String(answer));
  return request(message, answer);
}

export const directoryOf = (broker: number, index = 0): string =>
  Buffer.alloc(16, `directory ${broker} ${index}`).toString('base64url');
export const incarnationOf = (broker: number, run = 0): string =>
  Buffer.alloc(16, `process ${broker} ${run}`).toString('base64url');

export interface BrokerOptions {
  readonly rack?: string;
  readonly run?: number;
  readonly directories?: number;
  /** The index of its first log directory: another one is another disk. */
  readonly firstDirectory?: number;
  readonly previousEpoch?: bigint;
  /** The logs that it says are whole. */
  readonly wholeLogs?: readonly { readonly topicId: string; readonly partitions: readonly number[] }[];
  readonly version?: number;
}

export interface HarnessOptions {
  readonly settings?: readonly string[];
  readonly formatted?: readonly MetadataRecord[];
  readonly voterIds?: readonly number[];
}

/** One node that may lead the quorum, and brokers that are made up. */
export class Harness {
  readonly quorum = new MemoryQuorum(NODE);
  readonly time = new SimulatedTime();
  readonly clock = new SimulatedClock(this.time);
  readonly logger = new SimulatedLogger(this.clock);
  readonly failures: Failure[] = [];
  readonly publisher: MetadataPublisher;
  readonly controller: Controller;
  readonly #epochs = new Map<number, bigint>();
  /** The brokers that send heartbeats when time passes. */
  readonly #alive = new Set<number>();

  constructor({ settings = [], formatted, voterIds = [NODE] }: HarnessOptions = {}) {
    const { quorum, clock, logger } = this;
    const configuration = loadConfiguration({
      overrides: ['node.id=1', 'metadata.max.idle.interval.ms=0', ...settings],
      hostname: 'test',
    });
    assert.ok('settings' in configuration, String(configuration));
    const node = new DynamicSettings(configuration);
    this.publisher = new MetadataPublisher({
      quorum,
      clock,
      logger,
      settings: { maxBytesBetweenSnapshots: 1 << 30, maxSnapshotIntervalMs: 0 },
      stop: failure => this.failures.push(failure),
    });
    this.controller = new Controller({
      publisher: this.publisher,
      quorum,
      clusterId: CLUSTER_ID,
      clock,
      random: new SeededRandom(1),
      logger,
      node,
      voterIds: () => voterIds.map(asNodeId),
      kraftVersion: () => 1,
      formatted,
    });
    this.publisher.subscribe(this.controller);
    this.publisher.start();
  }

  /** Makes this node the leader, with what it writes first committed. */
  async lead(): Promise<this> {
    this.quorum.elect(NODE);
    await this.settle();
    return this;
  }

  /** Lets promises run to their end. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }

  get image() {
    return this.publisher.image;
  }

  topic(name: string): TopicImage {
    const topic = this.image.topics.byName(name);
    assert.ok(topic !== undefined, `topic ${name}`);
    return topic;
  }

  partition(name: string, index = 0): PartitionRegistration {
    const partition = this.topic(name).partitions[index];
    assert.ok(partition !== undefined, `${name}-${index}`);
    return partition;
  }

  broker(id: number) {
    const broker = this.image.cluster.brokers.get(asNodeId(id));
    assert.ok(broker !== undefined, `broker ${id}`);
    return broker;
  }

  epochOf(id: number): bigint {
    return this.#epochs.get(id) ?? -1n;
  }

  registration(id: number, options: BrokerOptions = {}): MessageInput<typeof BrokerRegistrationRequest> {
    return {
      brokerId: id,
      clusterId: CLUSTER_ID,
      incarnationId: incarnationOf(id, options.run),
      listeners: [{ name: 'PLAINTEXT', host: 'test', port: 9092 + id, securityProtocol: 0 }],
      features: FEATURES.map(feature => ({
        name: feature.name,
        minSupportedVersion: feature.lowest,
        maxSupportedVersion: feature.highest,
      })),
      rack: options.rack ?? null,
      logDirs: Array.from({ length: options.directories ?? 1 }, (_, index) =>
        directoryOf(id, (options.firstDirectory ?? 0) + index),
      ),
      previousBrokerEpoch: options.previousEpoch ?? -1n,
      wholeLogs: options.wholeLogs ?? [],
    };
  }

  /** Registers a broker; it stays fenced. @returns its epoch */
  async register(id: number, options: BrokerOptions = {}): Promise<bigint> {
    const registration = request(BrokerRegistrationRequest, this.registration(id, options), options.version);
    const answer = await this.controller.registerBroker(registration, options.version ?? 4);
    assert.ok(!(answer instanceof Failure), String(answer));
    const epoch = answer.brokerEpoch ?? -1n;
    this.#epochs.set(id, epoch);
    return epoch;
  }

  async heartbeat(id: number, rest: Partial<MessageInput<typeof BrokerHeartbeatRequest>> = {}) {
    const heartbeat = request(BrokerHeartbeatRequest, {
      brokerId: id,
      brokerEpoch: this.epochOf(id),
      currentMetadataOffset: this.image.lastOffset,
      wantFence: false,
      wantShutDown: false,
      ...rest,
    });
    const answer = await this.controller.heartbeat(heartbeat);
    assert.ok(!(answer instanceof Failure), String(answer));
    return answer;
  }

  /** Registers brokers and lets them in; from now on they send heartbeats. */
  async start(ids: readonly number[], options: BrokerOptions = {}): Promise<void> {
    for (const id of ids) {
      await this.register(id, options);
      await this.heartbeat(id);
      assert.equal(this.broker(id).fenced, false);
      this.#alive.add(id);
    }
  }

  /** The broker's process ends: it is not heard of any more. */
  kill(id: number): void {
    this.#alive.delete(id);
  }

  /** Lets time pass, with heartbeats of those alive. */
  async pass(ms: number, stepMs = 400): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      await this.time.advance(Math.min(stepMs, ms - passed));
      for (const id of this.#alive) if (this.controller.isActive) await this.heartbeat(id);
      await this.settle();
    }
  }

  async createTopics(
    topics: readonly Partial<MessageInput<typeof CreateTopicsRequest>['topics'][number]>[],
    validateOnly = false,
  ): Promise<MessageInput<typeof CreateTopicsResponse>['topics']> {
    const create = request(CreateTopicsRequest, {
      topics: topics.map(topic => ({
        name: 't',
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [],
        configs: [],
        ...topic,
      })),
      timeoutMs: 60_000,
      validateOnly,
    });
    const answer = await this.controller.createTopics(create);
    assert.ok(!(answer instanceof Failure), String(answer));
    return answer.topics;
  }

  /** Creates a topic whose partitions have the replicas. */
  async createAssigned(
    name: string,
    replicasOf: readonly (readonly number[])[],
    configs: Record<string, string> = {},
  ) {
    const assignments = replicasOf.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }));
    const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
    const [result] = await this.createTopics([{ name, assignments, configs: entries }]);
    assert.equal(result?.errorCode, 0, result?.errorMessage ?? '');
  }
}

export const nodes = (...ids: number[]): NodeId[] => ids.map(asNodeId);
