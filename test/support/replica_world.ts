import assert from 'node:assert/strict';
import { fenceBrokers, unfenceBroker } from '../../src/controller/broker_lifecycle.ts';
import { registerBroker } from '../../src/controller/broker_registrations.ts';
import type { ControllerContext } from '../../src/controller/controller_context.ts';
import { FEATURES } from '../../src/controller/features.ts';
import { MetadataDelta } from '../../src/controller/image/metadata_delta.ts';
import { MetadataImage } from '../../src/controller/image/metadata_image.ts';
import type { PartitionRegistration } from '../../src/controller/image/partition_registration.ts';
import { alterPartition } from '../../src/controller/isr_changes.ts';
import { type MetadataRecord, metadataRecord } from '../../src/controller/metadata_record.ts';
import { PartitionChanger } from '../../src/controller/partition_changer.ts';
import {
  type AlterPartitionRequest,
  AlterPartitionRequest as AlterPartitionRequestMessage,
  AlterPartitionResponse,
} from '../../src/messages/56_alter_partition.ts';
import { BrokerRegistrationRequest } from '../../src/messages/62_broker_registration.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import {
  asBrokerEpoch,
  asNodeId,
  asOffset,
  asPartitionIndex,
  asUuid,
  type BrokerEpoch,
  NO_NODE,
  type NodeId,
  type Uuid,
} from '../../src/model/ids.ts';
import { decode, encodeToBuffer } from '../../src/protocol/codec.ts';
import type { Message, MessageInput, MessageOf } from '../../src/protocol/schema.ts';
import { parseVersions } from '../../src/protocol/versions.ts';
import { ConfigResourceType } from '../../src/settings/config_resource.ts';
import { loadConfiguration } from '../../src/settings/configuration.ts';
import { DynamicSettings } from '../../src/settings/dynamic_settings.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedNetwork } from '../../src/simulation/simulated_network.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { ReplicaMachine } from './replica_machine.ts';

export const TOPIC = 'events';
const TOPIC_ID = asUuid(Buffer.alloc(16, 'the topic of tests').toString('base64url'));
export const directoryOf = (broker: number): string =>
  Buffer.alloc(16, `directory ${broker}`).toString('base64url');
/** From a broker to the controller, and back. */
const CONTROLLER_LATENCY_MS = 0.5;
const SESSION_MS = 300;
const LOST_REQUEST_MS = 100;

/** A request as it comes out of the decoder. */
function decoded<M extends Message>(message: M, input: MessageInput<M>): MessageOf<M> {
  const version = parseVersions(message.versions).highest;
  const result = decode(message, version, encodeToBuffer(message, version, input));
  assert.ok(!(result instanceof Failure), String(result));
  return result;
}

export interface ReplicaWorldOptions {
  readonly seed?: number;
  readonly brokers?: number;
  readonly partitions?: number;
  /** Of the brokers. */
  readonly settings?: readonly string[];
  /** Of the topic. */
  readonly topic?: Readonly<Record<string, string>>;
  readonly racks?: Readonly<Record<number, string>>;
  readonly syncMs?: number;
}

/**
 * Brokers that replicate one topic, each on a machine of its own, under a controller that makes the real decisions on
 * an image of its own and never fails. Its word reaches a broker a little later, in order, and not while the two are
 * cut off from each other; a broker that it does not hear of is fenced after a while.
 */
export class ReplicaWorld {
  readonly time = new SimulatedTime();
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly image = new MetadataImage();
  readonly options: ReplicaWorldOptions;
  readonly node: DynamicSettings;
  /** Every record of the metadata, in order. */
  readonly records: MetadataRecord[] = [];
  readonly machines = new Map<NodeId, ReplicaMachine>();
  /** Brokers that can't talk with the controller. */
  readonly cut = new Set<NodeId>();
  /** How likely it is that an answer of the controller gets lost. */
  lostAnswers = 0;
  readonly #lastHeardMs = new Map<NodeId, number>();

  constructor(options: ReplicaWorldOptions = {}) {
    this.options = options;
    this.random = new SeededRandom(options.seed ?? 1);
    this.network = new SimulatedNetwork({ time: this.time, random: this.random.fork() });
    this.node = new DynamicSettings(this.configuration(0));
    for (const { name, highest } of FEATURES) {
      if (name === 'kraft.version') continue;
      this.commit([metadataRecord('FeatureLevelRecord', 0, { name, featureLevel: highest })]);
    }
    for (let id = 1; id <= (options.brokers ?? 3); id++) {
      const nodeId = asNodeId(id);
      this.machines.set(nodeId, new ReplicaMachine(this, nodeId));
    }
  }

  configuration(nodeId: number) {
    const configuration = loadConfiguration({
      overrides: [`node.id=${nodeId}`, 'log.dirs=/data', ...(this.options.settings ?? [])],
      hostname: 'test',
    });
    assert.ok('settings' in configuration, JSON.stringify(configuration));
    return configuration;
  }

  get ids(): NodeId[] {
    return [...this.machines.keys()];
  }

  machine(id: number): ReplicaMachine {
    return this.machines.get(asNodeId(id))!;
  }

  /** The brokers are up, the topic is there, with a replica of each partition on each of them. */
  async start(): Promise<this> {
    for (const machine of this.machines.values()) await this.time.run(machine.start());
    this.#checkSessions();
    await this.time.advance(50);
    const records: MetadataRecord[] = [metadataRecord('TopicRecord', 0, { name: TOPIC, topicId: TOPIC_ID })];
    for (const [name, value] of Object.entries(this.options.topic ?? {})) {
      const resource = { resourceType: ConfigResourceType.TOPIC, resourceName: TOPIC };
      records.push(metadataRecord('ConfigRecord', 0, { ...resource, name, value }));
    }
    const { ids } = this;
    for (let index = 0; index < (this.options.partitions ?? 1); index++) {
      const replicas = ids.map((_, at) => ids[(at + index) % ids.length]!);
      records.push(this.#partitionRecord(index, replicas));
    }
    this.commit(records);
    await this.until(() => this.ids.every(id => this.machine(id).hasOpened), 'all logs are open');
    return this;
  }

  #partitionRecord(index: number, replicas: readonly NodeId[]): MetadataRecord {
    return metadataRecord('PartitionRecord', 2, {
      partitionId: index,
      topicId: TOPIC_ID,
      replicas: [...replicas],
      isr: [...replicas],
      removingReplicas: [],
      addingReplicas: [],
      leader: replicas[0]!,
      leaderRecoveryState: 0,
      leaderEpoch: 0,
      partitionEpoch: 0,
      directories: replicas.map(directoryOf),
      eligibleLeaderReplicas: null,
      lastKnownElr: null,
    });
  }

  /** The records hold, and brokers are told. */
  commit(records: readonly MetadataRecord[]): void {
    if (records.length === 0) return;
    for (const record of records) {
      this.image.replay(record, asOffset(BigInt(this.records.length)));
      this.records.push(record);
    }
    this.image.lastOffset = asOffset(BigInt(this.records.length - 1));
    for (const machine of this.machines.values()) machine.wake();
  }

  get #context(): ControllerContext {
    const { node, image } = this;
    return {
      nodeId: asNodeId(99),
      clusterId: 'cluster',
      node,
      settings: node.current,
      random: this.random,
      liveness: { isAlive: () => false, isSilent: () => false, begin: () => {}, end: () => {} },
      image,
      metadataVersion: image.metadataVersion!,
      nextOffset: asOffset(BigInt(this.records.length)),
      ownIncarnationId: undefined,
      voterIds: [],
      kraftVersion: 1,
    } as unknown as ControllerContext;
  }

  /** A process of the broker registers. */
  register(id: NodeId, run: number, previousBrokerEpoch: BrokerEpoch): BrokerEpoch {
    const request = decoded(BrokerRegistrationRequest, {
      brokerId: id,
      clusterId: 'cluster',
      incarnationId: incarnationOf(id, run),
      listeners: [{ name: 'PLAINTEXT', host: `host${id}`, port: 9092, securityProtocol: 0 }],
      features: FEATURES.map(({ name, lowest, highest }) => ({
        name,
        minSupportedVersion: lowest,
        maxSupportedVersion: highest,
      })),
      rack: this.options.racks?.[id] ?? null,
      logDirs: [directoryOf(id)],
      previousBrokerEpoch,
    });
    const decision = registerBroker(this.#context, request, 4);
    assert.ok(!failed(decision), String(decision));
    this.commit(decision.records);
    this.#lastHeardMs.set(id, this.time.nowMs);
    return asBrokerEpoch(decision.response.brokerEpoch as bigint);
  }

  /** Whether the broker and the controller can talk. */
  isHeard(id: NodeId): boolean {
    return !this.cut.has(id) && this.machine(id).isRunning;
  }

  /** Fences who is not heard of, and lets in who is, again and again. */
  #checkSessions(): void {
    const { nowMs } = this.time;
    for (const [id, machine] of this.machines) {
      const broker = this.image.cluster.brokers.get(id);
      if (broker === undefined) continue;
      if (this.isHeard(id) && broker.epoch === machine.brokerEpoch) this.#lastHeardMs.set(id, nowMs);
      const isGone = nowMs - this.#lastHeardMs.get(id)! > SESSION_MS;
      if (isGone && !broker.fenced) this.commit(fenceBrokers(this.#context, new Set([id])));
      const isReady =
        this.isHeard(id) && broker.epoch === machine.brokerEpoch && machine.hasRead(broker.registeredAt);
      if (isReady && broker.fenced) this.commit(unfenceBroker(this.#context, broker));
    }
    this.time.schedule(20, () => this.#checkSessions());
  }

  /** AlterPartition of a broker: the request or its answer may get lost. */
  async alterPartition(
    id: NodeId,
    input: MessageInput<typeof AlterPartitionRequestMessage>,
  ): Promise<MessageOf<typeof AlterPartitionResponse> | Failure> {
    const { clock } = this.machine(id);
    const pass = (ms: number) =>
      new Promise<void>(resolve => {
        clock.startTimer(ms, resolve);
      });
    await pass(CONTROLLER_LATENCY_MS);
    const lost = new Failure(Errors.REQUEST_TIMED_OUT, 'the controller did not answer');
    if (!this.isHeard(id)) {
      await pass(LOST_REQUEST_MS);
      return lost;
    }
    const request: AlterPartitionRequest = decoded(AlterPartitionRequestMessage, input);
    const decision = alterPartition(this.#context, request);
    if (!failed(decision)) this.commit(decision.records);
    await pass(CONTROLLER_LATENCY_MS);
    if (!this.isHeard(id) || this.random.fraction() < this.lostAnswers) {
      await pass(LOST_REQUEST_MS);
      return lost;
    }
    if (failed(decision)) return decided(decision);
    return decoded(AlterPartitionResponse, decision.response);
  }

  partition(index = 0): PartitionRegistration {
    return this.image.topics.byName(TOPIC)!.partitions[index]!;
  }

  /** The broker that leads, as the controller has it. */
  leader(index = 0): ReplicaMachine {
    const { leader } = this.partition(index);
    assert.notEqual(leader, NO_NODE, 'there is a leader');
    return this.machine(leader);
  }

  /** Has another replica lead, as a preferred election would. */
  elect(leader: number, index = 0): void {
    this.tryElect(leader, index);
    assert.equal(this.partition(index).leader, leader);
  }

  /** The same, if it can lead. */
  tryElect(leader: number, index = 0): void {
    const { partition, topic } = this.#place(index);
    const rotated = [asNodeId(leader), ...partition.replicas.filter(id => id !== leader)];
    const changer = new PartitionChanger(this.#context);
    const record = changer.change(
      { topic, index: asPartitionIndex(index), partition },
      { replicas: rotated },
      'preferred',
    );
    assert.ok(record !== undefined, 'something changes');
    this.commit([record]);
  }

  /** Gives the partition other replicas, those that come after those that stay, as a reassignment does. */
  reassign(replicas: readonly number[], index = 0): void {
    const { partition, topic } = this.#place(index);
    const wanted = replicas.map(asNodeId);
    const adding = wanted.filter(id => !partition.replicas.includes(id));
    const removing = partition.replicas.filter(id => !wanted.includes(id));
    const record = new PartitionChanger(this.#context).change(
      { topic, index: asPartitionIndex(index), partition },
      { replicas: [...wanted, ...removing], addingReplicas: adding, removingReplicas: removing },
    );
    assert.ok(record !== undefined, 'something changes');
    this.commit([record]);
  }

  #place(index: number) {
    const topic = this.image.topics.byName(TOPIC)!;
    return { topic, partition: topic.partitions[index]! };
  }

  /** Sets something of the topic. */
  configure(name: string, value: string): void {
    const resource = { resourceType: ConfigResourceType.TOPIC, resourceName: TOPIC };
    this.commit([metadataRecord('ConfigRecord', 0, { ...resource, name, value })]);
  }

  async until(condition: () => boolean, what: string, limitMs = 60_000): Promise<void> {
    await this.time.runUntil(condition, { limitMs }).catch(error => {
      throw new Error(`${what}: ${(error as Error).message}\n${this.describe()}`);
    });
  }

  /** What the controller and the brokers think of the partitions, for failures. */
  describe(): string {
    const lines: string[] = [];
    for (const [index, partition] of (this.image.topics.byName(TOPIC)?.partitions ?? []).entries()) {
      const { leader, leaderEpoch, isr, elr } = partition;
      lines.push(`${index}: leader ${leader} in ${leaderEpoch}, in sync ${isr}, eligible ${elr}`);
      for (const machine of this.machines.values()) lines.push(`   ${machine.describe(index)}`);
    }
    return lines.join('\n');
  }

  /** What is new in the metadata since so many records. */
  deltaSince(count: number, image: MetadataImage): MetadataDelta {
    const delta = new MetadataDelta();
    for (let at = count; at < this.records.length; at++) {
      image.replay(this.records[at]!, asOffset(BigInt(at)), delta);
    }
    image.lastOffset = asOffset(BigInt(this.records.length - 1));
    return delta;
  }
}

function decided({ code }: Failure): MessageOf<typeof AlterPartitionResponse> {
  return decoded(AlterPartitionResponse, { throttleTimeMs: 0, errorCode: code, topics: [] });
}

/** Of a broker's process. */
export function incarnationOf(id: NodeId, run: number): Uuid {
  return asUuid(Buffer.alloc(16, `process ${id} ${run}`).toString('base64url'));
}
