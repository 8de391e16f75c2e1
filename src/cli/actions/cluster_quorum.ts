import { describeQuorum } from '../../client/admin/cluster.ts';
import { failed } from '../../model/failure.ts';
import { facts, table, titled } from '../output/blocks.ts';
import { formatTime } from '../output/units.ts';
import type { Action } from '../run_action.ts';

export const clusterQuorum: Action<[], object> = async context => {
  const client = await context.connect();
  if (failed(client)) return client;
  const quorum = await describeQuorum(client);
  if (failed(quorum)) return quorum;
  const { currentVoters, highWatermark, leaderEpoch, leaderId, nodes, observers } = quorum;
  const end = currentVoters.find(({ replicaId }) => replicaId === leaderId)?.logEndOffset ?? highWatermark;
  const rows = [
    ...currentVoters.map(replica => ({
      ...replica,
      role: replica.replicaId === leaderId ? 'leader' : 'voter',
    })),
    ...observers.map(replica => ({ ...replica, role: 'observer' })),
  ].map(
    ({ lastCaughtUpTimestamp, lastFetchTimestamp, logEndOffset, replicaDirectoryId, replicaId, role }) => ({
      nodeId: replicaId,
      role,
      logEndOffset,
      lag: logEndOffset < 0n ? null : end > logEndOffset ? end - logEndOffset : 0n,
      lastFetchTimestamp,
      lastCaughtUpTimestamp,
      directoryId: replicaDirectoryId,
      listeners:
        nodes
          .find(({ nodeId }) => nodeId === replicaId)
          ?.listeners.map(({ host, name, port }) => `${name}://${host}:${port}`) ?? [],
    }),
  );
  const block = table(
    [
      { header: 'NODE', value: row => row.nodeId, isRight: true },
      { header: 'ROLE', value: (row, paint) => (row.role === 'leader' ? paint.good(row.role) : row.role) },
      { header: 'LOG END', value: row => row.logEndOffset, isRight: true },
      { header: 'LAG', value: row => row.lag, isRight: true },
      { header: 'LAST FETCH', value: row => formatTime(row.lastFetchTimestamp) },
      { header: 'CAUGHT UP', value: row => formatTime(row.lastCaughtUpTimestamp) },
      { header: 'DIRECTORY', value: row => row.directoryId, isWide: true },
      { header: 'LISTENERS', value: row => row.listeners, isWide: true },
    ],
    rows,
    { empty: 'None' },
  );
  await context.output.show(
    { leaderId, leaderEpoch, highWatermark, replicas: rows },
    facts([
      ['Leader', leaderId],
      ['Epoch', leaderEpoch],
      ['High watermark', highWatermark],
    ]),
    titled('Replicas', block),
  );
  return undefined;
};
