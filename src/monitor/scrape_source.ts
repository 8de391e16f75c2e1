import type { BrokerParts } from '../broker/broker_parts.ts';
import type { Clock } from '../model/ports.ts';
import type { RecentHistogram } from '../model/recent_histogram.ts';
import type { MetadataWatch } from './metadata_watch.ts';
import type { ProcessFacts } from './process_facts.ts';
import type { Sampler } from './sampler.ts';

/** Where metrics are read from when they are asked for. */
export interface ScrapeSource {
  readonly clock: Clock;
  readonly facts: ProcessFacts;
  readonly sampler: Sampler;
  /** How long the disk took for each sync, in microseconds; undefined where nobody measures it. */
  readonly syncTimes: RecentHistogram | undefined;
}

/** The same of a node that has started. */
export interface NodeSource extends ScrapeSource {
  readonly parts: BrokerParts;
  readonly watch: MetadataWatch;
}

/** Whether this node decides for the cluster: what the cluster has once is exported by it alone. */
export function isActiveController({ parts }: NodeSource): boolean {
  return parts.controller?.isActive === true;
}
