/* From the entries of IncrementalAlterConfigs and AlterConfigs to what changes; checked in `check_changes.ts`. */

import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { type ConfigResource, ConfigResourceType } from './config_resource.ts';
import { entryOf, type Setting, splitList, type Table } from './setting.ts';
import { BROKER_SETTINGS, CLIENT_METRICS_SETTINGS, GROUP_SETTINGS, TOPIC_SETTINGS } from './tables.ts';
import { cut, type Properties } from './values.ts';

/** One setting of a resource that changes; null takes it away. */
export interface ConfigChange {
  readonly name: string;
  readonly value: string | null;
}

/** An entry of IncrementalAlterConfigs (KIP-339). */
export interface ConfigOperation {
  readonly name: string;
  readonly configOperation: number;
  readonly value: string | null;
}

/** Kafka's numbers (AlterConfigOp.OpType). */
export const AlterOperation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

/** Characters of one value; Kafka has the same bound. */
const MAX_VALUE_CHARACTERS = 32_767;

/**
 * What operations on single settings change.
 * @param current the resource's own settings
 */
export function incrementalChanges(
  resource: ConfigResource,
  operations: readonly ConfigOperation[],
  current: Properties,
): readonly ConfigChange[] | Failure {
  const refused = checkEntries(operations, each => each.configOperation === AlterOperation.DELETE);
  if (refused !== undefined) return refused;
  const changes: ConfigChange[] = [];
  for (const operation of operations) {
    const value = valueAfter(resource, operation, current.get(operation.name));
    if (value instanceof Failure) return value;
    changes.push({ name: operation.name, value });
  }
  return effective(resource, changes, current);
}

/** What changes when `entries` become all the settings that the resource has of its own (AlterConfigs). */
export function replacingChanges(
  resource: ConfigResource,
  entries: readonly ConfigChange[],
  current: Properties,
): readonly ConfigChange[] | Failure {
  const refused = checkEntries(entries, () => false);
  if (refused !== undefined) return refused;
  const kept = new Set(entries.map(entry => entry.name));
  const gone = [...current.keys()].filter(name => !kept.has(name)).map(name => ({ name, value: null }));
  return effective(resource, [...entries, ...gone], current);
}

/** The resource's own settings after the changes. */
export function applyChanges(current: Properties, changes: readonly ConfigChange[]): Properties {
  const after = new Map(current);
  for (const { name, value } of changes) {
    if (value === null) after.delete(name);
    else after.set(name, value);
  }
  return after;
}

/** The table of a type of resources; undefined when there is none. */
export function tableOf(type: number): Table | undefined {
  switch (type) {
    case ConfigResourceType.TOPIC:
      return TOPIC_SETTINGS;
    case ConfigResourceType.BROKER:
      return BROKER_SETTINGS;
    case ConfigResourceType.GROUP:
      return GROUP_SETTINGS;
    case ConfigResourceType.CLIENT_METRICS:
      return CLIENT_METRICS_SETTINGS;
    default:
      return undefined;
  }
}

function checkEntries<Entry extends ConfigChange>(
  entries: readonly Entry[],
  mayBeNull: (entry: Entry) => boolean,
): Failure | undefined {
  const names = new Set<string>();
  for (const entry of entries) {
    const { name, value } = entry;
    if (names.has(name)) return new Failure(Errors.INVALID_REQUEST, `${cut(name)} is in the request twice`);
    names.add(name);
    if (value === null && !mayBeNull(entry)) {
      return new Failure(Errors.INVALID_REQUEST, `${cut(name)} has no value: null is for deleting alone`);
    }
  }
  return undefined;
}

function valueAfter(
  { type }: ConfigResource,
  { name, configOperation, value }: ConfigOperation,
  current: string | undefined,
): string | null | Failure {
  switch (configOperation) {
    case AlterOperation.SET:
      return value;
    case AlterOperation.DELETE:
      return null;
    case AlterOperation.APPEND:
    case AlterOperation.SUBTRACT: {
      const setting = entryOf<Setting>(tableOf(type) ?? {}, name);
      if (setting?.type !== 'list') {
        const why =
          setting === undefined ? 'there is no such setting' : `it is no list but of type ${setting.type}`;
        return new Failure(Errors.INVALID_CONFIG, `cannot add to or take from ${cut(name)}: ${why}`);
      }
      const parts = splitList(current ?? setting.defaultText ?? '');
      const changed = splitList(value ?? '');
      return configOperation === AlterOperation.APPEND
        ? [...new Set([...parts, ...changed])].join(',')
        : parts.filter(part => !changed.includes(part)).join(',');
    }
    default:
      return new Failure(Errors.INVALID_REQUEST, `${cut(name)}: there is no operation ${configOperation}`);
  }
}

/** Leaves out what stays as it is; for brokers all is kept, so that they read files again whose names stay. */
function effective(
  { type }: ConfigResource,
  changes: readonly ConfigChange[],
  current: Properties,
): readonly ConfigChange[] | Failure {
  const long = changes.find(({ value }) => value !== null && value.length > MAX_VALUE_CHARACTERS);
  if (long !== undefined) {
    return new Failure(
      Errors.INVALID_CONFIG,
      `the value of ${cut(long.name)} has ${long.value?.length} characters: ${MAX_VALUE_CHARACTERS} are allowed`,
    );
  }
  if (type === ConfigResourceType.BROKER) return changes;
  return changes.filter(({ name, value }) => (current.get(name) ?? null) !== value);
}
