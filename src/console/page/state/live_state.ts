import type { Alert } from '../../api/alerts.ts';
import type { Cluster } from '../../api/cluster.ts';
import type { ClusterEvent, RecentEvent } from '../../api/events.ts';

/** Changes that are shown; the oldest go. */
const MAX_FEED = 200;

/** What the stream of events has told. */
export interface LiveState {
  /** `lost`: the node does not answer, and is tried again at `retryAtMs`. */
  readonly status: 'connecting' | 'live' | 'lost';
  readonly lostSinceMs: number | undefined;
  readonly retryAtMs: number | undefined;
  readonly cluster: Cluster | undefined;
  readonly alerts: readonly Alert[];
  /** The newest first. */
  readonly feed: readonly RecentEvent[];
}

/** What is known after an event. */
export function stateAfter(before: LiveState, event: ClusterEvent): LiveState {
  const state: LiveState = { ...before, status: 'live', lostSinceMs: undefined, retryAtMs: undefined };
  switch (event.event) {
    case 'snapshot': {
      const { cluster, alerts, recent } = event.data;
      return { ...state, cluster, alerts, feed: [...recent].reverse() };
    }
    case 'cluster':
      return { ...state, cluster: event.data };
    default: {
      const line: RecentEvent = { atMs: event.data.atMs, kind: event.event, text: event.data.text };
      const feed = [line, ...state.feed].slice(0, MAX_FEED);
      return event.event === 'alerts' ? { ...state, feed, alerts: event.data.alerts } : { ...state, feed };
    }
  }
}
