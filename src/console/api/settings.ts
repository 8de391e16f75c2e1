/*
 * Settings of brokers:
 *
 * - `GET /api/v1/brokers/:id/configs` → Configs: all of one broker, with sources and documentation.
 * - `GET /api/v1/brokers/default/configs` → Configs: those set for all brokers while they run.
 * - `PATCH` to either with ConfigsChange → Configs as they are then. admin
 * - `GET /api/v1/settings` → {@link SettingsTable}: every setting there is, of brokers, topics and groups.
 */
export interface SettingsTable {
  readonly settings: readonly SettingFacts[];
}

export interface SettingFacts {
  readonly of: 'broker' | 'topic' | 'group';
  readonly name: string;
  readonly type: string;
  readonly default: string | null;
  /** What is allowed, in words; null where anything of the type is. */
  readonly allowed: string | null;
  /** Whether and how it may be changed while the node runs. */
  readonly change: 'read-only' | 'per broker' | 'cluster-wide';
  readonly documentation: string;
  /** Known to Kafka, or this project's own. */
  readonly isKafkas: boolean;
  /** Accepted, and does nothing here: why. Null when it is in force. */
  readonly unused: string | null;
}
