import { Hono } from 'hono';
import { alterConfigs, type ConfigResource, describeConfigs } from '../../client/admin/configs.ts';
import { deleteRecords } from '../../client/admin/records.ts';
import { addPartitions, createTopics, deleteTopics } from '../../client/admin/topics.ts';
import { within } from '../../client/log_bounds.ts';
import { partitionKey } from '../../client/topic_partition.ts';
import { failed } from '../../model/failure.ts';
import type { Page } from '../api/common.ts';
import type { CreatedTopic, Topic, TopicDetails, TrimResult } from '../api/topics.ts';
import { configEntries, configsChange } from '../config_views.ts';
import type { ConsoleNode } from '../console_node.ts';
import type { ConsoleServices } from '../console_services.ts';
import { findBounds, offsetsAt } from '../log_bounds.ts';
import { listRequest, pageOf } from '../page_of.ts';
import { orRefuse, Refusal } from '../refusal.ts';
import { RequestFields } from '../request_fields.ts';
import { type TopicFacts, topicDetails, topicView } from '../topic_views.ts';

const MAX_PARTITIONS = 100_000;
const MAX_CONFIGS = 200;
const SORTS = [
  'name',
  'partitions',
  'replication',
  'size',
  'messagesIn',
  'bytesIn',
  'bytesOut',
  'underReplicated',
] as const;

const SORT_KEYS: Readonly<Record<(typeof SORTS)[number], (topic: Topic) => string | number | bigint>> = {
  name: topic => topic.name,
  partitions: topic => topic.partitions,
  replication: topic => topic.replicationFactor,
  size: topic => BigInt(topic.sizeBytes ?? -1),
  messagesIn: topic => topic.rates?.messagesInPerSecond ?? -1,
  bytesIn: topic => topic.rates?.bytesInPerSecond ?? -1,
  bytesOut: topic => topic.rates?.bytesOutPerSecond ?? -1,
  underReplicated: topic => topic.underReplicated,
};

/** `/api/v1/topics`: what there is, and changing it. */
export function topicRoutes(services: ConsoleServices): Hono {
  const { facts, node, traffic } = services;
  const known = (): TopicFacts => ({ node, sizes: facts.sizes.peek(), rates: traffic.topicRates() });
  return new Hono()
    .get('/api/v1/topics', context => context.json(listTopics(known(), RequestFields.ofQuery(context))))
    .post('/api/v1/topics', async context =>
      context.json(await create(node, await RequestFields.ofBody(context)), 201),
    )
    .get('/api/v1/topics/:name', async context =>
      context.json(await describe(services, known(), context.req.param('name'))),
    )
    .delete('/api/v1/topics/:name', async context => {
      const { name } = node.topic(context.req.param('name'));
      const [outcome] = orRefuse(await deleteTopics(node.client, [name]));
      orRefuse(outcome?.failure);
      node.client.forgetTopic(name);
      return context.body(null, 204);
    })
    .post('/api/v1/topics/:name/partitions', async context => {
      const fields = await RequestFields.ofBody(context);
      const { name } = node.topic(context.req.param('name'));
      const count = fields.whole('count', { least: 1, most: MAX_PARTITIONS });
      const validateOnly = fields.flag('validateOnly');
      orRefuse(await addPartitions(node.client, { topic: name, count }, { validateOnly }));
      node.client.markMetadataStale();
      return context.body(null, 204);
    })
    .post('/api/v1/topics/:name/trim', async context => {
      const fields = await RequestFields.ofBody(context);
      return context.json(await trim(node, context.req.param('name'), fields));
    })
    .get('/api/v1/topics/:name/configs', async context => {
      const { name } = node.topic(context.req.param('name'));
      return context.json({ configs: await configsOf(node, { type: 'topic', name }) });
    })
    .patch('/api/v1/topics/:name/configs', async context => {
      const resource = { type: 'topic', name: node.topic(context.req.param('name')).name } as const;
      const { changes, validateOnly } = configsChange(await RequestFields.ofBody(context));
      orRefuse(await alterConfigs(node.client, resource, changes, { validateOnly }));
      return context.json({ configs: await configsOf(node, resource) });
    });
}

export async function configsOf(node: ConsoleNode, resource: ConfigResource) {
  const [entries] = orRefuse(await describeConfigs(node.client, [resource], { withDocumentation: true }));
  return configEntries(orRefuse(entries ?? []));
}

function listTopics(known: TopicFacts, fields: RequestFields): Page<Topic> {
  const request = listRequest(fields);
  const sort = fields.word('sort', SORTS, 'name');
  const withInternal = fields.flag('internal');
  const isUnhealthyOnly = fields.flag('unhealthy');
  const topics: Topic[] = [];
  for (const topic of known.node.image.topics.all()) {
    if (!topic.name.toLowerCase().includes(request.filter)) continue;
    const view = topicView(topic, known);
    if (view.isInternal && !withInternal) continue;
    const isHealthy = view.underReplicated + view.underMinIsr + view.offline === 0;
    if (isUnhealthyOnly && isHealthy) continue;
    topics.push(view);
  }
  return pageOf(topics, request, { key: SORT_KEYS[sort], name: topic => topic.name });
}

async function describe(
  { facts, node }: ConsoleServices,
  known: TopicFacts,
  name: string,
): Promise<TopicDetails> {
  const topic = node.topic(name);
  const partitions = topic.partitions.map((_, index) => node.partition(topic, index));
  const [bounds, times, sizes, groups] = await Promise.all([
    findBounds(node.client, partitions),
    offsetsAt(node.client, partitions, 0n),
    facts.sizes.get(),
    facts.groups.get(),
  ]);
  const readers = failed(groups)
    ? []
    : [...groups.groups.values()].filter(({ offsets }) => offsets.has(name));
  return topicDetails(topic, {
    ...known,
    sizes: failed(sizes) ? undefined : sizes,
    bounds,
    times,
    groups: readers.map(({ id }) => id).sort(),
  });
}

async function create(node: ConsoleNode, fields: RequestFields): Promise<CreatedTopic> {
  const name = fields.text('name', { most: 249 });
  const topic = {
    name,
    partitionCount: fields.optionalWhole('partitions', { least: 1, most: MAX_PARTITIONS }) ?? -1,
    replicationFactor: fields.optionalWhole('replicationFactor', { least: 1, most: 100 }) ?? -1,
    configs: fields.optionalTexts('configs', MAX_CONFIGS) ?? {},
  };
  const validateOnly = fields.flag('validateOnly');
  const [created] = orRefuse(await createTopics(node.client, [topic], { validateOnly }));
  orRefuse(created?.failure);
  const { partitionCount, replicationFactor } = created!;
  return { name, partitions: partitionCount, replicationFactor };
}

async function trim(node: ConsoleNode, name: string, fields: RequestFields): Promise<TrimResult> {
  const topic = node.topic(name);
  const chosen = fields.optionalWholes('partitions', MAX_PARTITIONS) ?? [...topic.partitions.keys()];
  const partitions = chosen.map(index => node.partition(topic, index));
  const before = fields.raw('before') === 'end' ? undefined : fields.optionalFields('before');
  if (before === undefined && fields.raw('before') !== 'end') {
    throw new Refusal(400, 'before is missing: it must be "end", or have an offset or a timeMs');
  }
  const bounds = await findBounds(node.client, partitions);
  const times =
    before?.has('timeMs') === true
      ? await offsetsAt(node.client, partitions, BigInt(before.whole('timeMs', { least: 0, most: 8.64e15 })))
      : undefined;
  const offset = before?.has('offset') === true ? before.int64('offset') : undefined;
  if (before !== undefined && times === undefined && offset === undefined) {
    throw new Refusal(400, 'before must be "end", or have an offset or a timeMs');
  }
  const points = partitions.map(target => {
    const limits = orRefuse(bounds.get(partitionKey(target)) ?? noAnswer(target.partition));
    const found = times?.get(partitionKey(target));
    const atTime = found === undefined ? undefined : orRefuse(found).offset;
    const wanted = offset ?? (atTime === undefined || atTime < 0n ? limits.latest : atTime);
    return { ...target, offset: within(wanted, limits) };
  });
  const results = await deleteRecords(node.client, points);
  return {
    partitions: points.map(point => {
      const result = results.get(partitionKey(point));
      const isDone = result !== undefined && !failed(result);
      return {
        partition: point.partition,
        startOffset: isDone ? String(result) : null,
        error: isDone ? null : (result?.message ?? 'There was no answer'),
      };
    }),
  };
}

function noAnswer(partition: number): never {
  throw new Refusal(502, `The leader of partition ${partition} did not answer: try again`);
}
