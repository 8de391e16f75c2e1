import type { Controller } from '../controller/controller.ts';
import type { BrokerRegistration } from '../controller/image/broker_registration.ts';
import type { MetadataPublisher, MetadataSubscriber } from '../controller/metadata_publisher.ts';
import type { HeartbeatSource } from '../handlers/heartbeat_source.ts';
import type { BrokerEpoch, NodeId } from '../model/ids.ts';
import type { Clock, Logger } from '../model/ports.ts';
import type { PeerSender } from '../peers/peer_sender.ts';

export interface BrokerWatchOptions {
  readonly nodeId: NodeId;
  readonly controller: Controller;
  readonly metadata: MetadataPublisher;
  readonly peers: PeerSender;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One process of a broker. */
interface Run {
  readonly id: NodeId;
  readonly epoch: BrokerEpoch;
}

/** A listener that has not answered for so long tells nothing: the session decides. */
const PROBE_TIMEOUT_MS = 500;
/** Pauses between looks: the system closes the connections of a dying process one after the other, in any order. */
const LOOK_AGAIN_MS = [5, 20, 80, 320] as const;

/**
 * Finds out at once that the process of a broker is gone, long before its session is over. The active controller looks
 * at a broker's listeners when the connection with its heartbeats has ended, and at those of all brokers when it
 * becomes active: its predecessor may have died together with a broker. When every listener of a broker refuses, and
 * it is not heard of, its process is gone. Silence, and a listener that accepts, prove nothing.
 *
 * Where a controller can't reach the listeners of brokers, refusals are false. The first one costs the broker a moment
 * in which it is fenced; this process then never believes refusals of it again.
 */
export class BrokerWatch implements MetadataSubscriber, HeartbeatSource {
  readonly #options: BrokerWatchOptions;
  /** By the connections that heartbeats came by; as many as there are such connections. */
  readonly #runs = new Map<string, Run>();
  /** The last process of each broker that was judged to be gone. */
  readonly #judged = new Map<NodeId, BrokerEpoch>();
  /** Brokers that were judged to be gone and were not. */
  readonly #unreachable = new Set<NodeId>();
  #isStopped = false;

  constructor(options: BrokerWatchOptions) {
    this.#options = options;
  }

  heard(connectionId: string, id: NodeId, epoch: BrokerEpoch): void {
    const known = this.#runs.get(connectionId);
    if (known?.id !== id || known.epoch !== epoch) this.#runs.set(connectionId, { id, epoch });
    if (this.#judged.get(id) !== epoch || this.#unreachable.has(id)) return;
    this.#unreachable.add(id);
    this.#options.logger.warn(
      'A broker lives whose listeners refuse this controller: if it dies, that is noticed by its session alone',
      { broker: id },
    );
  }

  /** A connection to this node has ended. */
  connectionClosed(connectionId: string): void {
    const run = this.#runs.get(connectionId);
    if (run === undefined) return;
    this.#runs.delete(connectionId);
    if (this.#isStopped || this.#isConnected(run)) return;
    this.#options.controller.brokerDisconnected(run.id, run.epoch);
    void this.#look(run);
  }

  metadataChanged(): void {}

  leaderChanged(): void {
    const { controller, metadata, nodeId } = this.#options;
    if (!controller.isActive) return;
    for (const { id, epoch } of metadata.image.cluster.brokers.values()) {
      // A broker that is connected already is alive; the one in this process needs no look.
      if (id !== nodeId && !this.#isConnected({ id, epoch })) void this.#look({ id, epoch });
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  #isConnected({ id, epoch }: Run): boolean {
    for (const run of this.#runs.values()) {
      if (run.id === id && run.epoch === epoch) return true;
    }
    return false;
  }

  async #look(run: Run): Promise<void> {
    for (const pauseMs of [0, ...LOOK_AGAIN_MS]) {
      if (pauseMs > 0) await this.#pause(pauseMs);
      const broker = this.#suspect(run);
      if (broker === undefined) return;
      if (!(await this.#refuses(broker))) continue;
      // It may have come back to this controller meanwhile.
      if (this.#suspect(run) === undefined) return;
      this.#judged.set(run.id, run.epoch);
      this.#options.controller.brokerGone(run.id, run.epoch);
      return;
    }
  }

  /** The broker, as long as there is something to find out of the process and somebody who wants to know. */
  #suspect(run: Run): BrokerRegistration | undefined {
    const { controller, metadata } = this.#options;
    if (this.#isStopped || !controller.isActive || this.#isConnected(run)) return undefined;
    if (this.#unreachable.has(run.id)) return undefined;
    const broker = metadata.image.cluster.brokers.get(run.id);
    return broker?.epoch === run.epoch && !broker.fenced ? broker : undefined;
  }

  /** Whether all listeners say that nobody listens. */
  async #refuses({ listeners }: BrokerRegistration): Promise<boolean> {
    const looks = listeners.map(({ host, port }) =>
      this.#options.peers.probe({ host, port }, PROBE_TIMEOUT_MS),
    );
    const found = await Promise.all(looks);
    return found.length > 0 && found.every(result => result === 'refused');
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise(resolve => {
      this.#options.clock.startTimer(delayMs, resolve);
    });
  }
}
