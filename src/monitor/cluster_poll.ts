import type { MetadataImage } from '../controller/image/metadata_image.ts';
import { aliveBrokerNodes, type BrokerNode } from '../handlers/cluster_view.ts';
import { ListOffsets } from '../messages/02_list_offsets.ts';
import { OffsetFetch } from '../messages/09_offset_fetch.ts';
import { DescribeGroups } from '../messages/15_describe_groups.ts';
import { ListGroups } from '../messages/16_list_groups.ts';
import { ConsumerGroupDescribe } from '../messages/69_consumer_group_describe.ts';
import { Errors } from '../model/error_codes.ts';
import { failed } from '../model/failure.ts';
import { MAX_WATCHED_GROUPS } from '../model/limits.ts';
import type { PeerSender } from '../peers/peer_sender.ts';
import type { ClusterOffsets, GroupView } from './cluster_offsets.ts';

export interface ClusterPollOptions {
  readonly peers: PeerSender;
  readonly image: () => MetadataImage;
  /** Of the listener by which brokers talk to each other. */
  readonly listenerName: () => string;
  readonly offsets: ClusterOffsets;
}

const TIMEOUT_MS = 5000;
const EARLIEST = -2n;
const LATEST = -1n;
/** Partitions and groups in one request. */
const PARTITIONS_A_REQUEST = 1000;
const GROUPS_A_REQUEST = 100;
/** From here on OffsetFetch takes several groups; and from the next one on topics have ids for names. */
const SEVERAL_GROUPS_VERSION = 8;
const NAMED_TOPICS_VERSION = 9;

/** Asks the brokers for what they alone know of partitions and groups. What a broker does not answer stays as it was. */
export class ClusterPoll {
  readonly #options: ClusterPollOptions;

  constructor(options: ClusterPollOptions) {
    this.#options = options;
  }

  /** One round. Resolves when every broker has answered, or was given up. */
  async run(): Promise<void> {
    const { image, listenerName, offsets } = this.#options;
    const nodes = aliveBrokerNodes(image(), listenerName());
    offsets.retainTopics(topic => image().topics.byName(topic) !== undefined);
    const found = await Promise.all(nodes.map(node => this.#pollNode(node)));
    // Groups whose broker did not answer stay as they were.
    const groups = new Map(found.includes(undefined) ? offsets.groups : []);
    for (const view of found.flatMap(views => views ?? [])) {
      if (groups.has(view.id) || groups.size < MAX_WATCHED_GROUPS) groups.set(view.id, view);
    }
    offsets.setGroups(groups);
  }

  async #pollNode(node: BrokerNode): Promise<readonly GroupView[] | undefined> {
    await this.#pollPartitions(node);
    return await this.#pollGroups(node);
  }

  async #pollPartitions(node: BrokerNode): Promise<void> {
    const led: { topic: string; index: number }[] = [];
    this.#options.image().topics.forEachPartition((partition, index, { name }) => {
      if (partition.leader === node.id) led.push({ topic: name, index });
    });
    for (let at = 0; at < led.length; at += PARTITIONS_A_REQUEST) {
      const some = led.slice(at, at + PARTITIONS_A_REQUEST);
      const oldest = await this.#listOffsets(node, some, EARLIEST);
      const end = await this.#listOffsets(node, some, LATEST);
      for (const { topic, index } of some) {
        const key = `${topic}-${index}`;
        const [first, last] = [oldest.get(key), end.get(key)];
        if (first !== undefined && last !== undefined)
          this.#options.offsets.set(topic, index, { oldest: first, end: last });
      }
    }
  }

  async #listOffsets(
    node: BrokerNode,
    partitions: readonly { readonly topic: string; readonly index: number }[],
    timestamp: bigint,
  ): Promise<ReadonlyMap<string, bigint>> {
    const topics = new Map<string, { partitionIndex: number; timestamp: bigint }[]>();
    for (const { topic, index } of partitions) {
      const wanted = topics.get(topic) ?? [];
      wanted.push({ partitionIndex: index, timestamp });
      topics.set(topic, wanted);
    }
    const request = {
      replicaId: -1,
      isolationLevel: 0,
      topics: [...topics].map(([name, wanted]) => ({ name, partitions: wanted })),
    };
    const response = await this.#options.peers.send(node, ListOffsets, request, { timeoutMs: TIMEOUT_MS });
    const found = new Map<string, bigint>();
    if (failed(response)) return found;
    for (const { name, partitions: answers } of response.topics) {
      for (const { partitionIndex, errorCode, offset } of answers) {
        if (errorCode === Errors.NONE) found.set(`${name}-${partitionIndex}`, offset);
      }
    }
    return found;
  }

  /** @returns undefined when the broker did not answer */
  async #pollGroups(node: BrokerNode): Promise<readonly GroupView[] | undefined> {
    const { peers } = this.#options;
    const listed = await peers.send(
      node,
      ListGroups,
      { statesFilter: [], typesFilter: [] },
      { timeoutMs: TIMEOUT_MS },
    );
    if (failed(listed)) return listed.code === Errors.UNSUPPORTED_VERSION ? [] : undefined;
    const groups = listed.groups.slice(0, MAX_WATCHED_GROUPS);
    const views: GroupView[] = [];
    for (let at = 0; at < groups.length; at += GROUPS_A_REQUEST) {
      const some = groups.slice(at, at + GROUPS_A_REQUEST);
      const ids = some.map(({ groupId }) => groupId);
      const offsets = await this.#fetchOffsets(node, ids);
      if (offsets === undefined) return undefined;
      const members = await this.#countMembers(node, some);
      for (const { groupId, groupState, groupType } of some) {
        views.push({
          id: groupId,
          type: groupType === '' ? 'classic' : groupType.toLowerCase(),
          state: groupState,
          members: members.get(groupId) ?? 0,
          offsets: offsets.get(groupId) ?? new Map(),
        });
      }
    }
    return views;
  }

  async #fetchOffsets(
    node: BrokerNode,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, GroupView['offsets']> | undefined> {
    const request = {
      groupId: '',
      topics: [],
      groups: ids.map(groupId => ({ groupId, topics: null })),
      requireStable: false,
    };
    const response = await this.#options.peers.send(node, OffsetFetch, request, {
      timeoutMs: TIMEOUT_MS,
      minVersion: SEVERAL_GROUPS_VERSION,
      maxVersion: NAMED_TOPICS_VERSION,
    });
    if (failed(response)) return undefined;
    const found = new Map<string, Map<string, Map<number, bigint>>>();
    for (const { groupId, topics, errorCode } of response.groups) {
      if (errorCode !== Errors.NONE) continue;
      const byTopic = new Map<string, Map<number, bigint>>();
      for (const { name, partitions } of topics) {
        const committed = partitions.filter(
          each => each.errorCode === Errors.NONE && each.committedOffset >= 0n,
        );
        byTopic.set(name, new Map(committed.map(each => [each.partitionIndex, each.committedOffset])));
      }
      found.set(groupId, byTopic);
    }
    return found;
  }

  async #countMembers(
    node: BrokerNode,
    groups: readonly { readonly groupId: string; readonly groupType: string }[],
  ): Promise<ReadonlyMap<string, number>> {
    const { peers } = this.#options;
    const isNew = ({ groupType }: { readonly groupType: string }) => groupType.toLowerCase() === 'consumer';
    const counts = new Map<string, number>();
    const options = { timeoutMs: TIMEOUT_MS };
    const ids = (some: typeof groups) => some.map(({ groupId }) => groupId);
    const classic = ids(groups.filter(each => !isNew(each)));
    if (classic.length > 0) {
      const request = { groups: classic, includeAuthorizedOperations: false };
      const response = await peers.send(node, DescribeGroups, request, options);
      if (!failed(response))
        for (const { groupId, members } of response.groups) counts.set(groupId, members.length);
    }
    const modern = ids(groups.filter(isNew));
    if (modern.length > 0) {
      const request = { groupIds: modern, includeAuthorizedOperations: false };
      const response = await peers.send(node, ConsumerGroupDescribe, request, options);
      if (!failed(response))
        for (const { groupId, members } of response.groups) counts.set(groupId, members.length);
    }
    return counts;
  }
}
