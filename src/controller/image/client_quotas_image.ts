import { type MetadataRecord, type MetadataRecordValue, metadataRecord } from '../metadata_record.ts';

/** The kinds of names that a quota may be about. */
export const QUOTA_ENTITY_TYPES = ['user', 'client-id', 'ip'] as const;
export type QuotaEntityType = (typeof QUOTA_ENTITY_TYPES)[number];

/** Whom a quota is about: a name by its type, or null for all that have no quota of their own. */
export type QuotaEntity = ReadonlyMap<string, string | null>;

export interface QuotaEntry {
  readonly entity: QuotaEntity;
  /** Never empty, never changed. */
  readonly values: ReadonlyMap<string, number>;
}

/** The quotas of clients (KIP-546). */
export class ClientQuotasImage {
  /** By {@link keyOfEntity}. */
  readonly #entries: Map<string, QuotaEntry>;
  #revision: number;

  constructor(entries: ReadonlyMap<string, QuotaEntry> = new Map(), revision = 0) {
    this.#entries = new Map(entries);
    this.#revision = revision;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Rises with every change, from an image to those made of it too: for those that keep what they derived. */
  get revision(): number {
    return this.#revision;
  }

  /** What is set for exactly this entity. */
  of(entity: QuotaEntity): QuotaEntry | undefined {
    return this.#entries.get(keyOfEntity(entity));
  }

  entries(): Iterable<QuotaEntry> {
    return this.#entries.values();
  }

  clone(): ClientQuotasImage {
    return new ClientQuotasImage(this.#entries, this.#revision);
  }

  change({ entity: parts, key, value, remove }: MetadataRecordValue<'ClientQuotaRecord'>): void {
    const entity = new Map(parts.map(({ entityType, entityName }) => [entityType, entityName]));
    const id = keyOfEntity(entity);
    const values = new Map(this.#entries.get(id)?.values);
    if (remove) values.delete(key);
    else values.set(key, value);
    if (values.size > 0) this.#entries.set(id, { entity, values });
    else this.#entries.delete(id);
    this.#revision++;
  }

  *records(): Iterable<MetadataRecord> {
    for (const { entity, values } of this.#entries.values()) {
      for (const [key, value] of values) yield quotaRecord(entity, key, value);
    }
  }
}

/** The record that sets a quota, or without a value takes it away. */
export function quotaRecord(entity: QuotaEntity, key: string, value: number | undefined): MetadataRecord {
  return metadataRecord('ClientQuotaRecord', 0, {
    entity: Array.from(entity, ([entityType, entityName]) => ({ entityType, entityName })),
    key,
    value: value ?? 0,
    remove: value === undefined,
  });
}

/** The same for the same entity, in whatever order its parts are given. */
export function keyOfEntity(entity: QuotaEntity): string {
  return JSON.stringify([...entity].sort(([left], [right]) => (left < right ? -1 : 1)));
}
