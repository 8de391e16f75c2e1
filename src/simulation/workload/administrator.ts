import type { ClusterClient } from '../../client/cluster_client.ts';
import { CreateTopics } from '../../messages/19_create_topics.ts';
import { DeleteTopics } from '../../messages/20_delete_topics.ts';
import { CreatePartitions } from '../../messages/37_create_partitions.ts';
import { ElectLeaders } from '../../messages/43_elect_leaders.ts';
import { IncrementalAlterConfigs } from '../../messages/44_incremental_alter_configs.ts';
import { AlterPartitionReassignments } from '../../messages/45_alter_partition_reassignments.ts';
import { type ErrorCode, Errors, errorText } from '../../model/error_codes.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { ConfigResourceType } from '../../settings/config_resource.ts';
import type { SeededRandom } from '../seeded_random.ts';
import type { World } from '../world/world.ts';
import type { ClientMachine } from './client_machine.ts';
import type { WorkloadTopic } from './workload_topic.ts';

export interface AdministratorOptions {
  readonly machine: ClientMachine;
  readonly random: SeededRandom;
  readonly world: World;
  readonly topics: readonly WorkloadTopic[];
  /** Between two operations, on average. */
  readonly pauseMs: number;
  readonly done: (operation: string, isOk: boolean) => void;
}

const TIMEOUT_MS = 10_000;
const PREFERRED = 0;
const SET = 0;
/** Topics that come and go beside those of the workload. */
const MAX_EXTRA_TOPICS = 4;

/** Who creates and deletes topics, adds partitions, moves replicas, changes settings and has leaders elected. */
export class Administrator {
  readonly #options: AdministratorOptions;
  readonly #client: ClusterClient;
  /** Topics of its own, with their numbers of partitions as far as it knows. */
  readonly #extra = new Map<string, number>();
  #created = 0;
  #isEnding = false;
  #working: Promise<void> | undefined;

  constructor(options: AdministratorOptions) {
    this.#options = options;
    this.#client = options.machine.connect('admin');
  }

  /** Creates the workload's topics, however long that takes. */
  async createTopics(): Promise<void> {
    for (const topic of this.#options.topics) {
      while (!(await this.#create(topic.name, topic.partitions, topic)))
        await this.#options.machine.pause(500);
    }
  }

  start(): void {
    this.#working = this.#work();
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#working;
    this.#client.close();
  }

  async #work(): Promise<void> {
    const { machine, random, pauseMs, done } = this.#options;
    const operations: readonly (readonly [name: string, run: () => Promise<boolean>])[] = [
      ['create', () => this.#createExtra()],
      ['delete', () => this.#deleteExtra()],
      ['add partitions', () => this.#addPartitions()],
      ['reassign', () => this.#reassign()],
      ['alter configs', () => this.#alterConfigs()],
      ['elect', () => this.#elect()],
    ];
    while (!this.#isEnding) {
      await machine.pause(2 * pauseMs * random.fraction());
      if (this.#isEnding) return;
      const [name, run] = operations[random.below(operations.length)]!;
      done(name, await run());
    }
  }

  async #create(
    name: string,
    numPartitions: number,
    { replicationFactor, configs }: Pick<WorkloadTopic, 'replicationFactor' | 'configs'>,
  ): Promise<boolean> {
    const created = await this.#client.request(
      'controller',
      CreateTopics,
      {
        topics: [
          {
            name,
            numPartitions,
            replicationFactor,
            assignments: [],
            configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
          },
        ],
        timeoutMs: TIMEOUT_MS,
        validateOnly: false,
      },
      { timeoutMs: TIMEOUT_MS },
    );
    return this.#tell('create', created, answer => answer.topics[0]!, [Errors.TOPIC_ALREADY_EXISTS]);
  }

  async #createExtra(): Promise<boolean> {
    if (this.#extra.size >= MAX_EXTRA_TOPICS) return await this.#deleteExtra();
    const name = `extra-${this.#created++}`;
    const partitions = 1 + this.#options.random.below(3);
    const { replicationFactor } = this.#options.topics[0]!;
    this.#extra.set(name, partitions);
    return await this.#create(name, partitions, { replicationFactor, configs: {} });
  }

  async #deleteExtra(): Promise<boolean> {
    const name = this.#pick([...this.#extra.keys()]);
    if (name === undefined) return false;
    const request = { topics: [], topicNames: [name], timeoutMs: TIMEOUT_MS };
    const answer = await this.#client.request('controller', DeleteTopics, request, {
      timeoutMs: TIMEOUT_MS,
      maxVersion: 5,
    });
    const isGone = this.#tell('delete', answer, ({ responses }) => responses[0]!, [
      Errors.UNKNOWN_TOPIC_OR_PARTITION,
    ]);
    if (isGone) this.#extra.delete(name);
    return isGone;
  }

  async #addPartitions(): Promise<boolean> {
    const name = this.#pick([...this.#extra.keys()]);
    if (name === undefined) return false;
    const count = this.#extra.get(name)! + 1;
    this.#extra.set(name, count);
    const answer = await this.#client.request(
      'controller',
      CreatePartitions,
      { topics: [{ name, count, assignments: null }], timeoutMs: TIMEOUT_MS, validateOnly: false },
      { timeoutMs: TIMEOUT_MS },
    );
    return this.#tell('add partitions', answer, ({ results }) => results[0]!);
  }

  async #reassign(): Promise<boolean> {
    const { world, random } = this.#options;
    const { topics } = this.#options;
    // Where every broker has a replica only the order changes.
    const movable = topics.filter(({ replicationFactor }) => replicationFactor < world.brokers.length);
    const topic = this.#pick(movable.length > 0 && random.chance(0.5) ? movable : topics)!;
    const left = world.brokers.map(({ id }) => id);
    const replicas: number[] = [];
    while (replicas.length < topic.replicationFactor)
      replicas.push(...left.splice(random.below(left.length), 1));
    const partitions = [{ partitionIndex: random.below(topic.partitions), replicas }];
    const answer = await this.#client.request(
      'controller',
      AlterPartitionReassignments,
      { timeoutMs: TIMEOUT_MS, topics: [{ name: topic.name, partitions }] },
      { timeoutMs: TIMEOUT_MS },
    );
    return this.#tell('reassign', answer, answered => answered.responses[0]?.partitions[0] ?? answered);
  }

  /** Settings that change how a log works, and nothing of what is promised. */
  async #alterConfigs(): Promise<boolean> {
    const { random } = this.#options;
    const topic = this.#pick(this.#options.topics)!;
    const [name, value] = this.#pick([
      ['internal.segment.bytes', String(8_192 * (1 + random.below(8)))],
      ['index.interval.bytes', String(256 * (1 + random.below(16)))],
      ['flush.messages', String(1 + random.below(100))],
      ['compression.type', this.#pick(['producer', 'lz4', 'zstd', 'gzip'])!],
    ] as const)!;
    const answer = await this.#client.request(
      'controller',
      IncrementalAlterConfigs,
      {
        resources: [
          {
            resourceType: ConfigResourceType.TOPIC,
            resourceName: topic.name,
            configs: [{ name, configOperation: SET, value }],
          },
        ],
        validateOnly: false,
      },
      { timeoutMs: TIMEOUT_MS },
    );
    return this.#tell('alter configs', answer, ({ responses }) => responses[0]!);
  }

  async #elect(): Promise<boolean> {
    const topic = this.#pick(this.#options.topics)!;
    const partitions = Array.from({ length: topic.partitions }, (_, index) => index);
    const answer = await this.#client.request(
      'controller',
      ElectLeaders,
      {
        electionType: PREFERRED,
        topicPartitions: [{ topic: topic.name, partitions }],
        timeoutMs: TIMEOUT_MS,
      },
      { timeoutMs: TIMEOUT_MS },
    );
    return this.#tell('elect', answer, ({ errorCode }) => ({ errorCode, errorMessage: null }));
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from.length === 0 ? undefined : from[this.#options.random.below(from.length)];
  }

  #tell<T>(
    what: string,
    answer: T | Failure,
    result: (answer: T) => { readonly errorCode: number; readonly errorMessage: string | null },
    alsoOk: readonly ErrorCode[] = [],
  ): boolean {
    const { trace } = this.#options.world;
    if (failed(answer)) {
      trace.note('admin', `${what} failed`, { error: answer.message });
      return false;
    }
    const { errorCode, errorMessage } = result(answer);
    const isOk = errorCode === Errors.NONE || (alsoOk as readonly number[]).includes(errorCode);
    const error = errorMessage ?? errorText(errorCode as ErrorCode);
    trace.note('admin', isOk ? what : `${what} refused`, isOk ? {} : { error });
    return isOk;
  }
}
