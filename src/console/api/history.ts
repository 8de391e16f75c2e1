/**
 * `GET /api/v1/history?topic=&group=`: the last hour, a sample every 10 seconds, out of memory.
 *
 * Each node samples itself: the partitions that it leads, its requests and its connections; the active controller also
 * the lag of groups. The node that is asked puts together what it has and what the others have, which it asks over HTTP
 * at the addresses of their `http.listeners`. One that it can't reach there is left out, and `nodes` says why. After a
 * node's restart its part begins anew.
 */
export interface History {
  readonly intervalMs: number;
  /** Ends of the intervals, rising: the x axis of every series, which are as long and null where there is nothing. */
  readonly timesMs: readonly number[];
  readonly nodes: readonly { readonly id: number; readonly problem: string | null }[];
  readonly total: Traffic;
  readonly brokers: readonly BrokerSeries[];
  /** Those with most traffic, or the one that was asked for. */
  readonly topics: readonly ({ readonly name: string } & Traffic)[];
  /** Those with the greatest lag, or the one that was asked for. */
  readonly groups: readonly GroupSeries[];
}

export type Series = readonly (number | null)[];

/** A second. */
export interface Traffic {
  readonly bytesIn: Series;
  readonly bytesOut: Series;
  readonly messagesIn: Series;
}

export interface BrokerSeries extends Traffic {
  readonly id: number;
  /** 99th percentiles, in milliseconds; a fetch's without its wait for records. */
  readonly produceP99Ms: Series;
  readonly fetchP99Ms: Series;
  readonly requests: Series;
  readonly connections: Series;
  /** In the interval. */
  readonly isrShrinks: Series;
  readonly underReplicated: Series;
}

export interface GroupSeries {
  readonly id: string;
  readonly lag: Series;
  /** Of the group that was asked for. */
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly lag: Series;
  }[];
}
