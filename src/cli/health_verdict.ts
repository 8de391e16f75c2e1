/*
 * Whether a cluster is well, from what any broker that speaks Kafka tells of it.
 *
 *   red      records can't be read or written somewhere, or nothing can be changed
 *   yellow   all is served, but less can fail than should
 *   green    neither
 */

export type Verdict = 'green' | 'yellow' | 'red';

export interface HealthReason {
  readonly verdict: 'yellow' | 'red';
  /** What is wrong, and what to do. */
  readonly text: string;
}

export interface HealthFacts {
  readonly brokers: readonly {
    readonly nodeId: number;
    readonly isFenced: boolean;
    readonly isReachable: boolean;
  }[];
  readonly topics: readonly {
    readonly name: string;
    readonly minInSyncReplicas: number | undefined;
    readonly partitions: readonly {
      readonly partition: number;
      /** -1 for none. */
      readonly leader: number;
      readonly replicas: readonly number[];
      readonly isr: readonly number[];
    }[];
  }[];
  /** Undefined where it is not told. */
  readonly quorum:
    | {
        readonly leaderId: number;
        readonly voters: readonly {
          readonly nodeId: number;
          readonly lag: bigint | null;
          readonly isCurrent: boolean;
        }[];
      }
    | undefined;
  readonly offlineLogDirs: readonly {
    readonly nodeId: number;
    readonly path: string;
    readonly error: string;
  }[];
}

export interface Health {
  readonly verdict: Verdict;
  readonly reasons: readonly HealthReason[];
}

/** How many names a sentence has. */
const MAX_NAMED = 5;

export function judgeHealth(facts: HealthFacts): Health {
  const reasons = [
    ...brokerReasons(facts),
    ...partitionReasons(facts),
    ...quorumReasons(facts),
    ...logDirReasons(facts),
  ];
  const verdict = reasons.some(reason => reason.verdict === 'red')
    ? 'red'
    : reasons.length > 0
      ? 'yellow'
      : 'green';
  return { verdict, reasons };
}

function brokerReasons({ brokers }: HealthFacts): HealthReason[] {
  return brokers
    .filter(({ isFenced, isReachable }) => isFenced || !isReachable)
    .map(({ isFenced, nodeId }) => ({
      verdict: 'yellow' as const,
      text: isFenced
        ? `Broker ${nodeId} is fenced: it is down, or has lost the controller. Start it, or look into its log.`
        : `Broker ${nodeId} does not answer from here, though the controller takes it for alive. Look at its listeners and the network.`,
    }));
}

function partitionReasons({ brokers, topics }: HealthFacts): HealthReason[] {
  const leaderless: string[] = [];
  /** Without a leader, though all of their brokers are up. */
  const undecided: string[] = [];
  const underMin: string[] = [];
  const atRisk: string[] = [];
  const notPreferred: string[] = [];
  const missing = new Set<number>();
  const up = new Set(brokers.filter(({ isFenced }) => !isFenced).map(({ nodeId }) => nodeId));
  const fenced = new Set(brokers.filter(({ isFenced }) => isFenced).map(({ nodeId }) => nodeId));
  for (const { minInSyncReplicas = 1, name, partitions } of topics) {
    for (const { isr, leader, partition, replicas } of partitions) {
      const key = `${name}-${partition}`;
      const outOfSync = replicas.filter(id => !isr.includes(id));
      for (const id of outOfSync) missing.add(id);
      if (leader < 0) (replicas.every(id => up.has(id)) ? undecided : leaderless).push(key);
      else if (isr.length < minInSyncReplicas) underMin.push(key);
      else if (outOfSync.length > 0) atRisk.push(key);
      else if (leader !== replicas[0]) notPreferred.push(key);
    }
  }
  const behind = [...missing].sort((left, right) => left - right);
  const who = behind.map(id => `${id}${fenced.has(id) ? ' (fenced)' : ''}`).join(', ');
  const reasons: HealthReason[] = [];
  if (leaderless.length > 0) {
    const text = `${named(leaderless)} ${are(leaderless)} without a leader: nothing can be read or written there. Start the brokers ${who}; if they are lost, "odradek cluster elect --unclean -t …" goes on without what only they had.`;
    reasons.push({ verdict: 'red', text });
  }
  if (undecided.length > 0) {
    const text = `${named(undecided)} ${are(undecided)} without a leader: nothing can be read or written there. All their brokers are up, and none is known to have every record: disks were lost, damaged, or are offline. "odradek cluster elect --unclean -t …" goes on with what they have.`;
    reasons.push({ verdict: 'red', text });
  }
  if (underMin.length > 0) {
    const text = `${named(underMin)} ${underMin.length === 1 ? 'has' : 'have'} fewer replicas in sync than min.insync.replicas: producers with acks=all are refused. Replicas are missing on ${who}.`;
    reasons.push({ verdict: 'red', text });
  }
  if (atRisk.length > 0) {
    const text = `${named(atRisk)} ${are(atRisk)} under-replicated: replicas are missing or behind on ${who}.`;
    reasons.push({ verdict: 'yellow', text });
  }
  if (notPreferred.length > 0 && reasons.length === 0) {
    const text = `${named(notPreferred)} ${are(notPreferred)} not led by the preferred replica. "odradek cluster elect" mends it.`;
    reasons.push({ verdict: 'yellow', text });
  }
  return reasons;
}

const are = (items: readonly string[]): string => (items.length === 1 ? 'is' : 'are');

function named(items: readonly string[]): string {
  const shown = items.slice(0, MAX_NAMED).join(', ');
  const more = items.length - MAX_NAMED;
  const what = items.length === 1 ? 'The partition' : `${items.length} partitions`;
  return items.length === 1 ? `${what} ${shown}` : `${what} (${shown}${more > 0 ? ` and ${more} more` : ''})`;
}

function quorumReasons({ quorum }: HealthFacts): HealthReason[] {
  if (quorum === undefined) return [];
  if (quorum.leaderId < 0) {
    const text = 'The quorum has no leader: nothing can be changed. Start the controllers that are down.';
    return [{ verdict: 'red', text }];
  }
  return quorum.voters
    .filter(({ isCurrent }) => !isCurrent)
    .map(({ lag, nodeId }) => ({
      verdict: 'yellow' as const,
      text: `The controller ${nodeId} is behind the quorum${lag === null ? '' : ` by ${lag} records`}: it is down, or slow. Start it, or look into its log.`,
    }));
}

function logDirReasons({ offlineLogDirs }: HealthFacts): HealthReason[] {
  return offlineLogDirs.map(({ error, nodeId, path }) => ({
    verdict: 'yellow' as const,
    text: `The log directory ${path} of broker ${nodeId} is offline (${error}). Mend its disk and start the broker again.`,
  }));
}
