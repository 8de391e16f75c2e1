import { type ConfigResource, ConfigResourceType } from '../../settings/config_resource.ts';
import type { Properties } from '../../settings/values.ts';
import { type MetadataRecord, type MetadataRecordValue, metadataRecord } from '../metadata_record.ts';
import type { MetadataDelta } from './metadata_delta.ts';

const NO_CONFIGS: Properties = new Map();

/** The settings that were set at run time. */
export class ConfigsImage {
  /** By type and name. A resource without settings is not there; the maps of settings are never changed. */
  readonly #resources = new Map<number, Map<string, Properties>>();

  /** The settings of a resource that were set for it; empty when there are none. */
  of({ type, name }: ConfigResource): Properties {
    return this.#resources.get(type)?.get(name) ?? NO_CONFIGS;
  }

  /** The names of the resources of a type that have settings. */
  namesOf(type: number): Iterable<string> {
    return this.#resources.get(type)?.keys() ?? [];
  }

  *resources(): Iterable<ConfigResource> {
    for (const [type, byName] of this.#resources) {
      for (const name of byName.keys()) yield { type, name };
    }
  }

  clone(): ConfigsImage {
    const clone = new ConfigsImage();
    for (const [type, byName] of this.#resources) clone.#resources.set(type, new Map(byName));
    return clone;
  }

  change(record: MetadataRecordValue<'ConfigRecord'>, delta: MetadataDelta | undefined): void {
    const resource = { type: record.resourceType, name: record.resourceName };
    const before = this.of(resource);
    const after = new Map(before);
    if (record.value === null) after.delete(record.name);
    else after.set(record.name, record.value);
    this.#set(resource, before, after, delta);
  }

  /** Drops the settings of a topic that was deleted. */
  removeTopic(name: string, delta: MetadataDelta | undefined): void {
    const resource = { type: ConfigResourceType.TOPIC, name };
    const before = this.of(resource);
    if (before.size > 0) this.#set(resource, before, NO_CONFIGS, delta);
  }

  *records(): Iterable<MetadataRecord> {
    for (const [resourceType, byName] of this.#resources) {
      for (const [resourceName, configs] of byName) {
        for (const [name, value] of configs) {
          yield metadataRecord('ConfigRecord', 0, { resourceType, resourceName, name, value });
        }
      }
    }
  }

  #set(
    resource: ConfigResource,
    before: Properties,
    after: Properties,
    delta: MetadataDelta | undefined,
  ): void {
    delta?.configsChanged(resource, before, after);
    const byName = this.#resources.get(resource.type) ?? new Map<string, Properties>();
    if (after.size > 0) byName.set(resource.name, after);
    else byName.delete(resource.name);
    if (byName.size > 0) this.#resources.set(resource.type, byName);
    else this.#resources.delete(resource.type);
  }
}
