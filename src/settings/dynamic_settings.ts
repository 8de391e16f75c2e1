import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { type BrokerSettings, type ResolvedBroker, resolveBrokerSettings } from './broker_settings.ts';
import { checkBrokerChange } from './check_changes.ts';
import type { Configuration } from './configuration.ts';
import { namesOfSameThing } from './synonyms.ts';
import type { Properties } from './values.ts';

/** What was set for a broker, the layers that count more first. */
export interface SettingLayers {
  /** At run time, for this broker. */
  readonly broker: Properties;
  /** At run time, for all brokers. */
  readonly cluster: Properties;
  /** At the start: file, environment, overrides. */
  readonly configured: Properties;
}

/** Told of new settings; `previous` are those until now. */
export type SettingsListener = (settings: BrokerSettings, previous: BrokerSettings) => void;

/** Ends a subscription. */
export type Unsubscribe = () => void;

interface Subscription {
  readonly names: readonly (keyof BrokerSettings)[];
  readonly listener: SettingsListener;
}

const NONE: Properties = new Map();

/**
 * The settings of a running node. What was set for this broker counts more than what was set for all, that more than
 * the static configuration, that more than the defaults.
 *
 * {@link resolved} never has a problem: what does not go together is left out, and said by {@link replace}.
 */
export class DynamicSettings {
  readonly #configuration: Configuration;
  readonly #subscriptions = new Set<Subscription>();
  #layers: SettingLayers;
  #resolved: ResolvedBroker;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
    this.#layers = { broker: NONE, cluster: NONE, configured: configuration.properties };
    this.#resolved = configuration;
  }

  /** The settings in force now. A new object after each change, and the same one between. */
  get current(): BrokerSettings {
    return this.#resolved.settings;
  }

  get resolved(): ResolvedBroker {
    return this.#resolved;
  }

  get layers(): SettingLayers {
    return this.#layers;
  }

  /**
   * Takes over what the metadata has: the whole of a layer, or of both. Tells the subscribers whose settings changed.
   * @returns for the log: which of them were left out, and why
   */
  replace(layers: { readonly broker?: Properties; readonly cluster?: Properties }): readonly string[] {
    const leftOut: string[] = [];
    const nodeId = String(this.current.nodeId);
    const broker = layers.broker && allowed(layers.broker, nodeId, leftOut);
    const cluster = layers.cluster && allowed(layers.cluster, '', leftOut);
    let next = { ...this.#layers, ...(broker && { broker }), ...(cluster && { cluster }) };
    let resolved = this.#resolve(next);
    while (resolved.problems.length > 0) {
      const { keys, text } = resolved.problems[0]!;
      leftOut.push(text);
      const kept = { broker: without(next.broker, keys), cluster: without(next.cluster, keys) };
      const isLess = kept.broker.size + kept.cluster.size < next.broker.size + next.cluster.size;
      next = { ...next, ...(isLess ? kept : { broker: NONE, cluster: NONE }) };
      resolved = this.#resolve(next);
    }
    const previous = this.current;
    this.#layers = next;
    this.#resolved = resolved;
    this.#tell(previous);
    return leftOut;
  }

  /**
   * Checks settings that are to become a layer of this broker's, together with the others that are in force.
   * @param scope the layer
   * @param proposed all of its settings
   */
  check(scope: 'broker' | 'cluster', proposed: Properties): Failure | undefined {
    const { problems } = this.#resolve({ ...this.#layers, [scope]: proposed });
    return problems.length === 0 ? undefined : new Failure(Errors.INVALID_REQUEST, problems[0]!.text);
  }

  /** Calls `listener` after each change of one of the settings named. */
  subscribe(names: readonly (keyof BrokerSettings)[], listener: SettingsListener): Unsubscribe {
    const subscription = { names, listener };
    this.#subscriptions.add(subscription);
    return () => this.#subscriptions.delete(subscription);
  }

  #resolve({ broker, cluster, configured }: SettingLayers): ResolvedBroker {
    const effective = new Map(configured);
    for (const layer of [cluster, broker]) {
      for (const name of layer.keys()) for (const same of namesOfSameThing(name)) effective.delete(same);
      for (const [name, value] of layer) effective.set(name, value);
    }
    return resolveBrokerSettings(effective, this.#configuration.hostname);
  }

  #tell(previous: BrokerSettings): void {
    const { current } = this;
    for (const { names, listener } of [...this.#subscriptions]) {
      if (names.some(name => !isSame(current[name], previous[name]))) listener(current, previous);
    }
  }
}

/** Drops what may not be set at run time: the metadata may have it from a node of another version. */
function allowed(layer: Properties, scope: string, leftOut: string[]): Properties {
  const kept = new Map<string, string>();
  for (const [name, value] of layer) {
    const refused = checkBrokerChange(scope, name, value);
    if (refused === undefined) kept.set(name, value);
    else leftOut.push(refused.message);
  }
  return kept;
}

function without(layer: Properties, names: readonly string[]): Properties {
  return new Map([...layer].filter(([name]) => !names.includes(name)));
}

/** Whether two values of a setting are equal; those that are no words or numbers are small lists and maps of them. */
function isSame(left: unknown, right: unknown): boolean {
  return Object.is(left, right) || (typeof left === 'object' && asText(left) === asText(right));
}

function asText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (part instanceof Map ? [...part] : part));
}
