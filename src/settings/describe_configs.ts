/*
 * What DescribeConfigs answers: each setting with its value, where that comes from, and all values that were
 * considered (synonyms), the one that counts first. Order and sources are Kafka's (ConfigHelper).
 */

import type { ResolvedBroker } from './broker_settings.ts';
import { canonicalText } from './canonical.ts';
import type { DynamicSettings } from './dynamic_settings.ts';
import { lookUpKey } from './known_keys.ts';
import { entryOf, type Setting, type SettingType } from './setting.ts';
import { describedSynonyms, GROUP_DEFAULTS, TOPIC_DEFAULTS } from './synonyms.ts';
import {
  BROKER_SETTINGS,
  CLIENT_METRICS_SETTINGS,
  camelCase,
  GROUP_SETTINGS,
  TOPIC_SETTINGS,
} from './tables.ts';
import type { Properties } from './values.ts';

/** Kafka's numbers (DescribeConfigsResponse.ConfigSource). */
export const ConfigSource = {
  TOPIC: 1,
  BROKER: 2,
  CLUSTER: 3,
  STATIC: 4,
  DEFAULT: 5,
  CLIENT_METRICS: 7,
  GROUP: 8,
} as const;
type Source = (typeof ConfigSource)[keyof typeof ConfigSource];

/** Kafka's numbers (DescribeConfigsResponse.ConfigType). */
const TYPE_NUMBERS: Readonly<Record<SettingType, number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9,
};
const UNKNOWN_TYPE = 0;

export interface ConfigSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

/** An entry of DescribeConfigs' response. */
export interface DescribedConfig {
  readonly name: string;
  /** Null for none, and for secrets. */
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly configSource: number;
  readonly isSensitive: boolean;
  readonly synonyms: ConfigSynonym[];
  readonly configType: number;
  readonly documentation: string | null;
}

export interface DescribeOptions {
  /** Only these; all with null or an empty list. */
  readonly keys?: readonly string[] | null;
  readonly includeSynonyms?: boolean;
  readonly includeDocumentation?: boolean;
}

/** Describes a topic with settings `own`. */
export function describeTopic(node: DynamicSettings, own: Properties, options: DescribeOptions = {}) {
  return describeTable(Object.values(TOPIC_SETTINGS), own, options, setting => {
    const brokerName = entryOf<string>(TOPIC_DEFAULTS, setting.name);
    const synonyms = brokerName === undefined ? [] : brokerConfigSynonyms(node, brokerName);
    const defaultText = brokerName === undefined ? setting.defaultText : inForceText(node, brokerName);
    return { source: ConfigSource.TOPIC, defaultText, synonyms };
  });
}

/** Describes a group with settings `own`. */
export function describeGroup(node: DynamicSettings, own: Properties, options: DescribeOptions = {}) {
  return describeTable(Object.values(GROUP_SETTINGS), own, options, setting => {
    const brokerName = entryOf<string>(GROUP_DEFAULTS, setting.name);
    if (brokerName === undefined) {
      const synonym = { name: setting.name, value: setting.defaultText, source: ConfigSource.DEFAULT };
      return { source: ConfigSource.GROUP, defaultText: setting.defaultText, synonyms: [synonym] };
    }
    const synonyms = brokerConfigSynonyms(node, brokerName);
    return { source: ConfigSource.GROUP, defaultText: inForceText(node, brokerName), synonyms };
  });
}

/** Describes a client-metrics subscription with settings `own`. */
export function describeClientMetrics(own: Properties, options: DescribeOptions = {}) {
  return describeTable(Object.values(CLIENT_METRICS_SETTINGS), own, options, ({ defaultText }) => ({
    source: ConfigSource.CLIENT_METRICS,
    defaultText,
    synonyms: [],
  }));
}

/** Describes this node: every setting of the table, and whatever else was set. */
export function describeBroker(node: DynamicSettings, options: DescribeOptions = {}): DescribedConfig[] {
  const { broker, cluster, configured } = node.layers;
  const names = new Set(
    Object.values(BROKER_SETTINGS)
      .filter(setting => !setting.hidden)
      .map(setting => setting.name as string),
  );
  for (const layer of [configured, cluster, broker]) for (const name of layer.keys()) names.add(name);
  return [...names]
    .filter(isWanted(options))
    .map(name => describeOfBroker(node, name, brokerConfigSynonyms(node, name), options));
}

/** Describes what was set at run time for all brokers. */
export function describeCluster(node: DynamicSettings, options: DescribeOptions = {}): DescribedConfig[] {
  const { cluster } = node.layers;
  return [...cluster.keys()].filter(isWanted(options)).map(name => {
    const ofCluster = brokerConfigSynonyms(node, name).filter(each => each.source === ConfigSource.CLUSTER);
    const described = describeOfBroker(node, name, ofCluster, options);
    return described.isSensitive ? described : { ...described, value: cluster.get(name) ?? null };
  });
}

interface Defaults {
  /** Of what the resource has of its own. */
  readonly source: Source;
  readonly defaultText: string | null;
  readonly synonyms: readonly ConfigSynonym[];
}

function describeTable(
  settings: readonly Setting[],
  own: Properties,
  options: DescribeOptions,
  defaultsOf: (setting: Setting) => Defaults,
): DescribedConfig[] {
  const isDescribed = ({ name, hidden }: Setting) => (!hidden || own.has(name)) && isWanted(options)(name);
  return settings.filter(isDescribed).map(setting => {
    const { source, defaultText, synonyms } = defaultsOf(setting);
    const text = own.get(setting.name);
    const value = text === undefined ? defaultText : describedText(setting, text);
    const all = text === undefined ? synonyms : [{ name: setting.name, value, source }, ...synonyms];
    return entry(setting.name, setting, { value, synonyms: all, readOnly: false }, options);
  });
}

function describeOfBroker(
  node: DynamicSettings,
  name: string,
  synonyms: readonly ConfigSynonym[],
  options: DescribeOptions,
): DescribedConfig {
  const what = lookUpKey(name);
  const setting = what.kind === 'setting' ? what.setting : undefined;
  const text = node.resolved.properties.get(name) ?? defaultText(node, name);
  const value = text === null || setting === undefined ? text : describedText(setting, text);
  const isDynamic =
    what.kind === 'setting' && what.listener === undefined && what.setting.update !== 'read-only';
  return entry(name, setting, { value, synonyms, readOnly: !isDynamic }, options);
}

interface Described {
  readonly value: string | null;
  readonly synonyms: readonly ConfigSynonym[];
  readonly readOnly: boolean;
}

function entry(
  name: string,
  setting: Setting | undefined,
  { value, synonyms, readOnly }: Described,
  { includeSynonyms = false, includeDocumentation = false }: DescribeOptions,
): DescribedConfig {
  const isSensitive = setting === undefined || setting.type === 'password';
  return {
    name,
    value: isSensitive ? null : value,
    readOnly,
    configSource: synonyms[0]?.source ?? ConfigSource.DEFAULT,
    isSensitive,
    synonyms: includeSynonyms ? synonyms.map(each => (isSensitive ? { ...each, value: null } : each)) : [],
    configType: setting === undefined ? UNKNOWN_TYPE : TYPE_NUMBERS[setting.type],
    documentation: includeDocumentation ? documentationOf(setting) : null,
  };
}

function documentationOf(setting: Setting | undefined): string | null {
  if (setting === undefined) return null;
  return setting.unused === undefined
    ? setting.doc
    : `${setting.doc} Without effect here: ${setting.unused}.`;
}

/** Per state of a node: describing thousands of topics asks for the same few again and again. */
const synonymsByState = new WeakMap<ResolvedBroker, Map<string, readonly ConfigSynonym[]>>();

/** All values that a broker's setting has in one layer or the other, from the first that was set under this name. */
function brokerConfigSynonyms(node: DynamicSettings, name: string): readonly ConfigSynonym[] {
  let known = synonymsByState.get(node.resolved);
  if (known === undefined) {
    known = new Map();
    synonymsByState.set(node.resolved, known);
  }
  let synonyms = known.get(name);
  if (synonyms === undefined) {
    synonyms = findSynonyms(node, name);
    known.set(name, synonyms);
  }
  return synonyms;
}

function findSynonyms(node: DynamicSettings, name: string): readonly ConfigSynonym[] {
  const { broker, cluster, configured } = node.layers;
  const layers: readonly (readonly [(name: string) => string | null | undefined, Source])[] = [
    [each => broker.get(each), ConfigSource.BROKER],
    [each => cluster.get(each), ConfigSource.CLUSTER],
    [each => configured.get(each), ConfigSource.STATIC],
    [each => defaultText(node, each), ConfigSource.DEFAULT],
  ];
  const names = synonymsOf(name);
  const all = layers.flatMap(([textOf, source]) =>
    names.flatMap(each => {
      const value = textOf(each);
      return value === undefined || value === null ? [] : [{ name: each, value, source }];
    }),
  );
  const first = all.findIndex(each => each.name === name);
  return first < 0 ? [] : all.slice(first);
}

/** What one listener may have of its own stands before what all have. */
function synonymsOf(name: string): readonly string[] {
  const what = lookUpKey(name);
  return what.kind === 'setting' && what.listener !== undefined
    ? [name, what.setting.name]
    : describedSynonyms(name);
}

function defaultText(node: DynamicSettings, name: string): string | null {
  return node.resolved.derived.get(name) ?? entryOf<Setting>(BROKER_SETTINGS, name)?.defaultText ?? null;
}

/** The text of what a broker's setting comes to, for the settings of topics and groups whose default it is. */
function inForceText(node: DynamicSettings, name: string): string | null {
  const setting = entryOf<Setting>(BROKER_SETTINGS, name);
  for (const each of name === 'log.flush.interval.ms' ? describedSynonyms(name) : [name]) {
    const text = node.resolved.properties.get(each) ?? defaultText(node, each);
    if (text === null || setting === undefined) continue;
    return name === 'log.retention.ms' && Number(text) < 0 ? '-1' : describedText(setting, text);
  }
  const value = (node.current as unknown as Readonly<Record<string, unknown>>)[camelCase(name)];
  return value === undefined ? null : String(value);
}

/** Secrets have no text; what is stored but not allowed (by another version) is shown as it is. */
function describedText(setting: Setting, text: string): string {
  return setting.parse(text) === undefined ? text : canonicalText(setting, text);
}

function isWanted({ keys }: DescribeOptions): (name: string) => boolean {
  if (keys === undefined || keys === null || keys.length === 0) return () => true;
  const wanted = new Set(keys);
  return name => wanted.has(name);
}
