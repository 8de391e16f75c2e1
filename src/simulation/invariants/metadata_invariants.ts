import type { MetadataDelta, PartitionChange } from '../../controller/image/metadata_delta.ts';
import type { MetadataImage } from '../../controller/image/metadata_image.ts';
import { NO_NODE } from '../../model/ids.ts';
import { ConfigResourceType } from '../../settings/config_resource.ts';
import type { World } from '../world/world.ts';
import type { NodeProcess, WorldNode } from '../world/world_node.ts';
import { isCached } from './write_caching.ts';

const MIN_ISR = 'min.insync.replicas';

/**
 * What must hold of the metadata whenever it changes (KIP-966's invariants among it): who leads is in sync and not
 * fenced, the in-sync and the eligible replicas are apart, and epochs only rise.
 */
export class MetadataInvariants {
  readonly #fail: (text: string) => void;
  readonly #note: (what: string, fields: Readonly<Record<string, unknown>>) => void;
  /** Of the newest metadata that some node was told. */
  #lastOffset = -1n;
  /** Of nodes that have no `min.insync.replicas` at run time. */
  readonly #defaultMinIsr: number;

  constructor(world: World, { defaultMinIsr }: { readonly defaultMinIsr: number }) {
    this.#fail = text => world.fail(text);
    this.#note = (what, fields) => world.trace.note('metadata', what, fields);
    this.#defaultMinIsr = defaultMinIsr;
  }

  opened(node: WorldNode, process: NodeProcess): void {
    process.services!.metadata.subscribe({
      metadataChanged: (delta, image) => this.#changed(node, delta, image),
    });
  }

  #changed(node: WorldNode, delta: MetadataDelta, image: MetadataImage): void {
    const isNews = image.lastOffset > this.#lastOffset;
    if (isNews) {
      this.#lastOffset = image.lastOffset;
      this.#tell(delta, image);
    }
    for (const change of delta.partitions()) {
      const problem = this.#problem(change, image);
      if (problem === undefined) continue;
      this.#fail(
        `metadata ${image.lastOffset} at ${node.name}: ${change.topicName}-${change.index} ${problem}: ` +
          JSON.stringify(change.after),
      );
    }
    for (const [id, { before, after }] of delta.brokers) {
      if (before !== undefined && after !== undefined && after.epoch < before.epoch) {
        this.#fail(`the epoch of broker ${id} goes back from ${before.epoch} to ${after.epoch}`);
      }
    }
  }

  /** For the transcript: what the first node that hears of it is told. */
  #tell(delta: MetadataDelta, image: MetadataImage): void {
    for (const { topicName, index, after } of delta.partitions()) {
      if (after === undefined) continue;
      const { leader, leaderEpoch, replicas, isr, elr, partitionEpoch } = after;
      const fields = { leader, leaderEpoch, partitionEpoch, replicas, isr, elr, offset: image.lastOffset };
      this.#note(`${topicName}-${index}`, fields);
    }
    for (const [id, { after }] of delta.brokers) {
      if (after === undefined) this.#note(`broker ${id} is gone`, {});
      else this.#note(`broker ${id}`, { epoch: after.epoch, fenced: after.fenced, offset: image.lastOffset });
    }
  }

  #problem({ before, after, topicName }: PartitionChange, image: MetadataImage): string | undefined {
    if (after === undefined) return undefined;
    const { replicas, isr, elr, lastKnownElr, leader, leaderEpoch, partitionEpoch } = after;
    if (isr.some(id => !replicas.includes(id))) return 'has an in-sync replica that is no replica';
    if (elr.some(id => !replicas.includes(id))) return 'has an eligible replica that is no replica';
    if (elr.some(id => isr.includes(id))) return 'has a replica that is in sync and eligible at once';
    const hasNobody = isr.length === 0 && elr.length === 0 && lastKnownElr.length === 0;
    if (hasNobody && !isCached(topicName, image)) return 'has nobody left who may lead it';
    if (new Set(isr).size < isr.length) return 'has an in-sync replica twice';
    if (leader !== NO_NODE) {
      if (!isr.includes(leader)) return 'is led by a replica that is not in sync';
      const broker = image.cluster.brokers.get(leader);
      if (broker === undefined || broker.fenced) return 'is led by a fenced broker';
    }
    const fenced = isr.filter(id => image.cluster.brokers.get(id)?.fenced !== false);
    // The last in-sync replica stays when its broker is fenced: it has everything.
    if (fenced.length > 0 && isr.length > 1) return `has fenced brokers in sync (${fenced.join(', ')})`;
    if (elr.length > 0 && isr.length >= this.#minIsr(topicName, image, replicas.length)) {
      return 'has eligible replicas beside enough in-sync ones';
    }
    if (before === undefined) return undefined;
    if (leaderEpoch < before.leaderEpoch) return `has gone back from leader epoch ${before.leaderEpoch}`;
    if (partitionEpoch < before.partitionEpoch) {
      return `has gone back from partition epoch ${before.partitionEpoch}`;
    }
    if (leader !== before.leader && leader !== NO_NODE && leaderEpoch === before.leaderEpoch) {
      return 'has another leader in the same epoch';
    }
    return undefined;
  }

  #minIsr(topic: string, image: MetadataImage, replicaCount: number): number {
    const { configs } = image;
    const text =
      configs.of({ type: ConfigResourceType.TOPIC, name: topic }).get(MIN_ISR) ??
      configs.of({ type: ConfigResourceType.BROKER, name: '' }).get(MIN_ISR);
    return Math.min(text === undefined ? this.#defaultMinIsr : Number(text), replicaCount);
  }
}
