import { OffsetCommit } from '../../src/messages/08_offset_commit.ts';
import { OffsetFetch } from '../../src/messages/09_offset_fetch.ts';
import { FindCoordinator } from '../../src/messages/10_find_coordinator.ts';
import { JoinGroup } from '../../src/messages/11_join_group.ts';
import { Heartbeat } from '../../src/messages/12_heartbeat.ts';
import { LeaveGroup } from '../../src/messages/13_leave_group.ts';
import { SyncGroup } from '../../src/messages/14_sync_group.ts';
import { DescribeGroups } from '../../src/messages/15_describe_groups.ts';
import { ListGroups } from '../../src/messages/16_list_groups.ts';
import { CreateTopics } from '../../src/messages/19_create_topics.ts';
import { DeleteGroups } from '../../src/messages/42_delete_groups.ts';
import { OffsetDelete } from '../../src/messages/47_offset_delete.ts';
import type { Api, MessageInput, MessageOf } from '../../src/protocol/schema.ts';
import { storedGroupRecords } from './stored_group_records.ts';

/*
 * What clients of groups say, and what they are told, in every version that matters: told to Apache Kafka 4.3.1 once
 * (fixtures/group/kafka_4_3_1.json), and to this node by the test.
 */

/** Says a request, through a connection of that name, and resolves to the response. */
export type Say = <A extends Api>(
  connection: string,
  api: A,
  version: number,
  request: MessageInput<A['request']>,
) => Promise<MessageOf<A['response']>>;

/** The settings that both nodes have beside the defaults. */
export const TRANSCRIPT_SETTINGS = [
  'offsets.topic.num.partitions=1',
  'group.initial.rebalance.delay.ms=0',
  'group.max.size=3',
  'offset.metadata.max.bytes=16',
  'auto.create.topics.enable=false',
];

interface TranscriptLine {
  readonly what: string;
  response: unknown;
}

const UNKNOWN_TOPIC_ID = 'NoSuchTopicIdNoSuchTAA';
const CONSUMER = 'consumer';

/** A subscription of the consumer protocol, version 0, without user data. */
function subscription(...topics: string[]): Buffer {
  const parts = topics.map(topic => {
    const name = Buffer.from(topic);
    return Buffer.concat([Buffer.from([0, name.length]), name]);
  });
  return Buffer.concat([
    Buffer.from([0, 0, 0, 0, 0, topics.length]),
    ...parts,
    Buffer.from([255, 255, 255, 255]),
  ]);
}

const range = (...topics: string[]) => [{ name: 'range', metadata: subscription(...topics) }];

class Transcript {
  readonly lines: TranscriptLine[] = [];
  readonly #say: Say;
  readonly #topicId: string;

  constructor(say: Say, topicId: string) {
    this.#say = say;
    this.#topicId = topicId;
  }

  async tell<A extends Api>(
    what: string,
    api: A,
    version: number,
    request: MessageInput<A['request']>,
    connection = 'one',
  ): Promise<MessageOf<A['response']>> {
    const line: TranscriptLine = { what: `${api.name} ${version}: ${what}`, response: undefined };
    this.lines.push(line);
    const response = await this.#say(connection, api, version, request);
    line.response = response;
    return response;
  }

  async offsetsOfNobody(): Promise<void> {
    const partition = (
      partitionIndex: number,
      committedOffset: bigint,
      committedMetadata: string | null,
    ) => ({
      partitionIndex,
      committedOffset,
      committedMetadata,
    });
    const commit = (
      what: string,
      version: number,
      rest: Partial<MessageInput<(typeof OffsetCommit)['request']>>,
    ) => this.tell(what, OffsetCommit, version, { groupId: 'simple', topics: [], ...rest });
    const events = (...partitions: ReturnType<typeof partition>[]) => [{ name: 'events', partitions }];
    await commit('with a retention', 2, {
      retentionTimeMs: 3_600_000n,
      topics: events(partition(0, 5n, 'm')),
    });
    await commit('without one', 4, { topics: events(partition(1, 6n, null)) });
    await commit('with a leader epoch', 8, {
      topics: [{ name: 'events', partitions: [{ ...partition(2, 7n, ''), committedLeaderEpoch: 3 }] }],
    });
    await commit('metadata too long, no such partition, no such topic', 8, {
      topics: [
        ...events(partition(0, 8n, 'x'.repeat(17)), partition(9, 8n, ''), partition(1, 9n, 'x'.repeat(16))),
        { name: 'nothing', partitions: [partition(0, 1n, '')] },
      ],
    });
    await commit('by ids', 10, {
      topics: [
        { topicId: this.#topicId, partitions: [partition(0, 15n, 'id'), partition(9, 1n, '')] },
        { topicId: UNKNOWN_TOPIC_ID, partitions: [partition(0, 1n, '')] },
      ],
    });
    await commit('a generation of no group', 8, {
      groupId: 'none',
      generationIdOrMemberEpoch: 5,
      memberId: 'm',
      topics: events(partition(0, 1n, '')),
    });
    await commit('the same, newer', 9, {
      groupId: 'none',
      generationIdOrMemberEpoch: 5,
      memberId: 'm',
      topics: events(partition(0, 1n, '')),
    });
    await commit('the empty group id', 8, { groupId: '', topics: events(partition(0, 1n, '')) });
    const asked = [{ name: 'events', partitionIndexes: [0, 1, 2, 3] }];
    for (const version of [1, 5, 7]) {
      await this.tell('some', OffsetFetch, version, { groupId: 'simple', topics: asked, groups: [] });
    }
    await this.tell('all', OffsetFetch, 7, {
      groupId: 'simple',
      topics: null,
      groups: [],
      requireStable: true,
    });
    await this.tell('of no group', OffsetFetch, 5, { groupId: 'none', topics: asked, groups: [] });
    await this.tell('of several groups', OffsetFetch, 8, {
      groupId: '',
      topics: [],
      groups: [
        { groupId: 'simple', topics: asked },
        { groupId: 'none', topics: null },
      ],
    });
    await this.tell('by ids', OffsetFetch, 10, {
      groupId: '',
      topics: [],
      groups: [
        {
          groupId: 'simple',
          topics: [
            { topicId: this.#topicId, partitionIndexes: [0, 3] },
            { topicId: UNKNOWN_TOPIC_ID, partitionIndexes: [0] },
          ],
        },
      ],
    });
    await this.tell('all by ids', OffsetFetch, 10, {
      groupId: '',
      topics: [],
      groups: [{ groupId: 'simple', topics: null }],
    });
  }

  #joinRequest(groupId: string, rest: Partial<MessageInput<(typeof JoinGroup)['request']>> = {}) {
    return {
      groupId,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      memberId: '',
      protocolType: CONSUMER,
      protocols: range('events'),
      ...rest,
    };
  }

  async joinsRefused(): Promise<void> {
    const join = (what: string, rest: Partial<MessageInput<(typeof JoinGroup)['request']>>, version = 9) =>
      this.tell(what, JoinGroup, version, this.#joinRequest('refused', rest));
    await join('no group id', { groupId: '' });
    await join('the session is too short', { sessionTimeoutMs: 5_999 });
    await join('the session is too long', { sessionTimeoutMs: 1_800_001 });
    await join('a member of no group', { memberId: 'm' });
    await join('no protocols', { groupId: 'simple', protocols: [] });
    await join('no protocol type', { groupId: 'simple', protocolType: '' });
    await join('no protocols, older', { groupId: 'simple', protocols: [] }, 5);
    await this.tell('of no group', SyncGroup, 5, {
      groupId: 'refused',
      generationId: 1,
      memberId: 'm',
      protocolType: CONSUMER,
      protocolName: 'range',
      assignments: [],
    });
    await this.tell('without a protocol', SyncGroup, 5, {
      groupId: 'refused',
      generationId: 1,
      memberId: 'm',
      assignments: [],
    });
    await this.tell('of no group', Heartbeat, 4, { groupId: 'refused', generationId: 1, memberId: 'm' });
    await this.tell('of no group', LeaveGroup, 5, {
      groupId: 'refused',
      memberId: '',
      members: [{ memberId: 'm' }],
    });
    await this.tell('of no group, older', LeaveGroup, 1, { groupId: 'refused', memberId: 'm', members: [] });
  }

  #sync(
    what: string,
    groupId: string,
    rest: { generationId: number; memberId: string; groupInstanceId?: string },
    assigned: readonly string[] = [],
    connection = 'one',
  ) {
    return this.tell(
      what,
      SyncGroup,
      5,
      {
        groupId,
        protocolType: CONSUMER,
        protocolName: 'range',
        assignments: assigned.map(memberId => ({
          memberId,
          assignment: Buffer.from(`for ${assigned.indexOf(memberId)}`),
        })),
        ...rest,
      },
      connection,
    );
  }

  async dynamicMembers(): Promise<void> {
    const group = 'dynamic';
    const join = (
      what: string,
      rest: Partial<MessageInput<(typeof JoinGroup)['request']>>,
      connection = 'one',
    ) => this.tell(what, JoinGroup, 9, this.#joinRequest(group, rest), connection);
    const { memberId: first } = await join('the first, without an id', {});
    await this.#until(group, 'Empty');
    await this.tell('with a promised id', DescribeGroups, 6, {
      groups: [group],
      includeAuthorizedOperations: true,
    });
    await join('the first, with its id', { memberId: first });
    await this.tell('while the assignment is made', OffsetCommit, 8, this.#commitOf(group, 1, first));
    await this.tell('while the assignment is made', DescribeGroups, 5, {
      groups: [group],
      includeAuthorizedOperations: false,
    });
    await join('again, before it synced', { memberId: first });
    await this.#sync('the leader', group, { generationId: 1, memberId: first }, [first]);
    await this.#sync('again', group, { generationId: 1, memberId: first }, [first]);
    await this.#sync('another generation', group, { generationId: 2, memberId: first });
    await this.tell('another protocol', SyncGroup, 5, {
      groupId: group,
      generationId: 1,
      memberId: first,
      protocolType: CONSUMER,
      protocolName: 'roundrobin',
      assignments: [],
    });
    const beat = (what: string, generationId: number, memberId: string) =>
      this.tell(what, Heartbeat, 4, { groupId: group, generationId, memberId });
    await beat('of a member', 1, first);
    await beat('of another generation', 2, first);
    await beat('of nobody', 1, 'nobody');
    await this.tell('of a member', OffsetCommit, 8, this.#commitOf(group, 1, first));
    await this.tell('of another generation', OffsetCommit, 8, this.#commitOf(group, 7, first));
    await this.tell('of nobody', OffsetCommit, 8, this.#commitOf(group, -1, ''));
    await this.tell('of an unknown member', OffsetCommit, 8, this.#commitOf(group, 1, 'nobody'));
    await join('another protocol type', { protocolType: 'connect' });
    await join('no protocol in common', { protocols: [{ name: 'roundrobin', metadata: Buffer.alloc(0) }] });

    const { memberId: second } = await join('the second, without an id', {}, 'two');
    const secondJoins = join('the second', { memberId: second, protocols: range('events', 'others') }, 'two');
    await this.#until(group, 'PreparingRebalance');
    await beat('while the group rebalances', 1, first);
    await this.tell('while the group rebalances', OffsetCommit, 8, this.#commitOf(group, 1, first));
    await join('the first again', { memberId: first });
    await secondJoins;
    const secondSyncs = this.#sync(
      'the second waits',
      group,
      { generationId: 2, memberId: second },
      [],
      'two',
    );
    await this.#sync('the leader', group, { generationId: 2, memberId: first }, [first, second]);
    await secondSyncs;
    await join('a follower that changed nothing', { memberId: second, protocols: range('events', 'others') });
    await this.administer(group);
    await this.tell('one of two, and nobody', LeaveGroup, 5, {
      groupId: group,
      memberId: '',
      members: [{ memberId: second, reason: 'done' }, { memberId: 'nobody' }],
    });
    await beat('after the other left', 2, first);
    await this.tell('the last, older', LeaveGroup, 2, { groupId: group, memberId: first, members: [] });
    await this.tell('empty', DescribeGroups, 6, { groups: [group], includeAuthorizedOperations: false });
    await this.tell('nobody, of an empty group', OffsetCommit, 8, this.#commitOf(group, -1, ''));
    await this.tell('of an empty group', OffsetDelete, 0, {
      groupId: group,
      topics: [{ name: 'events', partitions: [{ partitionIndex: 0 }] }],
    });
  }

  #commitOf(
    groupId: string,
    generationIdOrMemberEpoch: number,
    memberId: string,
    groupInstanceId: string | null = null,
  ) {
    return {
      groupId,
      generationIdOrMemberEpoch,
      memberId,
      groupInstanceId,
      topics: [
        { name: 'events', partitions: [{ partitionIndex: 1, committedOffset: 42n, committedMetadata: '' }] },
      ],
    };
  }

  async #until(group: string, state: string): Promise<void> {
    for (;;) {
      const { groups } = await this.#say('watch', DescribeGroups, 5, {
        groups: [group],
        includeAuthorizedOperations: false,
      });
      if (groups[0]!.groupState === state) return;
    }
  }

  async administer(group: string): Promise<void> {
    for (const version of [0, 5, 6]) {
      await this.tell('stable', DescribeGroups, version, {
        groups: [group],
        includeAuthorizedOperations: false,
      });
    }
    await this.tell('that are stable', ListGroups, 5, { statesFilter: ['Stable'], typesFilter: [] });
    await this.tell('in small letters', ListGroups, 5, { statesFilter: ['empty'], typesFilter: ['classic'] });
    await this.tell('of another type', ListGroups, 5, { statesFilter: [], typesFilter: ['share'] });
    await this.tell('oldest', ListGroups, 0, { statesFilter: [], typesFilter: [] });
    await this.tell('with members', DeleteGroups, 2, { groupsNames: [group, 'none'] });
    await this.tell('with members, older', DeleteGroups, 1, { groupsNames: [group, 'none'] });
    await this.tell('topics in use and not', OffsetDelete, 0, {
      groupId: group,
      topics: [
        { name: 'events', partitions: [{ partitionIndex: 0 }, { partitionIndex: 9 }] },
        { name: 'quiet', partitions: [{ partitionIndex: 0 }] },
        { name: 'nothing', partitions: [{ partitionIndex: 0 }] },
      ],
    });
    await this.tell('of no group', OffsetDelete, 0, { groupId: 'none', topics: [] });
  }

  async staticMembers(): Promise<void> {
    const group = 'static';
    const join = (
      what: string,
      rest: Partial<MessageInput<(typeof JoinGroup)['request']>>,
      version = 9,
      connection = 'one',
    ) =>
      this.tell(
        what,
        JoinGroup,
        version,
        this.#joinRequest(group, { groupInstanceId: 'i1', ...rest }),
        connection,
      );
    const { memberId: one } = await join('the first', {});
    await this.#sync('the first', group, { generationId: 1, memberId: one, groupInstanceId: 'i1' }, [one]);
    const { memberId: two } = await join('the leader came back without its id', {});
    const beat = (what: string, memberId: string, groupInstanceId: string) =>
      this.tell(what, Heartbeat, 4, { groupId: group, generationId: 1, memberId, groupInstanceId });
    await beat('of the one before', one, 'i1');
    await beat('of an unknown instance', two, 'i9');
    await this.tell('of the one before', OffsetCommit, 8, this.#commitOf(group, 1, one, 'i1'));
    await this.tell('of its successor', OffsetCommit, 8, this.#commitOf(group, 1, two, 'i1'));
    await this.#sync('its successor', group, { generationId: 1, memberId: two, groupInstanceId: 'i1' });
    const { memberId: three } = await join('the leader came back, older', {}, 5);
    await join('the one before', { memberId: two });
    await this.tell('stable', DescribeGroups, 5, { groups: [group], includeAuthorizedOperations: false });
    const { memberId: four } = await join('it came back with another assignor', {
      protocols: [{ name: 'roundrobin', metadata: subscription('events') }],
    });
    await this.tell('to be assigned', DescribeGroups, 5, {
      groups: [group],
      includeAuthorizedOperations: false,
    });
    await this.tell('by instance, by what was fenced, by nothing', LeaveGroup, 5, {
      groupId: group,
      memberId: '',
      members: [
        { memberId: three, groupInstanceId: 'i1' },
        { memberId: '', groupInstanceId: 'i9' },
        { memberId: '', groupInstanceId: 'i1', reason: 'told to' },
        { memberId: four, groupInstanceId: 'i1' },
      ],
    });
    await this.tell('left', DescribeGroups, 5, { groups: [group], includeAuthorizedOperations: false });
  }

  async fullGroup(): Promise<void> {
    const join = (what: string, instance: string, connection: string) =>
      this.tell(what, JoinGroup, 5, this.#joinRequest('full', { groupInstanceId: instance }), connection);
    await join('the first', 'i1', 'one');
    const others = [join('the second', 'i2', 'two')];
    await this.#until('full', 'PreparingRebalance');
    others.push(join('the third', 'i3', 'three'));
    await this.#membersOf('full', 3);
    const again = join('the first again', 'i1', 'one');
    await Promise.all([...others, again]);
    await join('one too many', 'i4', 'four');
    await this.tell('one too many, oldest', JoinGroup, 0, this.#joinRequest('full'), 'four');
  }

  async #membersOf(group: string, count: number): Promise<void> {
    for (;;) {
      const { groups } = await this.#say('watch', DescribeGroups, 5, {
        groups: [group],
        includeAuthorizedOperations: false,
      });
      if (groups[0]!.members.length === count) return;
    }
  }

  async otherTypes(): Promise<void> {
    await this.tell('a worker', JoinGroup, 5, {
      ...this.#joinRequest('workers', { groupInstanceId: 'w1', protocolType: 'connect' }),
      protocols: [{ name: 'default', metadata: Buffer.from('opaque') }],
    });
    await this.tell('of workers', OffsetDelete, 0, {
      groupId: 'workers',
      topics: [{ name: 'events', partitions: [{ partitionIndex: 0 }] }],
    });
    await this.tell('the dynamic one and the simple one', DeleteGroups, 2, {
      groupsNames: ['dynamic', 'simple'],
    });
    await this.tell('what was deleted', OffsetFetch, 7, { groupId: 'simple', topics: null, groups: [] });
    await this.tell('what was deleted', DescribeGroups, 6, {
      groups: ['dynamic'],
      includeAuthorizedOperations: true,
    });
  }
}

/** Creates the topics and waits for the coordinator. @returns the id of the topic that the transcript names by it */
export async function prepareTranscript(say: Say): Promise<string> {
  const create = (name: string) => ({
    name,
    numPartitions: 3,
    replicationFactor: 1,
    assignments: [],
    configs: [],
  });
  const { topics } = await say('one', CreateTopics, 7, {
    topics: ['events', 'others', 'quiet'].map(create),
    timeoutMs: 10_000,
  });
  for (;;) {
    const { errorCode } = await say('one', FindCoordinator, 3, {
      key: 'simple',
      keyType: 0,
      coordinatorKeys: [],
    });
    const { groups } = await say('one', DescribeGroups, 5, {
      groups: ['simple'],
      includeAuthorizedOperations: false,
    });
    if (errorCode === 0 && groups[0]!.errorCode === 0) return topics[0]!.topicId;
  }
}

/** Says all of it. @returns what was told and what is stored, masked */
export async function takeTranscript(
  say: Say,
  topicId: string,
): Promise<{ lines: unknown; records: unknown }> {
  const mask = new Mask(topicId);
  const lines = mask.apply(await tellTranscript(say, topicId));
  return { lines, records: mask.apply(await storedGroupRecords(say)) };
}

async function tellTranscript(say: Say, topicId: string): Promise<TranscriptLine[]> {
  const transcript = new Transcript(say, topicId);
  await transcript.offsetsOfNobody();
  await transcript.joinsRefused();
  await transcript.dynamicMembers();
  await transcript.staticMembers();
  await transcript.fullGroup();
  await transcript.otherTypes();
  return transcript.lines;
}

const TIMESTAMPS = new Set(['commitTimestamp', 'expireTimestamp', 'currentStateTimestamp']);
const GENERATED = /([\w.]+)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What was told as JSON, where everything that is another at each run has a name: ids by their order. */
class Mask {
  readonly #names = new Map<string, string>();
  readonly #topicId: string;

  constructor(topicId: string) {
    this.#topicId = topicId;
  }

  apply(value: unknown, name = ''): unknown {
    if (typeof value === 'bigint' && value > 0n && TIMESTAMPS.has(name)) return 'a time';
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'string') return this.#text(value, name);
    if (Buffer.isBuffer(value)) return { hex: value.toString('hex') };
    if (Array.isArray(value)) return inOrder(value.map(each => this.apply(each, name)));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.apply(each, key)]));
  }

  #text(text: string, name: string): string {
    if (text === this.#topicId) return 'the topic id';
    // The words of an error are each one's own.
    if (name === 'errorMessage') return 'words';
    if (name === 'clientHost') return text.replace(/^\/.+/, '/address');
    return text.replace(GENERATED, (id, prefix: string) => {
      const known = this.#names.get(id) ?? `${prefix}-${this.#names.size + 1}`;
      this.#names.set(id, known);
      return known;
    });
  }
}

/** What nobody orders comes in the order of Kafka's hash tables. */
function inOrder(values: unknown[]): unknown[] {
  const keyOf = (value: unknown) => {
    const { partitionIndex, memberId, groupId, name } = (value ?? {}) as Record<string, unknown>;
    return String(partitionIndex ?? memberId ?? groupId ?? name ?? '');
  };
  return values.toSorted((left, right) => keyOf(left).localeCompare(keyOf(right)));
}
