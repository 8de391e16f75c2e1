import type { World } from '../world/world.ts';
import type { NodeProcess, WorldNode } from '../world/world_node.ts';
import { EligibilityInvariants } from './eligibility_invariants.ts';
import { Ledgers } from './ledger.ts';
import { MetadataInvariants } from './metadata_invariants.ts';
import { PartitionInvariants } from './partition_invariants.ts';
import { QuorumInvariants } from './quorum_invariants.ts';
import { VoteInvariants } from './vote_invariants.ts';

/** Everything that must hold in a world, behind each event. */
export class Invariants {
  readonly #world: World;
  readonly #quorum: QuorumInvariants;
  readonly #votes: VoteInvariants;
  readonly #metadata: MetadataInvariants;
  readonly #eligibility: EligibilityInvariants;
  readonly #partitions: PartitionInvariants;

  constructor(world: World, options: { readonly defaultMinIsr: number }) {
    const fail = (text: string) => world.fail(text);
    this.#world = world;
    this.#quorum = new QuorumInvariants(fail);
    this.#votes = new VoteInvariants(fail);
    this.#metadata = new MetadataInvariants(world, options);
    const ledgers = new Ledgers();
    this.#eligibility = new EligibilityInvariants(world, ledgers);
    this.#partitions = new PartitionInvariants({
      fail,
      ledgers,
      shrank: (node, partition) => this.#eligibility.replicaShrank(node, partition),
    });
  }

  /** A node's process has its rooms. */
  opened(node: WorldNode, process: NodeProcess): void {
    this.#quorum.opened(node, process);
    this.#votes.opened(node, process);
    this.#metadata.opened(node, process);
    this.#eligibility.opened(node, process);
    this.#partitions.opened(node, process);
    process.services!.metadata.subscribe({
      metadataChanged: delta => {
        this.#partitions.metadataChanged(node);
        for (const { topicId, topicName, index, after } of delta.partitions()) {
          if (after !== undefined) {
            const { leaderEpoch } = after;
            this.#partitions.epochTold(topicId, index, { name: `${topicName}-${index}`, leaderEpoch });
          }
          const isReplica = after?.replicas.some(id => id === node.id) === true;
          if (!isReplica) this.#partitions.removed(node, topicId, index);
        }
      },
    });
  }

  /** Behind each event: looks at the nodes that it ran on. */
  check(): void {
    const { executedCount } = this.#world.time;
    for (const node of this.#world.nodes) {
      const { process } = node;
      if (process?.services === undefined || process.clock.lastEvent !== executedCount) continue;
      this.#quorum.check(node, process);
      this.#partitions.check(node, process);
    }
  }

  acknowledged(topicId: string, partition: number, offset: bigint): void {
    this.#partitions.acknowledged(topicId, partition, offset);
  }

  diskLost(node: WorldNode): void {
    this.#partitions.diskLost(node);
  }

  diskDamaged(node: WorldNode, topicId: string, index: number): void {
    this.#partitions.diskDamaged(node, topicId, index);
  }
}
