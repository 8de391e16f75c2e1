import type { BrokerRegistration } from '../controller/image/broker_registration.ts';
import type { MetadataDelta } from '../controller/image/metadata_delta.ts';
import type { MetadataImage } from '../controller/image/metadata_image.ts';
import type { MetadataSubscriber } from '../controller/metadata_publisher.ts';
import type { Neighbours } from '../handlers/neighbours.ts';
import type { NodeId } from '../model/ids.ts';
import type { PeerConnectionOptions } from '../peers/peer_connection.ts';
import { NeighbourLink } from './neighbour_link.ts';

export interface NeighbourWatchOptions extends PeerConnectionOptions {
  readonly nodeId: NodeId;
  /** The name of the listener that brokers reach each other by. */
  readonly listenerName: () => string;
}

/** Clients have asked again by then. */
const REMEMBERED_MS = 5_000;
/** A broker asks others at most a thousand times a second, whatever its clients ask. */
const ROUND_MS_PER_NEIGHBOUR = 1;

/**
 * Knows of every other broker that is alive whether its process is still there ({@link NeighbourLink}), before the
 * cluster has decided anything, so that clients are not sent to one that is gone ({@link Neighbours}).
 *
 * The end of a connection alone does not tell it soon enough. The system closes the connections of a process that was
 * killed one after the other, in any order, and its listener in between: a client may lose its own, and ask here who
 * leads now, before this broker's is closed. So the others are asked in turn: who answers what was asked after the
 * client's question was alive when the client lost its connection.
 */
export class NeighbourWatch implements MetadataSubscriber, Neighbours {
  readonly #options: NeighbourWatchOptions;
  /** One for each other broker that the metadata has as alive. */
  readonly #links = new Map<NodeId, NeighbourLink>();
  /** When each broker that has ceased to be alive lately did so. */
  readonly #lostMs = new Map<NodeId, number>();
  /** Those who wait until there is no doubt. */
  #waiting: (() => void)[] = [];
  /** The round of questions that is under way. */
  #round: Promise<void> | undefined;
  /** The one behind it: for those who came since it began. */
  #nextRound: Promise<void> | undefined;

  constructor(options: NeighbourWatchOptions) {
    this.#options = options;
  }

  certain(): Promise<void> | undefined {
    return this.#links.size === 0 ? undefined : this.#makeCertain();
  }

  async #makeCertain(): Promise<void> {
    await this.#askAll();
    if (this.#isInDoubt) await new Promise<void>(resolve => this.#waiting.push(resolve));
  }

  /** Resolves when every neighbour that is expected to answer has answered something asked from now on. */
  #askAll(): Promise<void> {
    if (this.#round === undefined) return this.#begin();
    this.#nextRound ??= this.#round.then(() => this.#begin());
    return this.#nextRound;
  }

  #begin(): Promise<void> {
    this.#nextRound = undefined;
    const links = [...this.#links.values()];
    const asked = Promise.all(links.map(link => link.hear())).then(() => {});
    const pause = this.#pause(links.length * ROUND_MS_PER_NEIGHBOUR);
    const round = Promise.all([asked, pause]).then(() => {
      if (this.#nextRound === undefined) this.#round = undefined;
    });
    this.#round = round;
    return asked;
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise(resolve => {
      this.#options.clock.startTimer(delayMs, resolve);
    });
  }

  get #isInDoubt(): boolean {
    for (const link of this.#links.values()) if (link.isDoubtful) return true;
    return false;
  }

  wasJustAlive(id: NodeId): boolean {
    const lostMs = this.#lostMs.get(id);
    return lostMs !== undefined && this.#options.clock.monotonicMs() - lostMs < REMEMBERED_MS;
  }

  metadataChanged({ brokers }: MetadataDelta, image: MetadataImage): void {
    if (brokers.size === 0) return;
    for (const [id, { before, after }] of brokers) {
      if (before?.fenced === false && after?.fenced !== false)
        this.#lostMs.set(id, this.#options.clock.monotonicMs());
      if (after?.fenced === false) this.#lostMs.delete(id);
      this.#update(id, image.cluster.brokers.get(id));
    }
    this.#decided();
  }

  #update(id: NodeId, broker: BrokerRegistration | undefined): void {
    if (id === this.#options.nodeId) return;
    const known = this.#links.get(id);
    const isAlive = broker?.fenced === false;
    if (known !== undefined && (!isAlive || known.epoch !== broker.epoch)) {
      known.close();
      this.#links.delete(id);
    }
    if (!isAlive || this.#links.has(id)) return;
    const name = this.#options.listenerName();
    const endpoint = broker.listeners.find(listener => listener.name === name);
    if (endpoint === undefined) return;
    const run = { endpoint, epoch: broker.epoch };
    this.#links.set(id, new NeighbourLink(this.#options, run, () => this.#decided()));
  }

  #decided(): void {
    if (this.#waiting.length === 0 || this.#isInDoubt) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#decided();
  }
}
