import { asNodeId, type NodeId } from '../model/ids.ts';
import { formatHostPort, type HostPort, type QuorumVoter } from './address.ts';
import { checkBrokerRules } from './broker_rules.ts';
import { type ResolvedListeners, resolveListeners } from './listeners.ts';
import { checkRoles, isQuorumTold } from './role_rules.ts';
import { BROKER_SETTINGS, type BrokerSettingName, camelCase, type Typed, type Values } from './tables.ts';
import { type Problem, type Properties, readValues } from './values.ts';

export type ProcessRole = 'broker' | 'controller';

/** Settings that are not taken as they are: {@link ResolvedSettings} has what they come to. */
const REPLACED = [
  'process.roles',
  'node.id',
  'broker.id',
  'listeners',
  'advertised.listeners',
  'listener.security.protocol.map',
  'controller.listener.names',
  'inter.broker.listener.name',
  'security.inter.broker.protocol',
  'controller.quorum.voters',
  'controller.quorum.bootstrap.servers',
  'log.dir',
  'log.dirs',
  'cordoned.log.dirs',
  'metadata.log.dir',
  'metadata.log.segment.bytes',
  'internal.metadata.log.segment.bytes',
  'log.retention.ms',
  'log.retention.minutes',
  'log.retention.hours',
  'log.roll.ms',
  'log.roll.hours',
  'log.roll.jitter.ms',
  'log.roll.jitter.hours',
  'log.flush.interval.ms',
] as const satisfies readonly BrokerSettingName[];

/** What settings of more than one key come to, as Kafka resolves them. */
export interface ResolvedSettings extends ResolvedListeners {
  readonly nodeId: NodeId;
  readonly roles: readonly ProcessRole[];
  /** Empty where the voters are kept in the metadata. A port of 0 (a quorum of one) is the port of the listener. */
  readonly quorumVoters: readonly QuorumVoter[];
  readonly quorumBootstrapServers: readonly HostPort[];
  readonly logDirs: readonly string[];
  /** Those of {@link logDirs} that take no new replicas. */
  readonly cordonedLogDirs: readonly string[];
  readonly metadataLogDir: string;
  readonly metadataLogSegmentBytes: number;
  /** -1 to keep all. */
  readonly logRetentionMs: number;
  readonly logRollMs: number;
  readonly logRollJitterMs: number;
  readonly logFlushIntervalMs: number;
}

/**
 * The settings of a broker or controller that have an effect, under their names in camel case, in the units of
 * Kafka's names. What has no effect here is not in it: a room that begins to heed such a setting takes the `unused`
 * from its entry in the table.
 */
export interface BrokerSettings
  extends Typed<typeof BROKER_SETTINGS, (typeof REPLACED)[number]>,
    ResolvedSettings {}

export interface ResolvedBroker {
  /** Complete; to be used only when there are no problems. */
  readonly settings: BrokerSettings;
  /** Of every setting of the table, in force or not, by its name. */
  readonly values: Values<typeof BROKER_SETTINGS>;
  /** What was set; with `node.id` and `broker.id` both where one was. */
  readonly properties: Properties;
  /** Defaults that follow from other settings, by name: what is described instead of the table's. */
  readonly derived: Properties;
  readonly problems: readonly Problem[];
}

const TYPED_NAMES = Object.values(BROKER_SETTINGS)
  .filter(({ name, unused }) => unused === undefined && !(REPLACED as readonly string[]).includes(name))
  .map(({ name }) => [name as BrokerSettingName, camelCase(name)] as const);

/**
 * Resolves the settings that were set, and says all that is wrong with them.
 * @param hostname the name under which others reach this machine, advertised for listeners on every interface
 */
export function resolveBrokerSettings(properties: Properties, hostname: string): ResolvedBroker {
  const named = withNodeId(properties);
  const derived = deriveDefaults(named);
  const read = readValues(BROKER_SETTINGS, named, derived);
  const { values } = read;
  const problems = read.problems.filter(({ keys }) => properties.has('broker.id') || keys[0] !== 'broker.id');
  const { problems: listenerProblems, ...listeners } = resolveListeners({
    values,
    properties: named,
    hostname,
  });
  const resolved = { ...listeners, ...resolve(values) };
  const wrong = new Set(problems.flatMap(problem => problem.keys));
  const between = [
    ...listenerProblems,
    ...checkRoles(values, named, resolved),
    ...checkBrokerRules(values, named, resolved),
  ].filter(problem => !problem.keys.some(key => wrong.has(key)));
  const settings: Record<string, unknown> = { ...resolved };
  for (const [name, typedName] of TYPED_NAMES) settings[typedName] = values[name];
  return {
    settings: Object.freeze(settings) as unknown as BrokerSettings,
    values,
    properties: named,
    derived,
    problems: [...problems, ...between],
  };
}

/** `node.id` and `broker.id` stand for each other where only one is set; -1 was once "choose one for me". */
function withNodeId(properties: Properties): Properties {
  const [nodeId, brokerId] = [properties.get('node.id'), properties.get('broker.id')];
  if (nodeId !== undefined && brokerId === undefined) return new Map([...properties, ['broker.id', nodeId]]);
  if (nodeId !== undefined || brokerId === undefined || brokerId.trim() === '-1') return properties;
  return new Map([...properties, ['node.id', brokerId]]);
}

/**
 * A node that was told nothing of listeners listens on loopback for its roles. One that was told nothing of roles
 * and voters either is a quorum of its own: who sets `process.roles` lays a cluster out, and has to name its voters.
 */
function deriveDefaults(properties: Properties): Properties {
  const derived = new Map<string, string>();
  const { values: told } = readValues(TOLD_OF_QUORUM, properties);
  const roles = told['process.roles'];
  const controllerName = told['controller.listener.names'][0]!.toUpperCase();
  if (!properties.has('listeners')) {
    const listeners: string[] = [];
    if (roles.includes('broker')) listeners.push('PLAINTEXT://127.0.0.1:9092');
    if (roles.includes('controller')) listeners.push(`${controllerName}://127.0.0.1:9093`);
    derived.set('listeners', listeners.join(','));
  }
  if (!isQuorumTold(properties)) {
    const { values: listening } = readValues(TOLD_OF_QUORUM, properties, derived);
    const own = listening.listeners.find(listener => listener.name === controllerName);
    if (own !== undefined) {
      const host = ['', '0.0.0.0', '::'].includes(own.host) ? '127.0.0.1' : own.host;
      derived.set(
        'controller.quorum.voters',
        `${told['node.id']}@${formatHostPort({ host, port: own.port })}`,
      );
    }
  }
  return derived;
}

const TOLD_OF_QUORUM = {
  'process.roles': BROKER_SETTINGS['process.roles'],
  'node.id': BROKER_SETTINGS['node.id'],
  'controller.listener.names': BROKER_SETTINGS['controller.listener.names'],
  listeners: BROKER_SETTINGS.listeners,
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function resolve(values: Values<typeof BROKER_SETTINGS>) {
  const logDirs = values['log.dirs'] ?? values['log.dir'];
  const cordoned = values['cordoned.log.dirs'];
  const minutes = values['log.retention.minutes'];
  const retentionMs =
    values['log.retention.ms'] ??
    (minutes === undefined ? values['log.retention.hours'] * HOUR_MS : minutes * MINUTE_MS);
  return {
    nodeId: asNodeId(values['node.id']),
    roles: values['process.roles'] as readonly ProcessRole[],
    quorumVoters: values['controller.quorum.voters'],
    quorumBootstrapServers: values['controller.quorum.bootstrap.servers'],
    logDirs,
    cordonedLogDirs: cordoned.includes('*') ? logDirs : cordoned,
    metadataLogDir: values['metadata.log.dir'] ?? logDirs[0]!,
    metadataLogSegmentBytes:
      values['internal.metadata.log.segment.bytes'] ?? values['metadata.log.segment.bytes'],
    logRetentionMs: retentionMs < 0 ? -1 : retentionMs,
    logRollMs: values['log.roll.ms'] ?? values['log.roll.hours'] * HOUR_MS,
    logRollJitterMs: values['log.roll.jitter.ms'] ?? values['log.roll.jitter.hours'] * HOUR_MS,
    logFlushIntervalMs: values['log.flush.interval.ms'] ?? values['log.flush.scheduler.interval.ms'],
  } satisfies Omit<ResolvedSettings, keyof ResolvedListeners>;
}
