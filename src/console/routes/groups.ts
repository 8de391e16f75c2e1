import { Hono } from 'hono';
import {
  type DescribedGroup,
  deleteGroups,
  deleteOffsets,
  describeGroup,
} from '../../client/admin/groups.ts';
import { commitOffsets, fetchOffsets, type GroupOffset } from '../../client/group/group_offsets.ts';
import { type LogBounds, within } from '../../client/log_bounds.ts';
import { partitionKey, type TopicPartition } from '../../client/topic_partition.ts';
import { Errors } from '../../model/error_codes.ts';
import { type Failure, failed } from '../../model/failure.ts';
import type { Offset } from '../../model/ids.ts';
import type { Outcomes, Page } from '../api/common.ts';
import type { Group, GroupDetails, GroupPartition, GroupReset } from '../api/groups.ts';
import type { ConsoleServices } from '../console_services.ts';
import { type GroupStatuses, groupStatuses, groupView } from '../group_views.ts';
import { findBounds, offsetsAt } from '../log_bounds.ts';
import { listRequest, pageOf } from '../page_of.ts';
import { orRefuse, Refusal } from '../refusal.ts';
import { RequestFields } from '../request_fields.ts';
import { requireRole } from '../visitor.ts';

const SORTS = ['name', 'state', 'members', 'lag'] as const;
const SORT_KEYS: Readonly<Record<(typeof SORTS)[number], (group: Group) => string | number | bigint>> = {
  name: group => group.id,
  state: group => group.state,
  members: group => group.members,
  lag: group => BigInt(group.lag),
};
const MAX_TOPICS = 1_000;
const MAX_PARTITIONS = 100_000;

/** `/api/v1/groups`: who reads what, how far behind, and moving it. */
export function groupRoutes(services: ConsoleServices): Hono {
  const { node } = services;
  return new Hono()
    .get('/api/v1/groups', async context =>
      context.json(await listGroups(services, RequestFields.ofQuery(context))),
    )
    .get('/api/v1/groups/:id', async context =>
      context.json(await describe(services, context.req.param('id'))),
    )
    .delete('/api/v1/groups/:id', async context => {
      const [outcome] = await deleteGroups(node.client, [context.req.param('id')]);
      orRefuse(outcome?.failure);
      return context.body(null, 204);
    })
    .post('/api/v1/groups/:id/reset', async context => {
      const fields = await RequestFields.ofBody(context);
      if (fields.flag('execute')) requireRole(context, 'operator');
      return context.json(await reset(services, context.req.param('id'), fields));
    })
    .post('/api/v1/groups/:id/delete-offsets', async context => {
      const partitions = chosenPartitions(services, await RequestFields.ofBody(context));
      if (partitions === undefined) throw new Refusal(400, 'topics is missing: it must name the topics');
      const outcomes = orRefuse(await deleteOffsets(node.client, context.req.param('id'), partitions));
      const shown = outcomes.map(({ failure, name }) => ({ name, error: failure?.message ?? null }));
      return context.json({ outcomes: shown } satisfies Outcomes);
    });
}

function statusesOf({ node }: ConsoleServices): GroupStatuses {
  return groupStatuses(node.monitor.alerting?.alerts ?? []);
}

async function listGroups(services: ConsoleServices, fields: RequestFields): Promise<Page<Group>> {
  const request = listRequest(fields);
  const sort = fields.word('sort', SORTS, 'name');
  const topic = fields.optionalText('topic');
  const offsets = orRefuse(await services.facts.groups.get());
  const statuses = statusesOf(services);
  const groups = [...offsets.groups.values()]
    .filter(({ id }) => id.toLowerCase().includes(request.filter))
    .filter(view => topic === undefined || view.offsets.has(topic))
    .map(view => groupView(view, offsets, statuses));
  return pageOf(groups, request, { key: SORT_KEYS[sort], name: group => group.id });
}

async function describe(services: ConsoleServices, id: string): Promise<GroupDetails> {
  const { client, image } = services.node;
  const [group, committed] = await Promise.all([describeGroup(client, id), fetchOffsets(client, id, 'all')]);
  const described = orRefuse(group);
  const offsets = orRefuse(committed);
  const owners = new Map<string, { readonly memberId: string; readonly target: TopicPartition }>();
  for (const { memberId, partitions } of described.members) {
    for (const target of partitions) owners.set(partitionKey(target), { memberId, target });
  }
  const targets = new Map<string, TopicPartition>();
  for (const [key, offset] of offsets) targets.set(key, { topic: offset.topic, partition: offset.partition });
  for (const [key, { target }] of owners) targets.set(key, target);
  const known = [...targets.values()].filter(({ topic }) => image.topics.byName(topic) !== undefined);
  const bounds = await findBounds(client, known);
  const statuses = statusesOf(services);
  const partitions = Array.from(targets, ([key, target]): GroupPartition => {
    const limits = bounds.get(key);
    return partitionView(target, {
      committed: offsets.get(key),
      bounds: limits === undefined || failed(limits) ? undefined : limits,
      memberId: owners.get(key)?.memberId ?? null,
      status: statuses.get(`${id} ${target.topic} ${target.partition}`) ?? 'ok',
    });
  }).sort((left, right) => compareNames(left.topic, right.topic) || left.partition - right.partition);
  return detailsOf(described, partitions, statuses);
}

function compareNames(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function partitionView(
  { partition, topic }: TopicPartition,
  facts: {
    readonly committed: GroupOffset | undefined;
    readonly bounds: LogBounds | undefined;
    readonly memberId: string | null;
    readonly status: GroupPartition['status'];
  },
): GroupPartition {
  const { bounds, committed, memberId, status } = facts;
  const lag =
    bounds === undefined || committed === undefined
      ? null
      : bounds.latest > committed.offset
        ? bounds.latest - committed.offset
        : 0n;
  return {
    topic,
    partition,
    offset: committed === undefined ? null : String(committed.offset),
    startOffset: bounds === undefined ? null : String(bounds.earliest),
    endOffset: bounds === undefined ? null : String(bounds.latest),
    lag: lag === null ? null : String(lag),
    status,
    memberId,
    metadata: committed?.metadata || null,
  };
}

function detailsOf(
  { assignor, coordinator, groupId, members, state, type }: DescribedGroup,
  partitions: readonly GroupPartition[],
  statuses: GroupStatuses,
): GroupDetails {
  return {
    id: groupId,
    type,
    state,
    members: members.length,
    topics: [...new Set(partitions.map(({ topic }) => topic))],
    lag: String(partitions.reduce((sum, { lag }) => sum + BigInt(lag ?? 0), 0n)),
    status: statuses.get(groupId) ?? 'ok',
    coordinator,
    assignor,
    memberDetails: members.map(member => ({
      memberId: member.memberId,
      instanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      partitions: member.partitions,
    })),
    partitions,
  };
}

/** The partitions that `topics` names; undefined where it names none. */
function chosenPartitions({ node }: ConsoleServices, fields: RequestFields): TopicPartition[] | undefined {
  const topics = fields.optionalList('topics', MAX_TOPICS);
  return topics?.flatMap((each, index) => {
    const choice = new RequestFields(each, `topics.${index}`);
    const topic = node.topic(choice.text('topic', { most: 249 }));
    const wanted = choice.optionalWholes('partitions', MAX_PARTITIONS) ?? [...topic.partitions.keys()];
    return wanted.map(partition => node.partition(topic, partition));
  });
}

type Goal = (target: TopicPartition, bounds: LogBounds, committed: Offset | undefined) => bigint | undefined;

async function reset(services: ConsoleServices, id: string, fields: RequestFields): Promise<GroupReset> {
  const { client, image } = services.node;
  const before = orRefuse(await fetchOffsets(client, id, 'all'));
  const committed = [...before.values()]
    .filter(({ topic }) => image.topics.byName(topic) !== undefined)
    .map(({ partition, topic }) => ({ topic, partition }));
  const partitions = chosenPartitions(services, fields) ?? committed;
  if (partitions.length === 0) {
    throw new Refusal(
      404,
      `The group "${id}" has committed nothing: name the topics that it shall read`,
      'GROUP_ID_NOT_FOUND',
    );
  }
  const bounds = await findBounds(client, partitions);
  const goal = await parseGoal(services, fields, partitions);
  const moves: (GroupOffset & { readonly lag: bigint })[] = [];
  for (const target of partitions) {
    const key = partitionKey(target);
    const limits = orRefuse(bounds.get(key) ?? noAnswer(key));
    const wanted = goal(target, limits, before.get(key)?.offset);
    if (wanted === undefined) continue;
    const offset = within(wanted, limits);
    moves.push({ ...target, offset, lag: limits.latest - offset });
  }
  const isExecuted = fields.flag('execute');
  const failures = isExecuted ? await execute(services, id, moves) : new Map<string, Failure>();
  return {
    isExecuted,
    partitions: moves.map(({ lag, offset, partition, topic }) => {
      const key = partitionKey({ topic, partition });
      const from = before.get(key)?.offset;
      return {
        topic,
        partition,
        from: from === undefined ? null : String(from),
        to: String(offset),
        lag: String(lag),
        error: failures.get(key)?.message ?? null,
      };
    }),
  };
}

function noAnswer(key: string): never {
  throw new Refusal(502, `The leader of ${key} did not answer: try again`);
}

async function parseGoal(
  { node }: ConsoleServices,
  fields: RequestFields,
  partitions: readonly TopicPartition[],
): Promise<Goal> {
  const word = fields.raw('to');
  if (word === 'start') return (_, { earliest }) => earliest;
  if (word === 'end') return (_, { latest }) => latest;
  const to = typeof word === 'string' ? undefined : fields.optionalFields('to');
  if (to?.has('offset') === true) {
    const offset = to.int64('offset');
    return () => offset;
  }
  if (to?.has('shift') === true) {
    const shift = to.int64('shift');
    return (_, __, committed) => (committed === undefined ? undefined : committed + shift);
  }
  if (to?.has('timeMs') === true) {
    const found = await offsetsAt(
      node.client,
      partitions,
      BigInt(to.whole('timeMs', { least: 0, most: 8.64e15 })),
    );
    return (target, { latest }) => {
      const { offset } = orRefuse(found.get(partitionKey(target)) ?? noAnswer(partitionKey(target)));
      return offset < 0n ? latest : offset;
    };
  }
  throw new Refusal(400, 'to must be "start", "end", or have an offset, a timeMs or a shift');
}

async function execute(
  { node }: ConsoleServices,
  id: string,
  moves: readonly GroupOffset[],
): Promise<Map<string, Failure>> {
  const group = await describeGroup(node.client, id);
  if (failed(group) && group.code !== Errors.GROUP_ID_NOT_FOUND) orRefuse(group);
  if (!failed(group) && group.members.length > 0) {
    const text = `The group "${id}" has ${group.members.length} members, which would commit over it: stop them first`;
    throw new Refusal(409, text, 'NON_EMPTY_GROUP');
  }
  return orRefuse(await commitOffsets(node.client, { groupId: id }, moves));
}
