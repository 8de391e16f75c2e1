import { describeCluster, describeLogDirs, findBroker } from '../../client/admin/cluster.ts';
import { ERROR_NAMES, Errors } from '../../model/error_codes.ts';
import { failed } from '../../model/failure.ts';
import { asNodeId } from '../../model/ids.ts';
import { partitionsOf } from '../find_topics.ts';
import { table } from '../output/blocks.ts';
import { formatSize } from '../output/units.ts';
import { parseCount } from '../parse.ts';
import type { Action } from '../run_action.ts';

interface Options {
  readonly broker?: string;
  readonly topic: readonly string[];
}

export const logDirs: Action<[], Options> = async (context, _args, { broker, topic }) => {
  const wanted = broker === undefined ? undefined : parseCount(broker, '--broker', 0);
  if (failed(wanted)) return wanted;
  const client = await context.connect();
  if (failed(client)) return client;
  const cluster = await describeCluster(client);
  if (failed(cluster)) return cluster;
  const chosen = topic.length === 0 ? undefined : await partitionsOf(client, topic);
  if (failed(chosen)) return chosen;
  const ids = cluster.brokers
    .filter(({ brokerId, isFenced }) => (wanted === undefined ? !isFenced : brokerId === wanted))
    .map(({ brokerId }) => brokerId)
    .sort((left, right) => left - right);
  const missing = wanted === undefined ? undefined : await findBroker(client, wanted);
  if (failed(missing)) return missing;
  const rows = [];
  for (const nodeId of ids) {
    const dirs = await describeLogDirs(client, asNodeId(nodeId), chosen);
    if (failed(dirs)) return dirs;
    for (const { errorCode, logDir, topics, totalBytes, usableBytes } of dirs) {
      const partitions = topics.flatMap(({ name, partitions: held }) =>
        held.map(({ isFutureKey, offsetLag, partitionIndex, partitionSize }) => ({
          topic: name,
          partition: partitionIndex,
          sizeBytes: partitionSize,
          offsetLag,
          isFuture: isFutureKey,
        })),
      );
      rows.push({
        nodeId,
        path: logDir,
        error: errorCode === Errors.NONE ? null : (ERROR_NAMES.get(errorCode) ?? String(errorCode)),
        sizeBytes: partitions.reduce((sum, each) => sum + each.sizeBytes, 0n),
        totalBytes,
        usableBytes,
        partitions,
      });
    }
  }
  const directories = table(
    [
      { header: 'BROKER', value: row => row.nodeId, isRight: true },
      { header: 'PATH', value: row => row.path },
      {
        header: 'STATE',
        value: (row, paint) => (row.error === null ? paint.good('online') : paint.bad(row.error)),
      },
      { header: 'PARTITIONS', value: row => row.partitions.length, isRight: true },
      { header: 'SIZE', value: row => formatSize(row.sizeBytes), isRight: true },
      { header: 'FREE', value: row => formatSize(row.usableBytes), isRight: true },
      { header: 'DISK', value: row => formatSize(row.totalBytes), isRight: true },
    ],
    rows,
    { empty: 'The brokers have no log directories.' },
  );
  const held = rows.flatMap(({ nodeId, partitions, path }) =>
    partitions.map(each => ({ nodeId, path, ...each })),
  );
  const partitions = table(
    [
      { header: 'TOPIC', value: row => row.topic },
      { header: 'PARTITION', value: row => row.partition, isRight: true },
      { header: 'BROKER', value: row => row.nodeId, isRight: true },
      { header: 'SIZE', value: row => formatSize(row.sizeBytes), isRight: true },
      { header: 'LAG', value: row => row.offsetLag, isRight: true },
      { header: 'PATH', value: row => row.path },
    ],
    held.sort((left, right) =>
      left.topic === right.topic ? left.partition - right.partition : left.topic < right.topic ? -1 : 1,
    ),
    { empty: 'None of these is in a log directory.' },
  );
  await context.output.show(rows, ...(topic.length === 0 ? [directories] : [directories, partitions]));
  return undefined;
};
