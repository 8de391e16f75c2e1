import type { BrokerEpoch, NodeId, Offset } from '../model/ids.ts';
import type { Clock } from '../model/ports.ts';
import type { BrokerRegistration } from './image/broker_registration.ts';

interface Session {
  readonly epoch: BrokerEpoch;
  lastContactMs: number;
  /** Whether the broker was heard of, and is not only given time to show up. */
  isHeard: boolean;
  /** Whether the connection with its heartbeats has ended since. */
  isDisconnected: boolean;
  /** How far the broker has read the metadata log; undefined before its first heartbeat to this controller. */
  metadataOffset: Offset | undefined;
  /** Where the moves of its leaderships stand in the log; undefined while it is not shutting down. */
  shutdownOffset: Offset | undefined;
}

/**
 * When each broker was heard of. Kept by the active controller alone and in memory alone: a new controller grants
 * every broker that is not fenced a whole session to show up.
 */
export class BrokerLiveness {
  readonly #clock: Clock;
  readonly #sessionTimeoutMs: number;
  readonly #sessions = new Map<NodeId, Session>();

  constructor(clock: Clock, sessionTimeoutMs: number) {
    this.#clock = clock;
    this.#sessionTimeoutMs = sessionTimeoutMs;
  }

  /** Begins the session of a broker that registers. */
  begin(brokerId: NodeId, epoch: BrokerEpoch): void {
    this.#begin(brokerId, epoch, true);
  }

  /** Begins the session of a broker that was registered under another controller. */
  inherit({ id, epoch }: BrokerRegistration): void {
    this.#begin(id, epoch, false);
  }

  #begin(brokerId: NodeId, epoch: BrokerEpoch, isHeard: boolean): void {
    this.#sessions.set(brokerId, {
      epoch,
      lastContactMs: this.#clock.monotonicMs(),
      isHeard,
      isDisconnected: false,
      metadataOffset: undefined,
      shutdownOffset: undefined,
    });
  }

  heartbeat({ id, epoch }: BrokerRegistration, metadataOffset: Offset): void {
    const session = this.#sessions.get(id);
    if (session === undefined || session.epoch !== epoch) this.begin(id, epoch);
    const current = this.#sessions.get(id)!;
    current.lastContactMs = this.#clock.monotonicMs();
    current.isHeard = true;
    current.isDisconnected = false;
    current.metadataOffset = metadataOffset;
  }

  /** Has the session end in `leftMs` at the latest, unless the broker shows up before. */
  suspect(id: NodeId, leftMs: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const latestMs = this.#clock.monotonicMs() - this.#sessionTimeoutMs + leftMs;
    session.lastContactMs = Math.min(session.lastContactMs, latestMs);
  }

  /** The connection with the broker's heartbeats has ended: its process may be gone. */
  disconnected(id: NodeId, epoch: BrokerEpoch): void {
    const session = this.#sessions.get(id);
    if (session?.epoch === epoch) session.isDisconnected = true;
  }

  /** Whether a process holds the registration and has not dropped its connection. */
  isConnected(broker: BrokerRegistration): boolean {
    return this.isAlive(broker) && this.#sessions.get(broker.id)?.isDisconnected === false;
  }

  /** Ends the session: the broker is gone, or may be taken for gone. */
  end(brokerId: NodeId): void {
    this.#sessions.delete(brokerId);
  }

  /** Whether a process holds the registration, as far as is known. */
  isAlive({ id, epoch }: BrokerRegistration): boolean {
    const session = this.#sessions.get(id);
    return session !== undefined && session.epoch === epoch && !this.#isExpired(session);
  }

  /** Whether nothing speaks for the broker being there: it was not heard of for half a session, or by this controller. */
  isSilent({ id, epoch }: BrokerRegistration): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined || session.epoch !== epoch || !session.isHeard) return true;
    return this.#clock.monotonicMs() - session.lastContactMs > this.#sessionTimeoutMs / 2;
  }

  /** The brokers whose sessions are over. */
  expired(): NodeId[] {
    return [...this.#sessions].filter(([, session]) => this.#isExpired(session)).map(([id]) => id);
  }

  /** How long until the first session is over if its broker stays silent; Infinity without sessions. */
  untilExpiryMs(): number {
    let firstContactMs = Infinity;
    for (const { lastContactMs } of this.#sessions.values()) {
      if (lastContactMs < firstContactMs) firstContactMs = lastContactMs;
    }
    return firstContactMs + this.#sessionTimeoutMs - this.#clock.monotonicMs();
  }

  /**
   * Makes up for a time in which this process did not run: heartbeats wait unread then, and silence means nothing.
   */
  forgive(pauseMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    for (const session of this.#sessions.values()) {
      session.lastContactMs = Math.min(nowMs, session.lastContactMs + pauseMs);
    }
  }

  /** Notes where the moves of a broker's leaderships stand; the first time counts. */
  beginShutdown({ id }: BrokerRegistration, offset: Offset): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) session.shutdownOffset ??= offset;
  }

  /** Where the moves of a broker's leaderships stand, when it is shutting down under this controller. */
  shutdownOffset({ id, epoch }: BrokerRegistration): Offset | undefined {
    const session = this.#sessions.get(id);
    return session?.epoch === epoch ? session.shutdownOffset : undefined;
  }

  /** Whether all of the brokers have read the log up to and with the offset. */
  haveRead(brokers: Iterable<BrokerRegistration>, offset: Offset): boolean {
    for (const { id } of brokers) {
      const read = this.#sessions.get(id)?.metadataOffset;
      if (read === undefined || read < offset) return false;
    }
    return true;
  }

  #isExpired(session: Session): boolean {
    return this.#clock.monotonicMs() - session.lastContactMs > this.#sessionTimeoutMs;
  }
}
