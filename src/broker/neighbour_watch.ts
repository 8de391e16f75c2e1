import type { BrokerRegistration } from '../controller/image/broker_registration.ts';
import type { MetadataDelta } from '../controller/image/metadata_delta.ts';
import type { MetadataImage } from '../controller/image/metadata_image.ts';
import type { MetadataSubscriber } from '../controller/metadata_publisher.ts';
import type { Neighbours } from '../handlers/neighbours.ts';
import type { BrokerEpoch, NodeId } from '../model/ids.ts';
import type { Clock, Connection, Network, Timer } from '../model/ports.ts';
import type { Endpoint, PeerSender } from '../peers/peer_sender.ts';

export interface NeighbourWatchOptions {
  readonly nodeId: NodeId;
  /** The name of the listener that brokers reach each other by. */
  readonly listenerName: () => string;
  readonly network: Network;
  readonly peers: PeerSender;
  readonly clock: Clock;
}

const CONNECT_TIMEOUT_MS = 2_000;
const PROBE_TIMEOUT_MS = 200;
/** Between a connection that ended, or could not be made, and the next one. */
const RECONNECT_MS = 1_000;
/** Clients have asked again by then. */
const REMEMBERED_MS = 5_000;
/** The cluster decides sooner than this that a broker is gone, or clients are answered all the same. */
const MAX_DOUBT_MS = 500;

/**
 * Keeps a connection to every other broker that is alive, by which nothing is ever sent: when it ends, that broker may
 * be gone, and until the cluster knows, this one does not name it to clients ({@link Neighbours}).
 */
export class NeighbourWatch implements MetadataSubscriber, Neighbours {
  readonly #options: NeighbourWatchOptions;
  /** One for each other broker that the metadata has as alive. */
  readonly #links = new Map<NodeId, Link>();
  /** When each broker that has ceased to be alive lately did so. */
  readonly #lostMs = new Map<NodeId, number>();
  /** Those who wait until there is no doubt. */
  #waiting: (() => void)[] = [];

  constructor(options: NeighbourWatchOptions) {
    this.#options = options;
  }

  certain(): Promise<void> | undefined {
    if (!this.#isInDoubt) return undefined;
    return new Promise(resolve => this.#waiting.push(resolve));
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
    this.#links.set(id, new Link(this.#options, { endpoint, epoch: broker.epoch }, () => this.#decided()));
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

/**
 * The connection to one process of a broker.
 *
 *     connecting → connected     it accepts
 *     connected → doubtful       the connection ended, and the listener does not accept another
 *     doubtful → connecting      it accepts again, or the time for doubt is over
 *     any → closed
 */
class Link {
  readonly epoch: BrokerEpoch;
  readonly #options: NeighbourWatchOptions;
  readonly #endpoint: Endpoint;
  /** The doubt has ended. */
  readonly #decided: () => void;
  #connection: Connection | undefined;
  #timer: Timer | undefined;
  #isClosed = false;
  isDoubtful = false;

  constructor(
    options: NeighbourWatchOptions,
    { endpoint, epoch }: { readonly endpoint: Endpoint; readonly epoch: BrokerEpoch },
    decided: () => void,
  ) {
    this.#options = options;
    this.#endpoint = endpoint;
    this.epoch = epoch;
    this.#decided = decided;
    void this.#connect();
  }

  async #connect(): Promise<void> {
    const { host, port } = this.#endpoint;
    const ended = { data() {}, drained() {}, closed: () => void this.#ended() };
    try {
      const connection = await this.#options.network.connect(host, port, CONNECT_TIMEOUT_MS, () => ended);
      if (this.#isClosed) connection.destroy();
      else this.#connection = connection;
    } catch {
      this.#later(RECONNECT_MS, () => void this.#connect());
    }
  }

  async #ended(): Promise<void> {
    if (this.#isClosed) return;
    this.#connection = undefined;
    this.isDoubtful = true;
    this.#later(MAX_DOUBT_MS, () => this.#clear());
    const found = await this.#options.peers.probe(this.#endpoint, PROBE_TIMEOUT_MS);
    if (found === 'listening' && this.isDoubtful && !this.#isClosed) this.#clear();
  }

  /** Nothing more is to be learned by waiting. */
  #clear(): void {
    this.isDoubtful = false;
    this.#later(RECONNECT_MS, () => void this.#connect());
    this.#decided();
  }

  #later(delayMs: number, run: () => void): void {
    this.#timer?.cancel();
    if (!this.#isClosed) this.#timer = this.#options.clock.startTimer(delayMs, run);
  }

  close(): void {
    this.#isClosed = true;
    this.isDoubtful = false;
    this.#timer?.cancel();
    this.#connection?.destroy();
  }
}
