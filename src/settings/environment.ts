/*
 * Settings in environment variables, as the images of Kafka take them: `KAFKA_` and the key in capitals with `_` for
 * `.`. Keys hold `_` and `-` only in the names of listeners and mechanisms; Apache's image writes them as `__` and
 * `___`, Confluent's as `___` and `__`. Bitnami's image has the prefix `KAFKA_CFG_`.
 */

import { lookUpKey, nearestName } from './known_keys.ts';
import { BROKER_SETTINGS } from './tables.ts';

export interface EnvironmentSetting {
  readonly variable: string;
  readonly key: string;
  readonly value: string;
}

export interface EnvironmentSettings {
  readonly settings: readonly EnvironmentSetting[];
  /** Of variables that look like misspelt settings. Those for other purposes (KAFKA_HEAP_OPTS) go by in silence. */
  readonly warnings: readonly string[];
}

const PREFIX = /^KAFKA_(?:CFG_)?/;

/**
 * Finds the settings among the variables, in the order of their names.
 * @param listenerNames in lower case, to tell the two ways of writing `_` and `-` apart
 */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  listenerNames: ReadonlySet<string>,
): EnvironmentSettings {
  const settings: EnvironmentSetting[] = [];
  const warnings: string[] = [];
  for (const variable of Object.keys(environment).sort()) {
    const value = environment[variable];
    if (value === undefined || !PREFIX.test(variable)) continue;
    const name = variable.replace(PREFIX, '').toLowerCase();
    const key = keyOf(name, listenerNames);
    if (key !== undefined) {
      settings.push({ variable, key, value });
      continue;
    }
    const near = nearestName(name.replaceAll('_', '.'), Object.keys(BROKER_SETTINGS));
    if (near === undefined) continue;
    const meant = `KAFKA_${near.replaceAll('.', '_').toUpperCase()}`;
    warnings.push(
      `the environment variable ${variable} names no setting and is ignored: did you mean ${meant}?`,
    );
  }
  return { settings, warnings };
}

function keyOf(name: string, listenerNames: ReadonlySet<string>): string | undefined {
  const apache = decode(name, '_', '-');
  const confluent = decode(name, '-', '_');
  if (apache === confluent) return isAccepted(apache) ? apache : undefined;
  const candidates = [apache, confluent].filter(isAccepted);
  return candidates.find(key => listenerNames.has(listenerOf(key))) ?? candidates[0];
}

function decode(name: string, double: string, triple: string): string {
  return name.replace(/_{1,3}/g, run => ['.', double, triple][run.length - 1]!);
}

function listenerOf(key: string): string {
  return key.split('.')[2] ?? '';
}

function isAccepted(key: string): boolean {
  return lookUpKey(key).kind !== 'unknown';
}
