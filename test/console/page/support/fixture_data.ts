import type { Alert, AlertRules, Alerts } from '../../../../src/console/api/alerts.ts';
import type {
  Broker,
  BrokerDetails,
  Cluster,
  Quorum,
  ReplicaMap,
  ReplicaMapRow,
} from '../../../../src/console/api/cluster.ts';
import type { ConfigEntry, Configs } from '../../../../src/console/api/common.ts';
import type { RecentEvent } from '../../../../src/console/api/events.ts';
import type { Group, GroupDetails } from '../../../../src/console/api/groups.ts';
import type { History } from '../../../../src/console/api/history.ts';
import type { Message } from '../../../../src/console/api/messages.ts';
import type { Me } from '../../../../src/console/api/session.ts';
import type { SettingsTable } from '../../../../src/console/api/settings.ts';
import type { Topic, TopicDetails } from '../../../../src/console/api/topics.ts';

/** Noon of the first day that these data are of. */
export const NOON_MS = Date.parse('2026-11-30T12:00:00Z');

export interface FixtureSize {
  readonly topics: number;
  readonly partitionsPerTopic: number;
  readonly groups: number;
}

/** What a cluster of three brokers might say; broker 2 can be gone. */
export class FixtureData {
  readonly size: FixtureSize;
  isBroker2Gone = false;
  me: Me = {
    user: null,
    role: 'admin',
    needsLogin: false,
    hasLogin: false,
    readOnly: false,
    why: null,
    node: { id: 1, clusterId: 'gm5AckYCSwuoi0-M8WiXjQ', version: '0.1.0' },
  };
  recent: RecentEvent[] = [];
  alerts: readonly Alert[] = [];

  constructor(size: FixtureSize = { topics: 12, partitionsPerTopic: 6, groups: 8 }) {
    this.size = size;
  }

  topicName(at: number): string {
    const words = ['orders', 'payments', 'clicks', 'invoices', 'shipments', 'sessions', 'audit', 'prices'];
    const word = words[at % words.length]!;
    return at < words.length ? word : `${word}.${String(Math.floor(at / words.length)).padStart(3, '0')}`;
  }

  get brokers(): Broker[] {
    const rows = this.replicaMap().partitions;
    return [1, 2, 3].map(id => ({
      id,
      rack: `rack-${'abc'[id - 1]}`,
      host: '127.0.0.1',
      port: 9091 + id,
      listeners: [{ name: 'PLAINTEXT', host: '127.0.0.1', port: 9091 + id }],
      isFenced: id === 2 && this.isBroker2Gone,
      isInControlledShutdown: false,
      roles: ['broker', 'controller'],
      isController: id === 1,
      leaders: rows.filter(({ leader }) => leader === id).length,
      replicas: rows.filter(({ replicas }) => replicas.includes(id)).length,
      inSync: rows.filter(({ isr }) => isr.includes(id)).length,
      httpAddress: `127.0.0.1:${9079 + id}`,
      sinceMs: id === 2 && this.isBroker2Gone ? Date.now() : null,
    }));
  }

  replicaMap(): ReplicaMap {
    const partitions: ReplicaMapRow[] = [];
    for (let at = 0; at < this.size.topics; at++) {
      for (let partition = 0; partition < this.size.partitionsPerTopic; partition++) {
        const first = (at + partition) % 3;
        const replicas = [0, 1, 2].map(step => ((first + step) % 3) + 1);
        const isr = this.isBroker2Gone ? replicas.filter(id => id !== 2) : replicas;
        partitions.push({ topic: this.topicName(at), partition, leader: isr[0]!, replicas, isr });
      }
    }
    return { brokers: [1, 2, 3], total: partitions.length, offset: 0, partitions };
  }

  cluster(): Cluster {
    const gone = this.isBroker2Gone;
    const partitions = this.size.topics * this.size.partitionsPerTopic;
    return {
      clusterId: 'gm5AckYCSwuoi0-M8WiXjQ',
      nodeId: 1,
      version: '0.1.0',
      controller: { id: 1, epoch: 7 },
      health: {
        status: gone ? 'yellow' : 'green',
        reasons: gone
          ? [
              {
                status: 'yellow',
                what: 'BrokerDown',
                text: 'Broker 2 is not alive: start it again, or unregister for good what will not come back.',
                subjects: ['2'],
                count: 1,
                command: 'odradek broker list',
              },
            ]
          : [],
      },
      brokers: this.brokers,
      counts: {
        topics: this.size.topics,
        partitions,
        underReplicated: gone ? partitions : 0,
        underMinIsr: 0,
        offline: 0,
        offPreferred: gone ? Math.round(partitions / 3) : 0,
        activeBrokers: gone ? 2 : 3,
        fencedBrokers: gone ? 1 : 0,
      },
      alertsFiring: this.alerts.filter(({ state }) => state === 'firing').length,
      metadataOffset: '4711',
    };
  }

  topics(): Topic[] {
    return Array.from({ length: this.size.topics }, (_, at) => ({
      name: this.topicName(at),
      topicId: `id-${at}`,
      isInternal: false,
      partitions: this.size.partitionsPerTopic,
      replicationFactor: 3,
      underReplicated: this.isBroker2Gone ? this.size.partitionsPerTopic : 0,
      underMinIsr: 0,
      offline: 0,
      sizeBytes: String(3_000_000 * (at + 1) ** 2),
      rates: {
        messagesInPerSecond: 40.5 * at,
        bytesInPerSecond: 8200 * at,
        bytesOutPerSecond: 16_400 * at,
      },
      configs: at === 0 ? { 'retention.ms': '86400000' } : {},
    }));
  }

  topic(name: string): TopicDetails | undefined {
    const topic = this.topics().find(each => each.name === name);
    if (topic === undefined) return undefined;
    return {
      ...topic,
      minInsyncReplicas: 2,
      groups: ['billing', 'search-index'],
      partitionDetails: this.replicaMap()
        .partitions.filter(row => row.topic === name)
        .map(({ partition, leader, replicas, isr }) => ({
          partition,
          leader,
          leaderEpoch: 4,
          replicas,
          isr,
          elr: [],
          offlineReplicas: this.isBroker2Gone ? [2] : [],
          addingReplicas: [],
          removingReplicas: [],
          isOffline: false,
          isUnderReplicated: isr.length < replicas.length,
          isUnderMinIsr: false,
          startOffset: '9007199254740993',
          endOffset: String(9_007_199_254_742_000n + BigInt(partition * 321)),
          sizeBytes: String(1_200_000 + partition * 70_000),
          earliestTimestampMs: NOON_MS - 86_400_000,
        })),
    };
  }

  configs(): Configs {
    const entry = (
      name: string,
      value: string | null,
      change: Partial<ConfigEntry>,
      documentation: string,
    ): ConfigEntry => ({
      name,
      value,
      source: 'default',
      type: 'long',
      isReadOnly: false,
      isSensitive: false,
      documentation,
      synonyms: [{ name: `log.${name}`, value, source: 'default' }],
      ...change,
    });
    return {
      configs: [
        entry('cleanup.policy', 'delete', { type: 'list' }, 'delete, compact, or both.'),
        entry(
          'retention.ms',
          '86400000',
          {
            source: 'topic',
            synonyms: [
              { name: 'retention.ms', value: '86400000', source: 'topic' },
              { name: 'log.retention.ms', value: '604800000', source: 'default' },
            ],
          },
          'How long records are kept, in milliseconds; -1 for ever.',
        ),
        entry('retention.bytes', '-1', {}, 'How large a partition may become before its oldest records go.'),
        entry(
          'min.insync.replicas',
          '2',
          { type: 'int', source: 'cluster default' },
          'Replicas that must have a record before acks=all is answered.',
        ),
        entry('max.message.bytes', '1048588', { type: 'int' }, 'The largest batch of records that is taken.'),
        entry(
          'ssl.keystore.password',
          null,
          { type: 'password', isSensitive: true },
          'The password of the key store.',
        ),
        entry(
          'node.id',
          '1',
          { type: 'int', isReadOnly: true, source: 'server.properties' },
          'The id of the node.',
        ),
      ],
    };
  }

  message(partition: number, offset: bigint): Message {
    const isLarge = offset % 10n === 7n;
    const value = `{"id":${9_007_199_254_740_993n + offset},"customer":"Käthe ${offset}","total":{"amount":19.90,"currency":"EUR"},"items":[{"sku":"A-${offset % 17n}","count":2},{"sku":"B-7","count":1}],"isGift":false}`;
    return {
      partition,
      offset: String(offset),
      timestampMs: NOON_MS + Number(offset % 100_000n) * 1000,
      timestampType: 'create',
      leaderEpoch: 4,
      key: { form: 'text', text: `customer-${offset % 50n}`, sizeBytes: 11, isCut: false },
      value:
        offset % 10n === 5n
          ? null
          : {
              form: 'json',
              text: isLarge ? value.slice(0, 90) : value,
              sizeBytes: isLarge ? 5_300_000 : value.length,
              isCut: isLarge,
            },
      headers: [
        { name: 'trace-id', value: { form: 'text', text: `t-${offset}`, sizeBytes: 6, isCut: false } },
      ],
      sizeBytes: value.length + 40,
    };
  }

  groups(): Group[] {
    const names = ['billing', 'search-index', 'fraud', 'warehouse', 'mailer', 'archive', 'reports', 'quotes'];
    return Array.from({ length: this.size.groups }, (_, at) => ({
      id: at < names.length ? names[at]! : `${names[at % names.length]}-${at}`,
      type: at % 3 === 2 ? 'consumer' : 'classic',
      state: at % 4 === 3 ? 'Empty' : 'Stable',
      members: at % 4 === 3 ? 0 : 3,
      topics: [this.topicName(at % this.size.topics)],
      lag: String(at * at * 1234),
      status: (['ok', 'ok', 'warn', 'unknown', 'stop', 'ok', 'stall', 'rewind'] as const)[at % 8]!,
    }));
  }

  group(id: string): GroupDetails | undefined {
    const group = this.groups().find(each => each.id === id);
    if (group === undefined) return undefined;
    const topic = group.topics[0]!;
    const members = Array.from({ length: group.members }, (_, at) => ({
      memberId: `consumer-${id}-${at}-6f1d0c1e`,
      instanceId: null,
      clientId: `consumer-${at}`,
      clientHost: `10.0.0.${at + 10}`,
      partitions: [
        { topic, partition: at * 2 },
        { topic, partition: at * 2 + 1 },
      ],
    }));
    return {
      ...group,
      coordinator: 3,
      assignor: 'cooperative-sticky',
      memberDetails: members,
      partitions: Array.from({ length: this.size.partitionsPerTopic }, (_, partition) => ({
        topic,
        partition,
        offset: String(9_007_199_254_741_000n + BigInt(partition)),
        startOffset: '9007199254740993',
        endOffset: String(9_007_199_254_741_000n + BigInt(partition * 101)),
        lag: String(partition * 100),
        status: partition === 5 ? 'warn' : 'ok',
        memberId: members[Math.floor(partition / 2)]?.memberId ?? null,
        metadata: null,
      })),
    };
  }

  quorum(): Quorum {
    return {
      leaderId: 1,
      leaderEpoch: 7,
      highWatermark: '4712',
      voters: [1, 2, 3].map(id => ({
        id,
        directoryId: `dGhlIGRpcmVjdG9yeSAgI${id}`,
        isLeader: id === 1,
        logEndOffset: '4712',
        lag: '0',
        lastFetchMs: Date.now() - 120,
        lastCaughtUpMs: Date.now() - 120,
        listeners: [`CONTROLLER://127.0.0.1:${19_091 + id}`],
      })),
      observers: [],
    };
  }

  history(nowMs = Date.now()): History {
    const length = 360;
    const timesMs = Array.from({ length }, (_, at) => nowMs - (length - at) * 10_000);
    const wave = (size: number, shift: number) =>
      timesMs.map((_, at) =>
        at < 20
          ? null
          : Math.round(size * (1 + 0.35 * Math.sin(at / 24 + shift) + 0.12 * Math.sin(at / 3 + shift))),
      );
    const traffic = (size: number) => ({
      bytesIn: wave(size, 0),
      bytesOut: wave(size * 2.1, 0.4),
      messagesIn: wave(size / 180, 0),
    });
    return {
      intervalMs: 10_000,
      timesMs,
      nodes: [1, 2, 3].map(id => ({ id, problem: null })),
      total: traffic(4_200_000),
      brokers: [1, 2, 3].map(id => ({
        id,
        ...traffic(1_400_000 + id * 90_000),
        produceP99Ms: wave(4, id),
        fetchP99Ms: wave(2, id),
        requests: wave(900, id),
        connections: wave(40, id),
        isrShrinks: wave(0, id),
        underReplicated: wave(0, id),
      })),
      topics: [{ name: 'orders', ...traffic(900_000) }],
      groups: [
        {
          id: 'billing',
          lag: wave(1500, 1),
          partitions: [0, 1, 2, 3, 4, 5].map(partition => ({
            topic: 'orders',
            partition,
            lag: wave(100 + partition * 90, partition),
          })),
        },
      ],
    };
  }

  alertsAnswer(): Alerts {
    return {
      alerts: this.alerts,
      sinks: [
        { name: 'log', sent: 14, failed: 0, waiting: 0, failure: null },
        {
          name: 'webhook http://127.0.0.1:9999/hook',
          sent: 11,
          failed: 3,
          waiting: 1,
          failure: 'http://127.0.0.1:9999/hook answered 500',
        },
      ],
    };
  }

  rules(): AlertRules {
    return {
      builtIn: [
        {
          name: 'OfflinePartitions',
          scope: 'cluster',
          severity: 'critical',
          forMs: 10_000,
          threshold: null,
          settings: 'alert.offline.partitions.*',
        },
        {
          name: 'BrokerDown',
          scope: 'cluster',
          severity: 'critical',
          forMs: 60_000,
          threshold: null,
          settings: 'alert.broker.down.*',
        },
        {
          name: 'RunningOutOfSpace',
          scope: 'node',
          severity: 'warning',
          forMs: 0,
          threshold: 0.15,
          settings: 'alert.running.out.of.space.*',
        },
      ],
      own: [
        {
          name: 'OrdersLag',
          expression: 'kafka_consumergroup_lag{topic="orders"} > 1000',
          severity: 'critical',
          forMs: 300_000,
          labels: { team: 'shop' },
          annotations: {},
        },
      ],
      ownProblem: null,
    };
  }

  brokerDetails(id: number): BrokerDetails | undefined {
    const broker = this.brokers.find(each => each.id === id);
    if (broker === undefined) return undefined;
    return {
      ...broker,
      logDirs: broker.isFenced
        ? null
        : [
            {
              path: `/var/lib/odradek/broker-${id}`,
              error: null,
              partitions: broker.replicas,
              sizeBytes: '48318382080',
              totalBytes: '214748364800',
              usableBytes: '128849018880',
            },
          ],
    };
  }

  settings(): SettingsTable {
    return {
      settings: this.configs().configs.map(({ name, type, value, documentation, isReadOnly }) => ({
        of: 'broker',
        name,
        type,
        default: value,
        allowed: null,
        change: isReadOnly ? 'read-only' : 'cluster-wide',
        documentation: documentation!,
        isKafkas: true,
        unused: null,
      })),
    };
  }
}

/** An alert about a broker that is gone. */
export function brokerDownAlert(sinceMs: number): Alert {
  return {
    fingerprint: '8f3a',
    name: 'BrokerDown',
    severity: 'critical',
    state: 'firing',
    muted: null,
    scope: 'cluster',
    labels: { alertname: 'BrokerDown', severity: 'critical', broker: '2' },
    annotations: {},
    text: `Broker 2 is not alive: start it again. Since ${new Date(sinceMs).toISOString()}. See: odradek broker list`,
    value: 1,
    since: new Date(sinceMs).toISOString(),
    resolved: null,
  };
}
