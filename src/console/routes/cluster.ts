import { Hono } from 'hono';
import { describeLogDirs, describeQuorum } from '../../client/admin/cluster.ts';
import { ERROR_NAMES, Errors } from '../../model/error_codes.ts';
import { failed } from '../../model/failure.ts';
import { asNodeId } from '../../model/ids.ts';
import type { BrokerDetails, LogDir, Quorum, ReplicaMap, ReplicaMapRow } from '../api/cluster.ts';
import { brokerViews, clusterView, quorumReplica } from '../cluster_views.ts';
import type { ConsoleServices } from '../console_services.ts';
import { orRefuse, Refusal } from '../refusal.ts';
import { RequestFields } from '../request_fields.ts';

const MAX_MAP_ROWS = 10_000;

/** The cluster at a glance, its quorum, its brokers and who has what. */
export function clusterRoutes({ node, peers }: ConsoleServices): Hono {
  return new Hono()
    .get('/api/v1/cluster', context => context.json(clusterView(node, peers.addresses())))
    .get('/api/v1/quorum', async context => context.json(await quorum()))
    .get('/api/v1/brokers/:id{[0-9]+}', async context =>
      context.json(await broker(Number(context.req.param('id')))),
    )
    .get('/api/v1/replica-map', context => {
      const fields = RequestFields.ofQuery(context);
      return context.json(
        replicaMap({
          topic: fields.optionalText('topic'),
          offset: fields.optionalWhole('offset', { least: 0, most: Number.MAX_SAFE_INTEGER }) ?? 0,
          limit: fields.optionalWhole('limit', { least: 1, most: MAX_MAP_ROWS }) ?? MAX_MAP_ROWS,
        }),
      );
    });

  async function quorum(): Promise<Quorum> {
    const answer = orRefuse(await describeQuorum(node.client));
    const { currentVoters, highWatermark, leaderEpoch, leaderId, nodes, observers } = answer;
    const endOffset =
      currentVoters.find(({ replicaId }) => replicaId === leaderId)?.logEndOffset ?? highWatermark;
    const shown = (replica: (typeof currentVoters)[number]) => {
      const found = nodes.find(({ nodeId }) => nodeId === replica.replicaId);
      const listeners = found?.listeners.map(({ host, name, port }) => `${name}://${host}:${port}`) ?? [];
      return quorumReplica(replica, { endOffset, leaderId, listeners });
    };
    return {
      leaderId,
      leaderEpoch,
      highWatermark: String(highWatermark),
      voters: currentVoters.map(shown),
      observers: observers.map(shown),
    };
  }

  async function broker(id: number): Promise<BrokerDetails> {
    const view = brokerViews(node, peers.addresses()).find(each => each.id === id);
    if (view === undefined) {
      const ids = [...node.image.cluster.brokers.keys()].join(', ');
      throw new Refusal(404, `There is no broker ${id}: the cluster has ${ids}`, 'BROKER_ID_NOT_REGISTERED');
    }
    const dirs = view.isFenced ? undefined : await describeLogDirs(node.client, asNodeId(id));
    if (dirs === undefined || failed(dirs)) return { ...view, logDirs: null };
    const logDirs = dirs.map(({ errorCode, logDir, topics, totalBytes, usableBytes }): LogDir => {
      const partitions = topics.flatMap(topic => topic.partitions);
      return {
        path: logDir,
        error: errorCode === Errors.NONE ? null : (ERROR_NAMES.get(errorCode) ?? String(errorCode)),
        partitions: partitions.length,
        sizeBytes: String(partitions.reduce((sum, { partitionSize }) => sum + partitionSize, 0n)),
        totalBytes: totalBytes < 0n ? null : String(totalBytes),
        usableBytes: usableBytes < 0n ? null : String(usableBytes),
      };
    });
    return { ...view, logDirs };
  }

  function replicaMap(query: {
    readonly topic: string | undefined;
    readonly offset: number;
    readonly limit: number;
  }): ReplicaMap {
    const { image } = node;
    const topics = query.topic === undefined ? [...image.topics.all()] : [node.topic(query.topic)];
    topics.sort((left, right) => (left.name < right.name ? -1 : 1));
    const total = topics.reduce((sum, { partitions }) => sum + partitions.length, 0);
    const rows: ReplicaMapRow[] = [];
    let at = 0;
    for (const { name, partitions } of topics) {
      if (rows.length >= query.limit) break;
      for (const [partition, { isr, leader, replicas }] of partitions.entries()) {
        if (at >= query.offset && rows.length < query.limit)
          rows.push({ topic: name, partition, leader, replicas, isr });
        at++;
      }
    }
    const brokers = [...image.cluster.brokers.keys()].sort((left, right) => left - right);
    return { brokers, total, offset: query.offset, partitions: rows };
  }
}
