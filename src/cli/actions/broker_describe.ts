import { apiVersionsOf, describeLogDirs, findBroker } from '../../client/admin/cluster.ts';
import { describeConfigs } from '../../client/admin/configs.ts';
import { ERROR_NAMES, Errors } from '../../model/error_codes.ts';
import { failed } from '../../model/failure.ts';
import { asNodeId } from '../../model/ids.ts';
import { allTopics } from '../find_topics.ts';
import { facts, table, titled } from '../output/blocks.ts';
import { formatSize } from '../output/units.ts';
import { parseCount } from '../parse.ts';
import type { Action } from '../run_action.ts';

export const brokerDescribe: Action<[id: string], object> = async (context, [id]) => {
  const number = parseCount(id, 'The id of a broker', 0);
  if (failed(number)) return number;
  const client = await context.connect();
  if (failed(client)) return client;
  const broker = await findBroker(client, number);
  if (failed(broker)) return broker;
  const nodeId = asNodeId(number);
  const topics = await allTopics(client);
  if (failed(topics)) return topics;
  const partitions = topics.flatMap(topic => topic.partitions);
  // A fenced one can't be asked.
  const [dirs, configs, versions] = broker.isFenced
    ? [[], [[]], undefined]
    : await Promise.all([
        describeLogDirs(client, nodeId),
        describeConfigs(client, [{ type: 'broker', name: String(number) }]),
        apiVersionsOf(client, nodeId),
      ]);
  if (failed(dirs)) return dirs;
  if (failed(configs)) return configs;
  const [entries = []] = configs;
  if (failed(entries)) return entries;
  const data = {
    nodeId: number,
    host: broker.host,
    port: broker.port,
    rack: broker.rack,
    isFenced: broker.isFenced,
    leaders: partitions.filter(({ leader }) => leader === nodeId).length,
    replicas: partitions.filter(({ replicas }) => replicas.includes(nodeId)).length,
    apis: versions === undefined || failed(versions) ? null : versions.apiKeys.length,
    logDirs: dirs.map(({ errorCode, logDir, topics: held, totalBytes, usableBytes }) => ({
      path: logDir,
      error: errorCode === Errors.NONE ? null : (ERROR_NAMES.get(errorCode) ?? String(errorCode)),
      partitions: held.reduce((sum, topic) => sum + topic.partitions.length, 0),
      sizeBytes: held.reduce(
        (sum, topic) => topic.partitions.reduce((inner, each) => inner + each.partitionSize, sum),
        0n,
      ),
      totalBytes,
      usableBytes,
    })),
    configs: entries
      .filter(({ source }) => source !== 'default')
      .map(({ isSensitive, name, source, value }) => ({ name, value, source, isSensitive })),
  };
  await context.output.show(
    data,
    facts([
      ['Broker', data.nodeId],
      ['Address', `${data.host}:${data.port}`],
      ['Rack', data.rack],
      ['State', data.isFenced ? 'fenced' : 'serves'],
      ['Leads', data.leaders],
      ['Replicas', data.replicas],
    ]),
    titled(
      'Log directories',
      table(
        [
          { header: 'PATH', value: row => row.path },
          {
            header: 'STATE',
            value: (row, paint) => (row.error === null ? paint.good('online') : paint.bad(row.error)),
          },
          { header: 'PARTITIONS', value: row => row.partitions, isRight: true },
          { header: 'SIZE', value: row => formatSize(row.sizeBytes), isRight: true },
          { header: 'FREE', value: row => formatSize(row.usableBytes), isRight: true },
          { header: 'DISK', value: row => formatSize(row.totalBytes), isRight: true },
        ],
        data.logDirs,
        { empty: 'They are not known: the broker does not serve.' },
      ),
    ),
    titled(
      'Settings that are not defaults',
      table(
        [
          { header: 'KEY', value: row => row.name },
          { header: 'VALUE', value: row => (row.isSensitive ? '(secret)' : row.value) },
          { header: 'FROM', value: row => row.source },
        ],
        data.configs,
        { empty: 'None' },
      ),
    ),
  );
  return undefined;
};
