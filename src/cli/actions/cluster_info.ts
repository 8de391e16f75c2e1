import { apiVersionsOf, describeCluster } from '../../client/admin/cluster.ts';
import { failed } from '../../model/failure.ts';
import { asNodeId } from '../../model/ids.ts';
import { facts, table, titled } from '../output/blocks.ts';
import type { Action } from '../run_action.ts';

export const clusterInfo: Action<[], object> = async context => {
  const client = await context.connect();
  if (failed(client)) return client;
  const cluster = await describeCluster(client);
  if (failed(cluster)) return cluster;
  const alive = cluster.brokers.filter(({ isFenced }) => !isFenced);
  const versions = await apiVersionsOf(
    client,
    asNodeId(alive[0]?.brokerId ?? cluster.brokers[0]?.brokerId ?? -1),
  );
  const features = failed(versions) ? [] : versions.finalizedFeatures;
  const data = {
    clusterId: cluster.clusterId,
    controllerId: cluster.controllerId,
    brokers: [...cluster.brokers].sort((left, right) => left.brokerId - right.brokerId),
    features: features.map(({ maxVersionLevel, name }) => ({ name, level: maxVersionLevel })),
  };
  await context.output.show(
    data,
    facts([
      ['Cluster', data.clusterId],
      ['Brokers', `${alive.length} of ${cluster.brokers.length} serve`],
      ['Controller', `asked through broker ${data.controllerId}; "odradek cluster quorum" shows it`],
    ]),
    titled(
      'Brokers',
      table(
        [
          { header: 'ID', value: row => row.brokerId, isRight: true },
          { header: 'HOST', value: row => row.host },
          { header: 'PORT', value: row => row.port, isRight: true },
          { header: 'RACK', value: row => row.rack },
          {
            header: 'STATE',
            value: (row, paint) => (row.isFenced ? paint.bad('fenced') : paint.good('serves')),
          },
        ],
        data.brokers,
        { empty: 'None' },
      ),
    ),
    titled(
      'Features',
      table(
        [
          { header: 'FEATURE', value: row => row.name },
          { header: 'LEVEL', value: row => row.level, isRight: true },
        ],
        data.features,
        { empty: 'The brokers do not tell them.' },
      ),
    ),
  );
  return undefined;
};
