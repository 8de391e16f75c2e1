import type { Int64 } from './common.ts';

/**
 * Reading records. Every path takes its query as GET, in the parameters of the URL, or as POST, as JSON: a schema or a
 * long filter does not fit in a URL. Either needs the role viewer alone.
 *
 * - `/api/v1/topics/:name/messages` → {@link Messages}: one bounded step of a scan; go on with `cursor`.
 * - `/api/v1/topics/:name/tail` → server-sent events, see {@link TailEvent}.
 * - `/api/v1/topics/:name/export?format=jsonl|csv` → a download, streamed.
 * - `GET /api/v1/topics/:name/messages/:partition/:offset` → {@link Message}, its payloads whole up to 1 MiB;
 *   `?keyForm=&valueForm=`. With `…/key` or `…/value` behind it: the bytes as a download, of any size.
 */
export interface MessageQuery {
  /** One or, in a URL with commas, several; all without it. */
  readonly partitions?: readonly number[];
  /**
   * Where to begin: `start`, `end`, an offset in digits, `-N` for N records before the end of each partition, or a time
   * (`@` and milliseconds or RFC 3339). `-50` without it.
   */
  readonly from?: string;
  /** Where to stop, in the same form, exclusive; what was the end when the scan began without it. */
  readonly until?: string;
  /** Records to answer at most: 1 to 500, 50 without it; in an export 1 to 1,000,000, 10,000 without it. */
  readonly limit?: number;
  /** Goes on where an answer stopped. `from` does not count then. */
  readonly cursor?: string;
  /** Only records with this very key, and of its partition alone: the one that Kafka's clients choose by its hash. */
  readonly key?: string;
  /** How `key` is written; `text` without it. */
  readonly keyEncoding?: Encoding;
  /** Parts of the shown text, in any case of letters; or `/…/` for a regular expression. All that are given must fit. */
  readonly keyFilter?: string;
  readonly valueFilter?: string;
  /** `name`, or `name=part of the value`. */
  readonly headerFilter?: string;
  /** A path into values that are JSON, Avro or Protobuf and what is there: `order.id=9007199254740993`, `items.0.sku`. */
  readonly jsonFilter?: string;
  /** `none`: only records with a value; `only`: tombstones alone. Both kinds without it. */
  readonly tombstones?: 'none' | 'only';
  /** `auto` without it. */
  readonly keyForm?: FormChoice;
  readonly valueForm?: FormChoice;
  /** For `avro` and `protobuf`. Only in a POST. */
  readonly keySchema?: Schema;
  readonly valueSchema?: Schema;
  /** Whether to leave out records of transactions that are open or were aborted; false without it. */
  readonly isCommittedOnly?: boolean;
  /** Characters of a payload's text after which it is cut: 16 to 65,536; 4,096 without it. */
  readonly maxChars?: number;
}

export type Encoding = 'text' | 'json' | 'hex' | 'base64';

/** `auto`: JSON if it is, else text if it is UTF-8, else hex. */
export type FormChoice = 'auto' | Encoding | 'avro' | 'protobuf';

export interface Schema {
  /** Avro: a schema in JSON. Protobuf: the text of a .proto file. */
  readonly text: string;
  /** Protobuf: the message, with its package where it has one; the first of the file without it. */
  readonly messageType?: string;
  /** How the bytes begin: `confluent` skips the magic byte and the id of a schema registry (and Protobuf's indexes). */
  readonly framing?: 'none' | 'confluent';
}

/** Bytes, shown. */
export interface Payload {
  /** What `text` is: for `auto` what was found, and what it fell back to where it is not as asked for. */
  readonly form: Exclude<FormChoice, 'auto'>;
  /**
   * JSON, Avro and Protobuf: JSON text with every digit that the bytes have; numbers are not to be parsed as doubles by
   * who shows them. Cut after `maxChars`.
   */
  readonly text: string;
  /** Of the whole. */
  readonly sizeBytes: number;
  readonly isCut: boolean;
  /** Why it is not in the form that was asked for. */
  readonly problem?: string;
}

export interface Message {
  readonly partition: number;
  readonly offset: Int64;
  readonly timestampMs: number;
  /** Whether the producer or the broker set the time. */
  readonly timestampType: 'create' | 'append';
  readonly leaderEpoch: number;
  /** Null without one. */
  readonly key: Payload | null;
  /** Null: a tombstone, which in a compacted topic deletes what has the key. */
  readonly value: Payload | null;
  readonly headers: readonly { readonly name: string; readonly value: Payload | null }[];
  /** Key, value and headers as they are stored, decompressed. */
  readonly sizeBytes: number;
}

export interface Messages {
  /** By time, then partition and offset. */
  readonly messages: readonly Message[];
  readonly scan: Scan;
}

/** How far a scan came. One request reads for at most some seconds and some bytes; the next goes on. */
export interface Scan {
  readonly scannedRecords: number;
  readonly scannedBytes: number;
  /** Records between where the scan began (or this step) and its end; for a progress bar. */
  readonly remainingRecords: Int64;
  /**
   * `end`: everything was read. `limit`: as many were found as wanted. `time`, `bytes`: the step was over; go on with the
   * cursor. `failed`: see `problem`.
   */
  readonly stoppedBecause: 'end' | 'limit' | 'time' | 'bytes' | 'failed';
  /** Null at the end. */
  readonly cursor: string | null;
  /** Partitions that could not be read, or a place that could not. */
  readonly problem: string | null;
  /** By partition: what the scan is about, and where it stands. */
  readonly partitions: readonly {
    readonly partition: number;
    readonly startOffset: Int64;
    readonly endOffset: Int64;
    readonly nextOffset: Int64;
  }[];
}

/** Events of `tail`, with `event:` and JSON in `data:`. Comments come every 15 s. */
export type TailEvent =
  | { readonly event: 'messages'; readonly data: readonly Message[] }
  /** More came than is shown a second; counted since the last event. */
  | { readonly event: 'dropped'; readonly data: { readonly records: number } }
  | { readonly event: 'problem'; readonly data: { readonly error: string } };

/** `POST /api/v1/topics/:name/messages/produce` → 201 {@link Produced}. operator */
export interface ProduceRequest {
  /** Chosen by the key, or at random without one, when it is not given. */
  readonly partition?: number;
  /** Null or not given: none. */
  readonly key?: Input | null;
  /** Null: a tombstone. */
  readonly value: Input | null;
  readonly headers?: readonly { readonly name: string; readonly value: Input | null }[];
  /** Now, without it. */
  readonly timestampMs?: number;
  /** Copies of it: 1 to 1,000; 1 without it. */
  readonly count?: number;
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
}

export interface Input {
  readonly text: string;
  /** `json` is checked, and sent as written. `text` without it. */
  readonly encoding?: Encoding | 'avro' | 'protobuf';
  /** For `avro` and `protobuf`: the text is JSON. */
  readonly schema?: Schema;
}

/** `POST /api/v1/topics/:name/messages/reproduce` → 201 {@link Produced}: copies a record, byte for byte. operator */
export interface ReproduceRequest {
  readonly partition: number;
  readonly offset: Int64;
  /** The same topic without it. */
  readonly toTopic?: string;
  /** Chosen by the key without it. */
  readonly toPartition?: number;
}

export interface Produced {
  readonly topic: string;
  readonly partition: number;
  /** Of the first. */
  readonly offset: Int64;
  readonly count: number;
}
