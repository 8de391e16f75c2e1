/*
 * The tables put together: every setting of brokers, topics, groups and client-metrics subscriptions. Names, types,
 * defaults, ranges, importance and the ways to change them are Kafka 4.4's, unless an entry says that it is ours.
 * Where Kafka leaves a number unbounded that would keep a node from working (an interval of 0), there is a bound here.
 *
 * Defaults that deviate, so that a node starts with nothing configured and a dead one is noticed soon:
 * `process.roles`, `node.id`, `listeners`, `controller.listener.names` (a single node on 127.0.0.1:9092 and 9093),
 * `log.dir` (`./data`), `broker.heartbeat.interval.ms` (400), `broker.session.timeout.ms` (2000).
 *
 * The replication factors of internal topics keep Kafka's default of 3, but are upper bounds here: such a topic gets
 * the smaller of its factor and the number of brokers known when it is created.
 */

import type { Entry, Table, ValueOf } from './setting.ts';
import { ALERT_SETTINGS } from './tables/alerts.ts';
import { CLEANER_SETTINGS } from './tables/cleaner.ts';
import { CONSOLE_SETTINGS } from './tables/console.ts';
import { GROUP_COORDINATOR_SETTINGS } from './tables/groups.ts';
import { LOG_SETTINGS } from './tables/log.ts';
import { METRIC_SETTINGS } from './tables/metrics.ts';
import { MONITORING_SETTINGS } from './tables/monitoring.ts';
import { NETWORK_SETTINGS } from './tables/network.ts';
import { QUORUM_SETTINGS } from './tables/quorum.ts';
import { QUOTA_SETTINGS } from './tables/quotas.ts';
import { REPLICATION_SETTINGS } from './tables/replication.ts';
import { SASL_SETTINGS } from './tables/sasl.ts';
import { SECURITY_SETTINGS } from './tables/security.ts';
import { SHARE_SETTINGS } from './tables/share.ts';
import { TIERING_SETTINGS } from './tables/tiering.ts';
import { TLS_SETTINGS } from './tables/tls.ts';
import { TRANSACTION_SETTINGS } from './tables/transactions.ts';

export { CLIENT_METRICS_SETTINGS } from './tables/client_metrics.ts';
export { GROUP_SETTINGS } from './tables/group.ts';
export { TOPIC_SETTINGS } from './tables/topic.ts';

export const BROKER_SETTINGS = {
  ...QUORUM_SETTINGS,
  ...NETWORK_SETTINGS,
  ...LOG_SETTINGS,
  ...CLEANER_SETTINGS,
  ...REPLICATION_SETTINGS,
  ...GROUP_COORDINATOR_SETTINGS,
  ...SHARE_SETTINGS,
  ...TRANSACTION_SETTINGS,
  ...QUOTA_SETTINGS,
  ...METRIC_SETTINGS,
  ...MONITORING_SETTINGS,
  ...ALERT_SETTINGS,
  ...CONSOLE_SETTINGS,
  ...SECURITY_SETTINGS,
  ...TLS_SETTINGS,
  ...SASL_SETTINGS,
  ...TIERING_SETTINGS,
};

export type BrokerSettingName = keyof typeof BROKER_SETTINGS;

/** `log.segment.bytes` becomes `logSegmentBytes`. */
type CamelCase<Name extends string> = Name extends `${infer Head}.${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** The names of a table's settings that have an effect. */
type InForce<T extends Table> = {
  [Name in keyof T]: T[Name] extends Entry<unknown, false> ? never : Name;
}[keyof T] &
  string;

/** The values of a table by their names, the unset ones with their defaults. */
export type Values<T extends Table> = { readonly [Name in keyof T]: ValueOf<T[Name]> };

/** The values of a table's settings in force, without those of `Replaced`, under their names in camel case. */
export type Typed<T extends Table, Replaced extends keyof T> = {
  readonly [Name in Exclude<InForce<T>, Replaced> as CamelCase<Name>]: ValueOf<T[Name]>;
};

export function camelCase<Name extends string>(name: Name): CamelCase<Name> {
  return name.replace(/\.(.)/g, (_, letter: string) => letter.toUpperCase()) as CamelCase<Name>;
}
