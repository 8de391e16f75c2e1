import { describeConfigs } from '../../client/admin/configs.ts';
import type { ClusterClient } from '../../client/cluster_client.ts';
import type { TopicMetadata } from '../../client/cluster_metadata.ts';
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, listOffsets } from '../../client/list_offsets.ts';
import { partitionKey } from '../../client/topic_partition.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { NO_NODE } from '../../model/ids.ts';
import { findTopics } from '../find_topics.ts';
import { type Block, facts, table, titled } from '../output/blocks.ts';
import type { Action } from '../run_action.ts';

export const topicDescribe: Action<[names: string[]], object> = async (context, [names]) => {
  const client = await context.connect();
  if (failed(client)) return client;
  const topics = await findTopics(client, names);
  if (failed(topics)) return topics;
  const described = [];
  for (const topic of topics) {
    const one = await describe(client, topic);
    if (failed(one)) return one;
    described.push(one);
  }
  await context.output.show(described, ...described.flatMap(toBlocks));
  return undefined;
};

async function describe(client: ClusterClient, topic: TopicMetadata) {
  const targets = topic.partitions.map(({ partition }) => ({ topic: topic.name, partition }));
  const ask = (timestamp: bigint) =>
    listOffsets(
      client,
      // One without a leader can't say, and nobody shall wait for it.
      targets
        .filter(target => client.metadata.partition(target)?.leader !== NO_NODE)
        .map(target => ({ ...target, timestamp })),
      { isolationLevel: 'read_uncommitted' },
    );
  const [earliest, latest, configs] = await Promise.all([
    ask(EARLIEST_TIMESTAMP),
    ask(LATEST_TIMESTAMP),
    describeConfigs(client, [{ type: 'topic', name: topic.name }]),
  ]);
  if (failed(configs)) return configs;
  const [entries] = configs;
  if (failed(entries)) return entries as Failure;
  const offsetIn = (found: typeof earliest, key: string) => {
    const result = found.get(key);
    return result === undefined || failed(result) ? null : result.offset;
  };
  return {
    name: topic.name,
    topicId: topic.topicId,
    isInternal: topic.isInternal,
    replicationFactor: Math.max(0, ...topic.partitions.map(({ replicas }) => replicas.length)),
    configs: (entries ?? [])
      .filter(({ source }) => source === 'topic')
      .map(({ name, value }) => ({ name, value })),
    partitions: topic.partitions.map(partition => {
      const key = partitionKey({ topic: topic.name, partition: partition.partition });
      return {
        ...partition,
        leader: partition.leader === NO_NODE ? null : partition.leader,
        earliestOffset: offsetIn(earliest, key),
        latestOffset: offsetIn(latest, key),
      };
    }),
  };
}

type Described = Exclude<Awaited<ReturnType<typeof describe>>, Failure>;

function toBlocks({ configs, isInternal, name, partitions, replicationFactor, topicId }: Described): Block[] {
  return [
    facts([
      ['Topic', name],
      ['Id', topicId],
      ['Partitions', partitions.length],
      ['Replicas', replicationFactor],
      ...(isInternal ? ([['Internal', 'yes']] as const) : []),
    ]),
    titled(
      'Settings of its own',
      table(
        [
          { header: 'KEY', value: row => row.name },
          { header: 'VALUE', value: row => row.value },
        ],
        configs,
        { empty: `None: all are the cluster's. odradek config get topic/${name} shows them.` },
      ),
    ),
    titled(
      'Partitions',
      table(
        [
          { header: 'PARTITION', value: row => row.partition, isRight: true },
          { header: 'LEADER', value: (row, paint) => row.leader ?? paint.bad('none'), isRight: true },
          { header: 'EPOCH', value: row => row.leaderEpoch, isRight: true, isWide: true },
          { header: 'REPLICAS', value: row => row.replicas },
          {
            header: 'IN SYNC',
            value: ({ isr, replicas }, paint) =>
              isr.length < replicas.length ? paint.warning(isr.join(',')) : isr.join(','),
          },
          {
            header: 'OFFLINE',
            isOptional: true,
            value: (row, paint) => row.offlineReplicas.map(id => paint.bad(String(id))),
          },
          { header: 'EARLIEST', value: row => row.earliestOffset, isRight: true },
          { header: 'LATEST', value: row => row.latestOffset, isRight: true },
        ],
        partitions,
        { empty: 'None' },
      ),
    ),
  ];
}
