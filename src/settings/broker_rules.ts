/* What must hold between settings of a broker or controller; each rule is Kafka's. */

import type { ResolvedListeners } from './listeners.ts';
import type { BROKER_SETTINGS, BrokerSettingName, Values } from './tables.ts';
import type { Problem, Properties } from './values.ts';

type BrokerValues = Values<typeof BROKER_SETTINGS>;

/** Settings in force that other settings give together: see {@link BrokerSettings}. */
export interface Resolved extends ResolvedListeners {
  readonly logDirs: readonly string[];
  readonly logRetentionMs: number;
  readonly logRollMs: number;
  readonly logRollJitterMs: number;
}

/** The names of settings that hold numbers. */
type NumberName = {
  [Name in BrokerSettingName]: BrokerValues[Name] extends number ? Name : never;
}[BrokerSettingName];

/** Pairs of which the first must not be above the second. */
const NOT_ABOVE: readonly (readonly [NumberName, NumberName])[] = [
  ['replica.fetch.wait.max.ms', 'replica.socket.timeout.ms'],
  ['replica.fetch.wait.max.ms', 'replica.lag.time.max.ms'],
  ['log.cleaner.min.compaction.lag.ms', 'log.cleaner.max.compaction.lag.ms'],
  ['group.min.session.timeout.ms', 'group.max.session.timeout.ms'],
  ['group.streams.num.standby.replicas', 'group.streams.max.standby.replicas'],
  ['group.streams.num.warmup.replicas', 'group.streams.max.warmup.replicas'],
  ['group.streams.min.task.offset.interval.ms', 'group.streams.task.offset.interval.ms'],
  ['group.share.max.size', 'group.share.max.share.sessions'],
  ...(['consumer', 'share', 'streams'] as const).flatMap(protocol =>
    (['session.timeout.ms', 'heartbeat.interval.ms', 'assignment.interval.ms'] as const).flatMap(
      what =>
        [
          [`group.${protocol}.min.${what}`, `group.${protocol}.${what}`],
          [`group.${protocol}.${what}`, `group.${protocol}.max.${what}`],
        ] as const,
    ),
  ),
  ...(['delivery.count.limit', 'record.lock.duration.ms', 'partition.max.record.locks'] as const).flatMap(
    what =>
      [
        [`group.share.min.${what}`, `group.share.${what}`],
        [`group.share.${what}`, `group.share.max.${what}`],
      ] as const,
  ),
];

/** Pairs of which the first must be below the second. */
const BELOW: readonly (readonly [NumberName, NumberName])[] = [
  ['group.consumer.heartbeat.interval.ms', 'group.consumer.session.timeout.ms'],
  ['group.share.heartbeat.interval.ms', 'group.share.session.timeout.ms'],
  ['group.streams.heartbeat.interval.ms', 'group.streams.session.timeout.ms'],
];

/** Says what does not fit together. Values that are wrong by themselves take part with their defaults. */
export function* checkBrokerRules(
  values: BrokerValues,
  properties: Properties,
  resolved: Resolved,
): Generator<Problem> {
  for (const [low, high] of NOT_ABOVE) {
    if (values[low] > values[high]) yield order(values, low, high, 'must not be above');
  }
  for (const [low, high] of BELOW) {
    if (values[low] >= values[high]) yield order(values, low, high, 'must be below');
  }
  yield* checkLogs(values, resolved);
  yield* checkConnections(values);
  const [nodeId, brokerId] = [properties.get('node.id'), properties.get('broker.id')];
  if (nodeId !== undefined && brokerId !== undefined && Number(nodeId) !== Number(brokerId)) {
    yield {
      keys: ['node.id', 'broker.id'],
      text: `node.id=${nodeId} and broker.id=${brokerId} name the same thing: set only node.id, or both to the same number`,
    };
  }
}

function order(values: BrokerValues, low: NumberName, high: NumberName, relation: string): Problem {
  return { keys: [low, high], text: `${low}=${values[low]} ${relation} ${high}=${values[high]}` };
}

function* checkLogs(values: BrokerValues, resolved: Resolved): Generator<Problem> {
  const { logRollMs, logRollJitterMs, logRetentionMs, logDirs } = resolved;
  if (logRollMs < 1) yield { keys: ['log.roll.ms'], text: `log.roll.ms=${logRollMs} must be 1 or more` };
  if (logRollJitterMs < 0) {
    yield { keys: ['log.roll.jitter.ms'], text: `log.roll.jitter.ms=${logRollJitterMs} must be 0 or more` };
  }
  if (logRetentionMs === 0) {
    const keys = ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'];
    yield { keys, text: `${keys.join(', ')} must be 1 or more, or -1 to keep all` };
  }
  const dedupe = values['log.cleaner.dedupe.buffer.size'];
  if (dedupe <= 1_048_576) {
    const key = 'log.cleaner.dedupe.buffer.size';
    yield { keys: [key], text: `${key}=${dedupe} must be above 1048576 (1 MiB)` };
  }
  const cordoned = values['cordoned.log.dirs'].filter(each => each !== '*' && !logDirs.includes(each));
  if (cordoned.length > 0) {
    const key = 'cordoned.log.dirs';
    yield {
      keys: [key, 'log.dirs', 'log.dir'],
      text: `${key} names ${cordoned.join(', ')}, which is not among the log directories ${logDirs.join(', ')}`,
    };
  }
}

function* checkConnections(values: BrokerValues): Generator<Problem> {
  const queued = values['queued.max.request.bytes'];
  const largest = values['socket.request.max.bytes'];
  if (queued > 0 && queued < largest) {
    const key = 'queued.max.request.bytes';
    const text = `${key}=${queued} must be -1 or at least socket.request.max.bytes=${largest}`;
    yield { keys: [key, 'socket.request.max.bytes'], text };
  }
  if (values['max.connections.per.ip'] === 0 && values['max.connections.per.ip.overrides'].size === 0) {
    yield {
      keys: ['max.connections.per.ip', 'max.connections.per.ip.overrides'],
      text: 'max.connections.per.ip=0 lets nobody in: set max.connections.per.ip.overrides too',
    };
  }
  const idle = values['connections.max.idle.ms'];
  const delay = values['connection.failed.authentication.delay.ms'];
  if (idle >= 0 && delay >= idle) {
    const key = 'connection.failed.authentication.delay.ms';
    yield {
      keys: [key, 'connections.max.idle.ms'],
      text: `${key}=${delay} must be below connections.max.idle.ms=${idle}`,
    };
  }
}
