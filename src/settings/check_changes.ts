/*
 * Whether changes of settings are allowed. Codes are Kafka's: INVALID_CONFIG for topics and groups, INVALID_REQUEST
 * for brokers, where Kafka lets unknown names pass and this refuses them (INVALID_CONFIG).
 */

import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import type { ResolvedBroker } from './broker_settings.ts';
import { applyChanges, type ConfigChange, tableOf } from './config_changes.ts';
import { type ConfigResource, ConfigResourceType, checkResource } from './config_resource.ts';
import { LISTENER_SETTINGS, lookUpKey, nearestName } from './known_keys.ts';
import { entryOf, type Setting } from './setting.ts';
import { GROUP_DEFAULTS, TOPIC_DEFAULTS } from './synonyms.ts';
import type { BROKER_SETTINGS, Values } from './tables.ts';
import { type TopicSettings, topicSettings } from './topic_settings.ts';
import { cut, notAllowed, type Properties } from './values.ts';

export interface ProposedChanges {
  readonly resource: ConfigResource;
  readonly changes: readonly ConfigChange[];
  /** The resource's own settings before. */
  readonly current: Properties;
  /** What the node that checks has in force: the defaults of topics, the bounds of groups. */
  readonly broker: ResolvedBroker;
}

/**
 * Checks changes as far as this node can: what a broker's settings come to together, only that broker knows
 * (`DynamicSettings.check`).
 */
export function checkChanges({ resource, changes, current, broker }: ProposedChanges): Failure | undefined {
  const refused = checkResource(resource);
  if (refused !== undefined) return refused;
  if (resource.type === ConfigResourceType.BROKER) return checkBrokerChanges(resource.name, changes);
  for (const { name, value } of changes) {
    if (value === null) continue;
    const wrong = checkValue(resource.type, name, value);
    if (wrong !== undefined) return wrong;
  }
  const after = applyChanges(current, changes);
  if (resource.type === ConfigResourceType.TOPIC) return checkTopicTogether(after, broker);
  if (resource.type === ConfigResourceType.GROUP) return checkGroupTogether(after, broker.values);
  return undefined;
}

/** The settings of a new topic, from the entries of CreateTopics. */
export function newTopicConfigs(
  entries: readonly ConfigChange[],
  broker: ResolvedBroker,
): Properties | Failure {
  const own = new Map<string, string>();
  for (const { name, value } of entries) {
    if (value === null) return invalid(`${cut(name)} has no value: leave it out to have the default`);
    if (own.has(name)) return new Failure(Errors.INVALID_REQUEST, `${cut(name)} is in the request twice`);
    own.set(name, value);
    const wrong = checkValue(ConfigResourceType.TOPIC, name, value);
    if (wrong !== undefined) return wrong;
  }
  return checkTopicTogether(own, broker) ?? own;
}

const KINDS: Readonly<Record<number, string>> = {
  [ConfigResourceType.TOPIC]: 'topics',
  [ConfigResourceType.GROUP]: 'groups',
  [ConfigResourceType.CLIENT_METRICS]: 'client-metrics subscriptions',
};

function checkValue(type: number, name: string, value: string): Failure | undefined {
  const table = tableOf(type)!;
  const setting = entryOf<Setting>(table, name);
  const ofClients = type === ConfigResourceType.CLIENT_METRICS;
  if (setting === undefined) {
    const advice = adviceFor(type, name, Object.keys(table));
    const code = ofClients ? Errors.INVALID_REQUEST : Errors.INVALID_CONFIG;
    return new Failure(code, `${KINDS[type]} have no setting ${cut(name)}: ${advice}`);
  }
  if (setting.parse(value) !== undefined) return undefined;
  const outOfRange = ofClients && setting.type === 'int' && /^\s*[+-]?\d+\s*$/.test(value);
  return new Failure(outOfRange ? Errors.INVALID_REQUEST : Errors.INVALID_CONFIG, notAllowed(setting, value));
}

function adviceFor(type: number, name: string, names: readonly string[]): string {
  if (type === ConfigResourceType.TOPIC) {
    const own = Object.entries(TOPIC_DEFAULTS).find(([, brokerName]) => brokerName === name)?.[0];
    if (own !== undefined) return `${name} is a setting of brokers, and the default of ${own}`;
  }
  const near = nearestName(name, names);
  return near === undefined ? `they have ${names.join(', ')}` : `did you mean ${near}?`;
}

function checkTopicTogether(own: Properties, broker: ResolvedBroker): Failure | undefined {
  const { minCompactionLagMs, maxCompactionLagMs }: TopicSettings = topicSettings(broker.settings, own);
  if (minCompactionLagMs > maxCompactionLagMs) {
    return invalid(
      `min.compaction.lag.ms=${minCompactionLagMs} must not be above max.compaction.lag.ms=${maxCompactionLagMs}`,
    );
  }
  if (own.get('remote.storage.enable')?.trim().toLowerCase() === 'true') {
    return invalid('remote.storage.enable=true is not allowed: there is no tiered storage');
  }
  return undefined;
}

type BrokerValues = Values<typeof BROKER_SETTINGS>;

/** A group may set what the broker has bounds for, within them, and a session longer than a heartbeat. */
function checkGroupTogether(own: Properties, broker: BrokerValues): Failure | undefined {
  for (const [name, text] of own) {
    const { least, most } = boundsOf(name, broker);
    const value = Number(text);
    if (least !== undefined && value < least.value) {
      return invalid(`${name}=${text} must be at least ${least.name}=${least.value}`);
    }
    if (most !== undefined && value > most.value) {
      return invalid(`${name}=${text} must be at most ${most.name}=${most.value}`);
    }
  }
  for (const protocol of ['consumer', 'share', 'streams'] as const) {
    const session = groupNumber(`${protocol}.session.timeout.ms`, own, broker);
    const heartbeat = groupNumber(`${protocol}.heartbeat.interval.ms`, own, broker);
    if (session > heartbeat) continue;
    return invalid(
      `${protocol}.session.timeout.ms=${session} must be above ${protocol}.heartbeat.interval.ms=${heartbeat}`,
    );
  }
  return undefined;
}

interface Bound {
  readonly name: string;
  readonly value: number;
}

/**
 * `share.session.timeout.ms` is bounded by `group.share.min.session.timeout.ms` and `group.share.max…`, and
 * `streams.num.standby.replicas` by `group.streams.max.standby.replicas`.
 */
function boundsOf(name: string, broker: BrokerValues): { least: Bound | undefined; most: Bound | undefined } {
  const bound = (which: 'min' | 'max'): Bound | undefined => {
    const boundName = `group.${name}`.replace(/^group\.([a-z]+)\.(num\.)?/, `group.$1.${which}.`);
    const value = entryOf<unknown>(broker, boundName);
    return typeof value === 'number' ? { name: boundName, value } : undefined;
  };
  return { least: bound('min'), most: bound('max') };
}

function groupNumber(name: keyof typeof GROUP_DEFAULTS, own: Properties, broker: BrokerValues): number {
  const text = own.get(name);
  return text === undefined ? Number(broker[GROUP_DEFAULTS[name]]) : Number(text);
}

/** Each change of a broker by itself; `scope` is the broker's id, or empty for all brokers. */
export function checkBrokerChanges(scope: string, changes: readonly ConfigChange[]): Failure | undefined {
  for (const { name, value } of changes) {
    const wrong = value === null ? undefined : checkBrokerChange(scope, name, value);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** The same for one change that sets something. */
export function checkBrokerChange(scope: string, name: string, value: string): Failure | undefined {
  const what = lookUpKey(name);
  if (what.kind === 'tolerated') return undefined;
  if (what.kind === 'unknown') return invalid(`brokers have no setting ${cut(name)}: ${what.advice}`);
  const { setting, listener } = what;
  if (setting.update === 'read-only' && listener === undefined) {
    return refuse(
      `${name} can not be changed while the broker runs: set it in server.properties and restart`,
    );
  }
  if (setting.name.startsWith('ssl.') && listener === undefined) {
    return refuse(`${name} changes for single listeners only, as listener.name.<listener>.${name}`);
  }
  const forOneBroker =
    listener === undefined ? setting.update === 'per-broker' : !LISTENER_SETTINGS.has(setting.name);
  if (scope === '' && forOneBroker)
    return refuse(`${name} changes for single brokers only: name one by its id`);
  return setting.parse(value) === undefined ? refuse(notAllowed(setting, value, name)) : undefined;
}

/**
 * With eligible leader replicas (KIP-966) `min.insync.replicas` must be the same on all brokers: single brokers can't
 * set it, and the value of all stays set.
 */
export function checkMinInsyncReplicas(
  { type, name: scope }: ConfigResource,
  changes: readonly ConfigChange[],
): Failure | undefined {
  const change = changes.find(({ name }) => name === 'min.insync.replicas');
  if (type !== ConfigResourceType.BROKER || change === undefined) return undefined;
  if (scope !== '')
    return invalid('min.insync.replicas can not differ between brokers: set it for all of them');
  if (change.value === null) {
    return invalid('min.insync.replicas of all brokers can be changed but not removed');
  }
  return undefined;
}

function invalid(text: string): Failure {
  return new Failure(Errors.INVALID_CONFIG, text);
}

function refuse(text: string): Failure {
  return new Failure(Errors.INVALID_REQUEST, text);
}
