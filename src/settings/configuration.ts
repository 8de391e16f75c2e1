import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { type BrokerSettings, type ResolvedBroker, resolveBrokerSettings } from './broker_settings.ts';
import { readEnvironment } from './environment.ts';
import { type KnownKey, LISTENER_SETTINGS, lookUpKey } from './known_keys.ts';
import { listenerAddresses } from './parsers.ts';
import { parsePropertiesFile } from './properties_file.ts';
import { namesOfSameThing } from './synonyms.ts';
import { notAllowed, type Problem, shownOfKey } from './values.ts';

/** Where a node's settings come from; what is further down counts more. */
export interface ConfigurationSources {
  /** server.properties. */
  readonly file?: { readonly name: string; readonly text: string };
  /** All environment variables; those that name no setting are left alone. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** `key=value`, the last of a key counts. */
  readonly overrides?: readonly string[];
  /** The name under which others reach this machine, for listeners on every interface. */
  readonly hostname: string;
}

/** The static configuration of a node; nothing is wrong with it. */
export interface Configuration extends ResolvedBroker {
  readonly hostname: string;
  /** What was set and has no effect, with why; for the log at the start. */
  readonly warnings: readonly string[];
}

interface Given {
  readonly value: string;
  /** For people: `server.properties, line 3`. */
  readonly origin: string;
}

/**
 * Puts a node's configuration together.
 * @returns the configuration, or all that is wrong with it: a Failure (INVALID_CONFIG) for each, with the key, its
 *   value, where it was set and what is allowed
 */
export function loadConfiguration(sources: ConfigurationSources): Configuration | readonly Failure[] {
  const failures: Failure[] = [];
  const warnings: string[] = [];
  const given = collect(sources, failures, warnings);
  const known = new Map([...given.keys()].map(key => [key, lookUpKey(key)] as const));
  const set = new Map([...given].map(([key, { value }]) => [key, value]));
  const resolved = resolveBrokerSettings(set, sources.hostname);
  for (const problem of [...resolved.problems, ...keyProblems(given, known)])
    failures.push(asFailure(problem, given));
  if (failures.length > 0) return failures;
  warnings.push(...withoutEffect(known), ...unresolved(given, known), ...worries(resolved.settings));
  return { ...resolved, hostname: sources.hostname, warnings };
}

/** The sources in the order in which they count, the last of each key. */
function collect(
  { file, environment = {}, overrides = [] }: ConfigurationSources,
  failures: Failure[],
  warnings: string[],
): Map<string, Given> {
  const given = new Map<string, Given>();
  const lines = file === undefined ? [] : parsePropertiesFile(file.text);
  const fromFile = new Map<string, Given & { line: number }>();
  for (const { key, value, line } of lines) {
    const earlier = fromFile.get(key);
    if (earlier !== undefined) {
      warnings.push(
        `${file!.name}, line ${line}: ${key} was set on line ${earlier.line} already; this line counts`,
      );
    }
    fromFile.set(key, { value, line, origin: `${file!.name}, line ${line}` });
  }
  for (const [key, { value, origin }] of fromFile) given.set(key, { value, origin });

  const fromEnvironment = readEnvironment(environment, listenerNamesIn(given, environment));
  warnings.push(...fromEnvironment.warnings);
  const fromVariables = new Map<string, Given>();
  for (const { variable, key, value } of fromEnvironment.settings) {
    fromVariables.set(key, { value, origin: `environment variable ${variable}` });
  }
  supersede(given, fromVariables);

  const fromOverrides = new Map<string, Given>();
  for (const override of overrides) {
    const equals = override.indexOf('=');
    if (equals <= 0) {
      failures.push(new Failure(Errors.INVALID_CONFIG, `--override ${override}: it must be key=value`));
      continue;
    }
    const key = override.slice(0, equals).trim();
    fromOverrides.set(key, { value: override.slice(equals + 1), origin: '--override' });
  }
  supersede(given, fromOverrides);
  return given;
}

/** A later source takes the place of an earlier one, also where it names the same thing by another key. */
function supersede(given: Map<string, Given>, later: ReadonlyMap<string, Given>): void {
  for (const key of later.keys()) {
    for (const other of namesOfSameThing(key)) given.delete(other);
  }
  for (const [key, value] of later) given.set(key, value);
}

function listenerNamesIn(
  given: ReadonlyMap<string, Given>,
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlySet<string> {
  const text = environment['KAFKA_LISTENERS'] ?? given.get('listeners')?.value ?? '';
  return new Set(listenerAddresses.parse(text)?.map(listener => listener.name.toLowerCase()));
}

/** Unknown keys, and what single listeners may not have. */
function* keyProblems(
  given: ReadonlyMap<string, Given>,
  known: ReadonlyMap<string, KnownKey>,
): Generator<Problem> {
  for (const [key, what] of known) {
    const { value } = given.get(key)!;
    if (what.kind === 'unknown') {
      yield { keys: [key], text: `${key}=${shownOfKey(key, value)}: no such setting: ${what.advice}` };
    } else if (what.kind === 'setting' && what.listener !== undefined) {
      if (what.setting.parse(value) === undefined) {
        yield { keys: [key], text: notAllowed(what.setting, value, key) };
      }
    }
  }
}

function asFailure({ keys, text }: Problem, given: ReadonlyMap<string, Given>): Failure {
  const origins = new Set(keys.flatMap(key => given.get(key)?.origin ?? []));
  const where = origins.size === 0 ? '' : `${[...origins].join('; ')}: `;
  return new Failure(Errors.INVALID_CONFIG, `${where}${text}`);
}

/** One warning for all keys that have no effect for the same reason. */
function* withoutEffect(known: ReadonlyMap<string, KnownKey>): Generator<string> {
  const keysByReason = new Map<string, string[]>();
  for (const [key, what] of known) {
    const why = reasonWithoutEffect(key, what);
    if (why === undefined) continue;
    const keys = keysByReason.get(why);
    if (keys === undefined) keysByReason.set(why, [key]);
    else keys.push(key);
  }
  for (const [why, keys] of keysByReason) yield `no effect here: ${keys.join(', ')}: ${why}`;
}

function reasonWithoutEffect(key: string, what: KnownKey): string | undefined {
  if (what.kind !== 'setting') return what.kind === 'tolerated' ? what.why : undefined;
  if (what.setting.unused !== undefined) return what.setting.unused;
  if (what.listener === undefined || LISTENER_SETTINGS.has(what.setting.name)) return undefined;
  return `it is the same for all listeners: set ${key.slice(key.indexOf(what.setting.name))}`;
}

/** `${provider:…}`, which Kafka's config providers replace, where it matters that nobody does. */
function* unresolved(
  given: ReadonlyMap<string, Given>,
  known: ReadonlyMap<string, KnownKey>,
): Generator<string> {
  for (const [key, { value, origin }] of given) {
    const what = known.get(key);
    if (what?.kind !== 'setting' || what.setting.unused !== undefined) continue;
    if (/\$\{[^}:]+:[^}]*\}/.test(value)) {
      yield `${origin}: ${key}=${value} is taken as it is written: there are no config providers`;
    }
  }
}

/** What goes, but hardly as it was meant. */
function* worries(settings: BrokerSettings): Generator<string> {
  const { brokerHeartbeatIntervalMs, brokerSessionTimeoutMs, roles, controllerListenerNames } = settings;
  if (brokerHeartbeatIntervalMs * 2 > brokerSessionTimeoutMs) {
    yield `broker.heartbeat.interval.ms=${brokerHeartbeatIntervalMs} is more than half of broker.session.timeout.ms=${brokerSessionTimeoutMs}: one late heartbeat fences the broker`;
  }
  if (!roles.includes('controller') && controllerListenerNames.length > 1) {
    yield `controller.listener.names has ${controllerListenerNames.join(', ')}: a broker uses the first`;
  }
}
