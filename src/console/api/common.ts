/*
 * The contract of `/api/v1`: what the console's page, and programs, ask a node and are answered. Types only, so that the
 * page's bundle takes nothing of the node in.
 *
 * - What is int64 on the wire is {@link Int64}: decimal digits in a string, since a number of JSON loses the last of them.
 * - Times are milliseconds since 1970 in numbers named `…Ms`; RFC 3339 in what Alertmanager's form has so.
 * - What is not there is null.
 * - Every answer that is no success is {@link ApiError}, with a status: 400 the request is wrong, 401 log in, 403 not with
 *   this role, 404 it is not there, 409 it can't be done as things are, 413 too large, 415 not JSON, 429 too many,
 *   502 a broker refused or did not answer, 503 the node is starting or there is no controller, 504 it took too long.
 * - Bodies are JSON with `content-type: application/json`, on every POST, PUT, PATCH and DELETE that has one.
 */

/** A whole number of 64 bits in decimal digits. */
export type Int64 = string;

export interface ApiError {
  /** What happened, to what, and what to do about it. */
  readonly error: string;
  /** Kafka's name of the error, where there is one: `TOPIC_ALREADY_EXISTS`. */
  readonly code?: string;
}

/** `?offset=&limit=&sort=&order=&filter=` of a list. */
export interface ListQuery {
  /** Rows to leave out; 0 without it. */
  readonly offset?: number;
  /** 1 to 1,000; 100 without it. */
  readonly limit?: number;
  readonly order?: 'asc' | 'desc';
  /** Part of the name, in any case of letters. */
  readonly filter?: string;
}

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Rows that the filter leaves, on all pages. */
  readonly total: number;
  readonly offset: number;
}

/** What happened to each of several things. */
export interface Outcome {
  readonly name: string;
  /** Null when it was done. */
  readonly error: string | null;
}

export interface Outcomes {
  readonly outcomes: readonly Outcome[];
}

/** A setting, with where its value comes from. */
export interface ConfigEntry {
  readonly name: string;
  /** Null where it is secret, or has none. */
  readonly value: string | null;
  readonly source:
    | 'unknown'
    | 'topic'
    | 'broker'
    | 'cluster default'
    | 'server.properties'
    | 'default'
    | 'broker logger'
    | 'client metrics'
    | 'group';
  /** `int`, `long`, `boolean`, `string`, `list`, `password`, … */
  readonly type: string;
  /** It can't be changed while the node runs. */
  readonly isReadOnly: boolean;
  readonly isSensitive: boolean;
  readonly documentation: string | null;
  /** From which the value is chosen, the one that counts first. */
  readonly synonyms: readonly {
    readonly name: string;
    readonly value: string | null;
    readonly source: string;
  }[];
}

/** `PATCH …/configs`: changes some settings and leaves the others; all changes or none. */
export interface ConfigsChange {
  readonly set?: Readonly<Record<string, string>>;
  /** Back to what counts without them. */
  readonly unset?: readonly string[];
  /** Looks whether it could be done, and does nothing. */
  readonly validateOnly?: boolean;
}

export interface Configs {
  readonly configs: readonly ConfigEntry[];
}
