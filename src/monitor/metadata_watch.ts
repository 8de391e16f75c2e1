import type { Change, MetadataDelta } from '../controller/image/metadata_delta.ts';
import type { MetadataImage } from '../controller/image/metadata_image.ts';
import type { PartitionRegistration } from '../controller/image/partition_registration.ts';
import type { MetadataSubscriber } from '../controller/metadata_publisher.ts';
import { NO_NODE, type NodeId } from '../model/ids.ts';
import type { Clock } from '../model/ports.ts';
import type { LeaderAndEpoch } from '../raft/metadata_quorum.ts';
import { RecentEvents } from './recent_events.ts';

export interface MetadataWatchOptions {
  readonly nodeId: NodeId;
  readonly clock: Clock;
  readonly isActiveController: () => boolean;
}

/**
 * Counts what the cluster decides: by what changes in the metadata, so that nothing is counted on the way of a
 * request. Every node sees all of it; counters that Kafka has once in a cluster count at the active controller alone,
 * while the recent events are those of the cluster at every node, so that a new controller knows them already.
 */
export class MetadataWatch implements MetadataSubscriber {
  readonly #options: MetadataWatchOptions;
  /** Of the partitions that this node leads. */
  isrShrinks = 0;
  isrExpands = 0;
  /** While this node was the active controller. */
  elections = 0;
  uncleanElections = 0;
  /** Brokers that were fenced because they were not heard of. */
  timedOutBrokers = 0;
  /** When the metadata last changed, on the monotonic clock. */
  changedMs: number;
  /** Leaderships of the quorum that this node saw begin. */
  controllerChanges = 0;
  readonly recentUncleanElections: RecentEvents;
  readonly recentControllerChanges: RecentEvents;
  /** In-sync replicas that a partition lost or gained. */
  readonly recentIsrChanges: RecentEvents;
  #leader: LeaderAndEpoch | undefined;

  constructor(options: MetadataWatchOptions) {
    this.#options = options;
    this.changedMs = options.clock.monotonicMs();
    this.recentUncleanElections = new RecentEvents(options.clock);
    this.recentControllerChanges = new RecentEvents(options.clock);
    this.recentIsrChanges = new RecentEvents(options.clock);
  }

  metadataChanged(delta: MetadataDelta, _image: MetadataImage): void {
    const { clock, isActiveController } = this.#options;
    this.changedMs = clock.monotonicMs();
    for (const { before, after } of delta.brokers.values()) {
      const isLost = before?.fenced === false && after?.fenced === true && !before.inControlledShutdown;
      if (isLost && before.epoch === after.epoch && isActiveController()) this.timedOutBrokers++;
    }
    for (const { topicName, index, before, after } of delta.partitions()) {
      this.#partitionChanged(`${topicName}-${index}`, { before, after });
    }
  }

  leaderChanged(leader: LeaderAndEpoch): void {
    if (leader.leaderId === undefined || leader.epoch === this.#leader?.epoch) return;
    const isFirst = this.#leader === undefined;
    this.#leader = leader;
    this.controllerChanges++;
    // The one that was there when this node came is no news.
    if (!isFirst) this.recentControllerChanges.add(String(leader.leaderId));
  }

  #partitionChanged(name: string, { before, after }: Change<PartitionRegistration>): void {
    if (before === undefined || after === undefined) return;
    const { nodeId, isActiveController } = this.#options;
    const shrinks = before.isr.some(node => !after.isr.includes(node));
    const expands = after.isr.some(node => !before.isr.includes(node));
    if (shrinks || expands) this.recentIsrChanges.add(name);
    if (after.leader === nodeId) {
      if (shrinks) this.isrShrinks++;
      if (expands) this.isrExpands++;
    }
    if (after.leader === NO_NODE || after.leaderEpoch === before.leaderEpoch) return;
    const isClean = before.isr.includes(after.leader) || before.elr.includes(after.leader);
    if (!isClean) this.recentUncleanElections.add(name);
    if (!isActiveController() || after.leader === before.leader) return;
    this.elections++;
    if (!isClean) this.uncleanElections++;
  }
}
