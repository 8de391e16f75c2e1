import type { BrokerRegistration } from '../controller/image/broker_registration.ts';
import type { Change, MetadataDelta, PartitionChange } from '../controller/image/metadata_delta.ts';
import type { MetadataSubscriber } from '../controller/metadata_publisher.ts';
import { NO_NODE, type NodeId } from '../model/ids.ts';
import { MAX_EVENT_ITEMS, MAX_REMEMBERED_CHANGES } from '../model/limits.ts';
import type { Clock } from '../model/ports.ts';
import type { LeaderAndEpoch } from '../raft/metadata_quorum.ts';
import { ConfigResourceType } from '../settings/config_resource.ts';

interface ChangeFacts {
  readonly atMs: number;
  /** One sentence for people. */
  readonly text: string;
}

export interface LeaderMove {
  readonly topic: string;
  readonly partition: number;
  /** -1 for none. */
  readonly from: number;
  readonly to: number;
  readonly leaderEpoch: number;
}

export interface IsrChange {
  readonly topic: string;
  readonly partition: number;
  readonly isr: readonly number[];
  readonly left: readonly number[];
  readonly joined: readonly number[];
}

/** A list that is cut to {@link MAX_EVENT_ITEMS}; `count` has all. */
interface Listed {
  readonly count: number;
  readonly isCut: boolean;
}

export type BrokerEvent = 'registered' | 'fenced' | 'unfenced' | 'shutting down' | 'unregistered';

/** Something in the cluster that is not as it was. */
export type ClusterChange = ChangeFacts &
  (
    | { readonly kind: 'broker'; readonly id: number; readonly what: BrokerEvent }
    | ({ readonly kind: 'leaders'; readonly moves: readonly LeaderMove[] } & Listed)
    | ({ readonly kind: 'isr'; readonly changes: readonly IsrChange[] } & Listed)
    | {
        readonly kind: 'topics';
        readonly created: readonly string[];
        readonly deleted: readonly string[];
        readonly changed: readonly string[];
        readonly isCut: boolean;
      }
    | {
        readonly kind: 'controller';
        readonly controller: { readonly id: number; readonly epoch: number } | null;
      }
  );

/**
 * Tells what changes in the cluster, in the turn in which this node's metadata does, to whoever watches; and remembers
 * the last of it. What was so when the node came is no change.
 */
export class ClusterChanges implements MetadataSubscriber {
  readonly #clock: Clock;
  readonly #watchers = new Set<(changes: readonly ClusterChange[]) => void>();
  readonly #recent: ClusterChange[] = [];
  /** Since when brokers are as they are; those without an entry were so when the node came. */
  readonly #brokersSinceMs = new Map<NodeId, number>();
  #isFirst = true;
  #leader: LeaderAndEpoch | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The last {@link MAX_REMEMBERED_CHANGES}, the oldest first. */
  get recent(): readonly ClusterChange[] {
    return this.#recent;
  }

  /** Since when a broker is as it is, wall clock; undefined when it was so when this node came. */
  brokerSinceMs(id: NodeId): number | undefined {
    return this.#brokersSinceMs.get(id);
  }

  /** Calls `watcher` with what changes from now on, until the function that is returned is called. */
  watch(watcher: (changes: readonly ClusterChange[]) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  metadataChanged(delta: MetadataDelta): void {
    if (this.#isFirst) {
      this.#isFirst = false;
      return;
    }
    const atMs = this.#clock.nowMs();
    const changes = [
      ...this.#brokerChanges(delta, atMs),
      ...leaderMoves(delta, atMs),
      ...isrChanges(delta, atMs),
      ...topicChanges(delta, atMs),
    ];
    this.#tell(changes);
  }

  leaderChanged(leader: LeaderAndEpoch): void {
    const before = this.#leader;
    this.#leader = leader;
    if (before === undefined) return;
    const isSame = before.leaderId === leader.leaderId && before.epoch === leader.epoch;
    // An election that nobody wins is followed by the next, in another epoch.
    const isStillNobody = before.leaderId === undefined && leader.leaderId === undefined;
    if (isSame || isStillNobody) return;
    const { epoch, leaderId } = leader;
    const controller = leaderId === undefined ? null : { id: leaderId, epoch };
    const text =
      controller === null
        ? 'Nobody leads the quorum as far as this node knows'
        : `Node ${controller.id} is the active controller, in epoch ${epoch}`;
    this.#tell([{ kind: 'controller', atMs: this.#clock.nowMs(), text, controller }]);
  }

  *#brokerChanges(delta: MetadataDelta, atMs: number): Iterable<ClusterChange> {
    for (const [id, change] of delta.brokers) {
      const what = brokerEvent(change);
      if (what === undefined) continue;
      if (change.after === undefined) this.#brokersSinceMs.delete(id);
      else this.#brokersSinceMs.set(id, atMs);
      yield { kind: 'broker', atMs, text: `Broker ${id} ${SAID_OF_BROKERS[what]}`, id, what };
    }
  }

  #tell(changes: readonly ClusterChange[]): void {
    if (changes.length === 0) return;
    this.#recent.push(...changes);
    this.#recent.splice(0, this.#recent.length - MAX_REMEMBERED_CHANGES);
    for (const watcher of this.#watchers) watcher(changes);
  }
}

const SAID_OF_BROKERS: Readonly<Record<BrokerEvent, string>> = {
  registered: 'has registered',
  fenced: 'is not alive: it leads nothing any more',
  unfenced: 'serves',
  'shutting down': 'is shutting down: what it leads moves to others',
  unregistered: 'was unregistered',
};

function brokerEvent({ after, before }: Change<BrokerRegistration>): BrokerEvent | undefined {
  if (after === undefined) return 'unregistered';
  if (before === undefined) return after.fenced ? 'registered' : 'unfenced';
  if (before.fenced !== after.fenced) return after.fenced ? 'fenced' : 'unfenced';
  if (before.inControlledShutdown !== after.inControlledShutdown) {
    return after.inControlledShutdown ? 'shutting down' : undefined;
  }
  return before.epoch === after.epoch ? undefined : 'registered';
}

function listed<T>(items: readonly T[]): { readonly some: readonly T[] } & Listed {
  return {
    some: items.slice(0, MAX_EVENT_ITEMS),
    count: items.length,
    isCut: items.length > MAX_EVENT_ITEMS,
  };
}

function* leaderMoves(delta: MetadataDelta, atMs: number): Iterable<ClusterChange> {
  const all: LeaderMove[] = [];
  for (const { after, before, index, topicName } of delta.partitions()) {
    if (before === undefined || after === undefined || before.leader === after.leader) continue;
    const { leader: to, leaderEpoch } = after;
    all.push({ topic: topicName, partition: index, from: before.leader, to, leaderEpoch });
  }
  if (all.length === 0) return;
  const { some, ...rest } = listed(all);
  yield { kind: 'leaders', atMs, text: movesText(all), moves: some, ...rest };
}

/** `orders-3 is led by 2, no more by 1`, or the same in numbers. */
function movesText(moves: readonly LeaderMove[]): string {
  const [first] = moves as [LeaderMove];
  const node = (id: number) => (id === NO_NODE ? 'nobody' : String(id));
  if (moves.length === 1) {
    return `${first.topic}-${first.partition} is led by ${node(first.to)}, no more by ${node(first.from)}`;
  }
  if (moves.every(({ from }) => from === first.from) && first.from !== NO_NODE) {
    const leaders = [...new Set(moves.map(({ to }) => to))].sort((one, other) => one - other).map(node);
    return `${moves.length} partitions that broker ${first.from} led are led by ${leaders.join(' and ')} now`;
  }
  const counts = new Map<string, number>();
  for (const { from, to } of moves) {
    const way = `${node(from)} to ${node(to)}`;
    counts.set(way, (counts.get(way) ?? 0) + 1);
  }
  const ways = Array.from(counts, ([way, count]) => `${count} from ${way}`);
  const shown = ways.slice(0, MOST_WAYS).join(', ');
  return `${moves.length} partitions have other leaders: ${shown}${ways.length > MOST_WAYS ? ', …' : ''}`;
}

const MOST_WAYS = 6;

function* isrChanges(delta: MetadataDelta, atMs: number): Iterable<ClusterChange> {
  const all: IsrChange[] = [];
  for (const change of delta.partitions()) {
    const found = isrChange(change);
    if (found !== undefined) all.push(found);
  }
  if (all.length === 0) return;
  const shrunk = all.filter(({ left }) => left.length > 0).length;
  const grown = all.filter(({ joined }) => joined.length > 0).length;
  const parts = [
    ...(shrunk > 0 ? [`${count(shrunk)} lost in-sync replicas`] : []),
    ...(grown > 0 ? [`${count(grown)} gained some`] : []),
  ];
  const { some, ...rest } = listed(all);
  yield { kind: 'isr', atMs, text: parts.join(', '), changes: some, ...rest };
}

const count = (partitions: number) => `${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`;

function isrChange({ after, before, index, topicName }: PartitionChange): IsrChange | undefined {
  if (before === undefined || after === undefined) return undefined;
  const left = before.isr.filter(id => !after.isr.includes(id));
  const joined = after.isr.filter(id => !before.isr.includes(id));
  if (left.length === 0 && joined.length === 0) return undefined;
  return { topic: topicName, partition: index, isr: after.isr, left, joined };
}

function* topicChanges(delta: MetadataDelta, atMs: number): Iterable<ClusterChange> {
  const created: string[] = [];
  const deleted: string[] = [];
  const changed = new Set<string>();
  for (const topic of delta.topics.values()) {
    if (topic.created) created.push(topic.name);
    else if (topic.deleted) deleted.push(topic.name);
    else if ([...topic.partitions.values()].some(({ before }) => before === undefined))
      changed.add(topic.name);
  }
  for (const { resource } of delta.configs) {
    const isNews = resource.type === ConfigResourceType.TOPIC && !created.includes(resource.name);
    if (isNews && !deleted.includes(resource.name)) changed.add(resource.name);
  }
  if (created.length + deleted.length + changed.size === 0) return;
  const text = [
    topicsText('created', created),
    topicsText('deleted', deleted),
    topicsText('changed', [...changed]),
  ];
  const [some, gone, others] = [listed(created), listed(deleted), listed([...changed])];
  yield {
    kind: 'topics',
    atMs,
    text: text.filter(each => each !== '').join('; '),
    created: some.some,
    deleted: gone.some,
    changed: others.some,
    isCut: some.isCut || gone.isCut || others.isCut,
  };
}

function topicsText(what: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  if (names.length === 1) return `Topic ${names[0]} was ${what}`;
  const shown = names.slice(0, MOST_WAYS).join(', ');
  return `${names.length} topics were ${what}: ${shown}${names.length > MOST_WAYS ? ', …' : ''}`;
}
