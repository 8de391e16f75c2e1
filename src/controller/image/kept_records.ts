import type { MetadataRecord } from '../metadata_record.ts';

/**
 * Records that are kept as they came, by what they are about: the latest of each is the state. For the parts of the
 * metadata that this node stores for the cluster without acting on them.
 */
export class KeptRecords {
  readonly #records: Map<string, MetadataRecord>;

  constructor(records: ReadonlyMap<string, MetadataRecord> = new Map()) {
    this.#records = new Map(records);
  }

  get size(): number {
    return this.#records.size;
  }

  get(key: string): MetadataRecord | undefined {
    return this.#records.get(key);
  }

  set(key: string, record: MetadataRecord): void {
    this.#records.set(key, record);
  }

  remove(key: string): void {
    this.#records.delete(key);
  }

  clone(): KeptRecords {
    return new KeptRecords(this.#records);
  }

  records(): Iterable<MetadataRecord> {
    return this.#records.values();
  }
}
