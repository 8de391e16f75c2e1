import type { MetadataDelta } from '../../controller/image/metadata_delta.ts';
import type { MetadataImage } from '../../controller/image/metadata_image.ts';
import {
  LeaderRecoveryState,
  type PartitionRegistration,
} from '../../controller/image/partition_registration.ts';
import { NO_NODE, type NodeId, type Uuid } from '../../model/ids.ts';
import type { Partition } from '../../replica/partition.ts';
import type { World } from '../world/world.ts';
import type { NodeProcess, WorldNode } from '../world/world_node.ts';
import { giveUp, type Ledgers } from './ledger.ts';
import { isCached } from './write_caching.ts';

/**
 * Whoever the metadata would have lead, in sync or eligible (KIP-966), has everything that is committed: each of them
 * may be the next leader, and then what it lacks is gone. It is held where the metadata changes, where a broker is
 * registered, and where a replica has less than before; of processes that run, and that the metadata means.
 */
export class EligibilityInvariants {
  readonly #world: World;
  readonly #ledgers: Ledgers;
  /** The newest that any node was told; it changes with that node. */
  #image: MetadataImage | undefined;
  #lastOffset = -1n;
  /** By node: the process that was registered when its present one began. Until that is another, nothing is said of it. */
  readonly #predecessors = new Map<number, Uuid | undefined>();

  constructor(world: World, ledgers: Ledgers) {
    this.#world = world;
    this.#ledgers = ledgers;
  }

  opened(node: WorldNode, process: NodeProcess): void {
    this.#predecessors.set(node.id, this.#image?.cluster.brokers.get(node.id as NodeId)?.incarnationId);
    process.services!.metadata.subscribe({
      metadataChanged: (delta, image) => {
        if (image.lastOffset <= this.#lastOffset) return;
        this.#lastOffset = image.lastOffset;
        this.#image = image;
        this.#changed(delta, image);
      },
    });
  }

  #changed(delta: MetadataDelta, image: MetadataImage): void {
    for (const { topicId, topicName, index, before, after } of delta.partitions()) {
      if (after === undefined) continue;
      if (isUncleanElection(before, after) && isCached(topicName, image)) {
        giveUp(this.#ledgers.of(topicId, index, `${topicName}-${index}`), after.leaderEpoch);
      }
      for (const id of candidates(after)) this.#check(image, id, { topicId, index });
    }
    const changed = [...delta.brokers].filter(
      ([, { before, after }]) => before?.epoch !== after?.epoch || before?.fenced !== after?.fenced,
    );
    if (changed.length === 0) return;
    image.topics.forEachPartition((partition, index, topic) => {
      for (const id of candidates(partition)) {
        if (changed.some(([each]) => each === id)) this.#check(image, id, { topicId: topic.id, index });
      }
    });
  }

  /** The node's replica was opened, or has less than before. */
  replicaShrank(node: WorldNode, { topicId, index }: Partition): void {
    const partition = this.#image?.topics.byId(topicId)?.partitions[index];
    const id = node.id as NodeId;
    if (partition !== undefined && candidates(partition).includes(id)) {
      this.#check(this.#image!, id, { topicId, index });
    }
  }

  #check(
    image: MetadataImage,
    id: NodeId,
    { topicId, index }: { readonly topicId: string; readonly index: number },
  ): void {
    const ledger = this.#ledgers.find(topicId, index);
    if (ledger === undefined || ledger.damaged.has(id)) return;
    const { name, process } = this.#world.node(id);
    const registered = image.cluster.brokers.get(id);
    if (process?.services === undefined || registered === undefined) return;
    if (registered.incarnationId === this.#predecessors.get(id)) return;
    const end = ledger.durable.get(id) ?? 0n;
    if (end >= ledger.committedEnd) return;
    this.#world.fail(
      `metadata ${image.lastOffset}: ${name} may lead ${ledger.name}, and has it up to ${end}; committed is ` +
        `${ledger.committedEnd}`,
    );
  }
}

const candidates = ({ isr, elr }: PartitionRegistration): readonly NodeId[] =>
  elr.length === 0 ? isr : [...isr, ...elr];

/** A leader was elected that may lack records, because nobody was there who has all of them. */
function isUncleanElection(before: PartitionRegistration | undefined, after: PartitionRegistration): boolean {
  if (before === undefined || after.leader === NO_NODE || after.leaderEpoch === before.leaderEpoch)
    return false;
  // It may have recovered by now, where a node is told of much at once.
  return (
    after.leaderRecoveryState === LeaderRecoveryState.recovering || !candidates(before).includes(after.leader)
  );
}
