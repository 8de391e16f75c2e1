/*
 * Which keys a configuration may hold besides the settings of the table: what real files of Kafka's users hold, and
 * nothing that is merely misspelt.
 */

import { entryOf, type Setting } from './setting.ts';
import { TOPIC_DEFAULTS } from './synonyms.ts';
import { BROKER_SETTINGS } from './tables.ts';

/** What a key is. */
export type KnownKey =
  /** A setting of the table, or one listener's own value of it. */
  | { readonly kind: 'setting'; readonly setting: Setting; readonly listener?: string }
  /** No setting, but accepted: with why it has no effect. */
  | { readonly kind: 'tolerated'; readonly why: string }
  /** Not accepted: with what may have been meant. */
  | { readonly kind: 'unknown'; readonly advice: string };

const ZOOKEEPER = 'there is no ZooKeeper: the controllers keep the metadata themselves';
const REMOVED = 'Kafka has removed it';
const FORMATS = 'one format of records is spoken, that of Kafka 4';
const PLUGIN = 'it belongs to a plugin, and classes of a JVM can not be loaded';

/** Settings of earlier versions that are still in people's files and whose loss changes nothing that matters. */
const REMOVED_KEYS: Readonly<Record<string, string>> = {
  'auto.include.jmx.reporter': REMOVED,
  'broker.id.generation.enable': REMOVED,
  'control.plane.listener.name': REMOVED,
  'controlled.shutdown.max.retries': REMOVED,
  'controlled.shutdown.retry.backoff.ms': REMOVED,
  'delegation.token.master.key': 'delegation tokens are not issued yet',
  'eligible.leader.replicas.enable': 'eligible leader replicas are always kept',
  'group.coordinator.new.enable': 'there is one group coordinator',
  'group.share.enable': 'share groups are not served yet',
  'group.share.max.groups': 'share groups are not served yet',
  'inter.broker.protocol.version': FORMATS,
  'leader.imbalance.per.broker.percentage': REMOVED,
  'log.message.downconversion.enable': FORMATS,
  'log.message.format.version': FORMATS,
  'log.message.timestamp.difference.max.ms': 'use log.message.timestamp.before.max.ms and .after.max.ms',
  'logs.dir': 'the log of what the node does goes to stderr',
  'offsets.commit.required.acks': 'offsets are always committed by all in-sync replicas',
  'reserved.broker.max.id': REMOVED,
  'allow.everyone.if.no.acl.found': 'there is no authorizer yet',
  'super.users': 'there is no authorizer yet',
};

/** Keys of other products and of plugins by their prefixes. */
const TOLERATED_PREFIXES: readonly (readonly [string, string])[] = [
  ['zookeeper.', ZOOKEEPER],
  ['password.encoder.', 'passwords are not kept in ZooKeeper'],
  ['config.providers.', 'values are taken as they are written'],
  ['rsm.config.', 'there is no tiered storage'],
  ['rlmm.config.', 'there is no tiered storage'],
  ['confluent.', PLUGIN],
  ['strimzi.', PLUGIN],
  ['oauth.', PLUGIN],
  ['cruise.control.', PLUGIN],
  ['prometheus.metrics.reporter.', PLUGIN],
  ['kafka.csv.metrics.', PLUGIN],
  ['client.quota.callback.', PLUGIN],
];

/** Keys whose meaning is elsewhere now: to go on without it would surprise. */
const MOVED: Readonly<Record<string, string>> = {
  port: 'use listeners, as PLAINTEXT://host:port',
  'host.name': 'use listeners, as PLAINTEXT://host:port',
  'advertised.port': 'use advertised.listeners, as PLAINTEXT://host:port',
  'advertised.host.name': 'use advertised.listeners, as PLAINTEXT://host:port',
  'quota.producer.default': 'use the quotas of users and clients, which are set at run time',
  'quota.consumer.default': 'use the quotas of users and clients, which are set at run time',
};

const LISTENER_KEY = /^listener\.name\.([^.]+)\.(.+)$/;

/** Tells what a key of a broker's configuration is. */
export function lookUpKey(key: string): KnownKey {
  const setting = entryOf<Setting>(BROKER_SETTINGS, key);
  if (setting !== undefined) return { kind: 'setting', setting };
  const ofListener = LISTENER_KEY.exec(key);
  if (ofListener !== null) return lookUpListenerKey(ofListener[1]!, ofListener[2]!);
  const why =
    entryOf(REMOVED_KEYS, key) ?? TOLERATED_PREFIXES.find(([prefix]) => key.startsWith(prefix))?.[1];
  if (why !== undefined) return { kind: 'tolerated', why };
  return { kind: 'unknown', advice: adviceFor(key) };
}

/** `listener.name.<listener>.<key>` or, for SASL, `listener.name.<listener>.<mechanism>.<key>`. */
function lookUpListenerKey(listener: string, rest: string): KnownKey {
  const ofMechanism = rest.slice(rest.indexOf('.') + 1);
  const setting = entryOf<Setting>(BROKER_SETTINGS, rest) ?? entryOf<Setting>(BROKER_SETTINGS, ofMechanism);
  if (setting === undefined) return { kind: 'tolerated', why: PLUGIN };
  return { kind: 'setting', setting, listener };
}

/** Settings that a listener can have its own value of, and that is heeded. */
export const LISTENER_SETTINGS: ReadonlySet<string> = new Set([
  'max.connections',
  'max.connection.creation.rate',
]);

function adviceFor(key: string): string {
  const moved = entryOf(MOVED, key);
  if (moved !== undefined) return moved;
  const brokers = entryOf<string>(TOPIC_DEFAULTS, key);
  if (brokers !== undefined) return `it is a setting of topics, whose default is ${brokers}`;
  const near = nearestName(key, Object.keys(BROKER_SETTINGS));
  return near === undefined ? 'there is no setting of a name like it' : `did you mean ${near}?`;
}

/** The name that differs least, if that is little for its length. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.min(4, Math.floor(name.length / 4)) + 1;
  const folded = name.toLowerCase().replaceAll(/[_-]/g, '.');
  for (const other of names) {
    if (Math.abs(other.length - folded.length) >= least) continue;
    const distance = editDistance(folded, other);
    if (distance < least) {
      least = distance;
      nearest = other;
    }
  }
  return nearest;
}

/** Letters to insert, remove, change or swap with the next to make one of the other. */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1];
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      if (swapped) least = Math.min(least, beforeLast[j - 2]! + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[right.length]!;
}
