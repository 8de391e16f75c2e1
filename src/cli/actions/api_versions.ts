import { apiVersionsOf, describeCluster, findBroker } from '../../client/admin/cluster.ts';
import { API_BY_KEY } from '../../messages/apis.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { asNodeId } from '../../model/ids.ts';
import { parseVersions } from '../../protocol/versions.ts';
import { table } from '../output/blocks.ts';
import { parseCount } from '../parse.ts';
import type { Action } from '../run_action.ts';

export const apiVersions: Action<[], { readonly broker?: string }> = async (context, _args, { broker }) => {
  const wanted = broker === undefined ? undefined : parseCount(broker, '--broker', 0);
  if (failed(wanted)) return wanted;
  const client = await context.connect();
  if (failed(client)) return client;
  const one = wanted === undefined ? undefined : await findBroker(client, wanted);
  if (failed(one)) return one;
  const cluster = await describeCluster(client);
  if (failed(cluster)) return cluster;
  const ids =
    one === undefined
      ? cluster.brokers.filter(each => !each.isFenced).map(each => each.brokerId)
      : [one.brokerId];
  const answers = await Promise.all(
    ids
      .sort((left, right) => left - right)
      .map(async nodeId => ({ nodeId, answer: await apiVersionsOf(client, asNodeId(nodeId)) })),
  );
  const failure = answers.find(({ answer }) => failed(answer))?.answer as Failure | undefined;
  if (failure !== undefined) return failure;
  const rows = answers.flatMap(({ answer, nodeId }) =>
    failed(answer)
      ? []
      : [...answer.apiKeys]
          .sort((left, right) => left.apiKey - right.apiKey)
          .map(({ apiKey, maxVersion, minVersion }) => {
            const ours = API_BY_KEY.get(apiKey);
            const range = ours === undefined ? undefined : parseVersions(ours.request.versions);
            const highest = range === undefined ? -1 : Math.min(range.highest, maxVersion);
            return {
              nodeId,
              apiKey,
              name: ours?.name ?? null,
              minVersion,
              maxVersion,
              used: range !== undefined && highest >= Math.max(range.lowest, minVersion) ? highest : null,
            };
          }),
  );
  const block = table(
    [
      { header: 'BROKER', value: row => row.nodeId, isRight: true },
      { header: 'KEY', value: row => row.apiKey, isRight: true },
      { header: 'NAME', value: row => row.name },
      { header: 'FROM', value: row => row.minVersion, isRight: true },
      { header: 'TO', value: row => row.maxVersion, isRight: true },
      { header: 'IN COMMON', value: row => row.used, isRight: true },
    ],
    rows,
    { empty: 'None' },
  );
  await context.output.show(rows, block);
  return undefined;
};
