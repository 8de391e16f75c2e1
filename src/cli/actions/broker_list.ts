import { describeCluster, describeLogDirs } from '../../client/admin/cluster.ts';
import { failed } from '../../model/failure.ts';
import { asNodeId } from '../../model/ids.ts';
import { allTopics } from '../find_topics.ts';
import { table } from '../output/blocks.ts';
import { formatSize } from '../output/units.ts';
import type { Action } from '../run_action.ts';

export const brokerList: Action<[], object> = async context => {
  const client = await context.connect();
  if (failed(client)) return client;
  const cluster = await describeCluster(client);
  if (failed(cluster)) return cluster;
  const topics = await allTopics(client);
  if (failed(topics)) return topics;
  const partitions = topics.flatMap(topic => topic.partitions);
  const rows = await Promise.all(
    [...cluster.brokers]
      .sort((left, right) => left.brokerId - right.brokerId)
      .map(async ({ brokerId: nodeId, ...broker }) => {
        const dirs = broker.isFenced ? undefined : await describeLogDirs(client, asNodeId(nodeId));
        const isKnown = dirs !== undefined && !failed(dirs);
        const sizes = isKnown
          ? dirs.flatMap(dir => dir.topics.flatMap(topic => topic.partitions.map(each => each.partitionSize)))
          : [];
        return {
          nodeId,
          ...broker,
          leaders: partitions.filter(({ leader }) => leader === nodeId).length,
          replicas: partitions.filter(({ replicas }) => replicas.includes(asNodeId(nodeId))).length,
          outOfSync: partitions.filter(
            ({ isr, replicas }) => replicas.includes(asNodeId(nodeId)) && !isr.includes(asNodeId(nodeId)),
          ).length,
          sizeBytes: isKnown ? sizes.reduce((sum, size) => sum + size, 0n) : null,
        };
      }),
  );
  const block = table(
    [
      { header: 'ID', value: row => row.nodeId, isRight: true },
      { header: 'HOST', value: row => row.host },
      { header: 'PORT', value: row => row.port, isRight: true },
      { header: 'RACK', value: row => row.rack },
      { header: 'STATE', value: (row, paint) => (row.isFenced ? paint.bad('fenced') : paint.good('serves')) },
      { header: 'LEADS', value: row => row.leaders, isRight: true },
      { header: 'REPLICAS', value: row => row.replicas, isRight: true },
      {
        header: 'OUT OF SYNC',
        value: (row, paint) => (row.outOfSync > 0 ? paint.warning(String(row.outOfSync)) : 0),
        isRight: true,
      },
      {
        header: 'SIZE',
        value: row => (row.sizeBytes === null ? null : formatSize(row.sizeBytes)),
        isRight: true,
      },
    ],
    rows,
    { empty: 'There are no brokers.' },
  );
  await context.output.show(rows, block);
  return undefined;
};
