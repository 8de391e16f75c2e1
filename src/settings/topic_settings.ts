import type { BrokerSettings } from './broker_settings.ts';
import { entryOf } from './setting.ts';
import { TOPIC_DEFAULTS } from './synonyms.ts';
import { camelCase, TOPIC_SETTINGS, type Typed } from './tables.ts';
import type { Properties } from './values.ts';

/** The settings of a topic that have an effect, under their names in camel case, in the units of Kafka's names. */
export interface TopicSettings
  extends Typed<typeof TOPIC_SETTINGS, 'segment.bytes' | 'internal.segment.bytes' | 'cleanup.policy'> {
  readonly segmentBytes: number;
  /** Neither: everything is kept. */
  readonly cleanupPolicy: { readonly compact: boolean; readonly delete: boolean };
}

const TYPED_SETTINGS = Object.values(TOPIC_SETTINGS)
  .filter(setting => setting.unused === undefined)
  .map(setting => {
    const brokerName = entryOf<string>(TOPIC_DEFAULTS, setting.name);
    return {
      setting,
      typedName: camelCase(setting.name as string),
      brokerTypedName: brokerName === undefined ? undefined : camelCase(brokerName),
      defaultValue: setting.defaultText === null ? undefined : setting.parse(setting.defaultText),
    };
  });

/**
 * A topic's settings: its own, and for the rest the broker's defaults. What is unknown among its own, or not allowed,
 * counts as not set: whoever stores settings has them checked first (`checkTopic`).
 */
export function topicSettings(broker: BrokerSettings, own: Properties): TopicSettings {
  const defaults = broker as unknown as Readonly<Record<string, unknown>>;
  const settings: Record<string, unknown> = {};
  for (const { setting, typedName, brokerTypedName, defaultValue } of TYPED_SETTINGS) {
    const text = own.get(setting.name);
    const value = text === undefined ? undefined : setting.parse(text);
    settings[typedName] = value ?? (brokerTypedName === undefined ? defaultValue : defaults[brokerTypedName]);
  }
  const { internalSegmentBytes, cleanupPolicy, ...rest } = settings;
  const policies = cleanupPolicy as readonly string[];
  return Object.freeze({
    ...rest,
    segmentBytes: internalSegmentBytes ?? rest['segmentBytes'],
    cleanupPolicy: { compact: policies.includes('compact'), delete: policies.includes('delete') },
  }) as unknown as TopicSettings;
}
