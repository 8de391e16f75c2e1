import type { Timer } from '../model/ports.ts';
import type { SimulatedHost, SimulatedListener, SimulatedSockets } from './simulated_host.ts';
import { SimulatedSocket } from './simulated_socket.ts';

/** The first wait before a packet of the handshake is repeated; each doubles the one before. */
const RETRY_MS = 1_000;
/** A connection that its client has and its server does not learn of is given up after so many repetitions. */
const MAX_RETRIES = 5;

interface Target {
  readonly host: string;
  readonly port: number;
  /** By an address that means the own machine. */
  readonly isLoopback: boolean;
}

/** An attempt to connect: three packets, each repeated when it is lost. */
export class ConnectAttempt {
  readonly #from: SimulatedSockets;
  readonly #target: Target;
  readonly #tell: (outcome: SimulatedSocket | 'ECONNREFUSED' | 'ENOTFOUND' | 'ETIMEDOUT') => void;
  readonly #localPort: number;
  #retry: Timer | undefined;
  #retries = 0;
  #isOver = false;

  /** @param tell told the outcome, once */
  constructor(
    from: SimulatedSockets,
    target: Target,
    tell: (outcome: SimulatedSocket | 'ECONNREFUSED' | 'ENOTFOUND' | 'ETIMEDOUT') => void,
  ) {
    this.#from = from;
    this.#target = target;
    this.#tell = tell;
    this.#localPort = from.host.freePort();
  }

  start(): void {
    const { host } = this.#from;
    const to = this.#target.isLoopback ? host : host.network.find(this.#target.host);
    if (to === undefined) this.#later(0, () => this.end('ENOTFOUND'));
    else this.#knock(to);
  }

  /** Ends with this outcome, unless it has ended. */
  end(outcome: SimulatedSocket | 'ECONNREFUSED' | 'ENOTFOUND' | 'ETIMEDOUT'): void {
    if (this.#isOver) return;
    this.abandon();
    this.#from.clock.deliver(() => this.#tell(outcome));
  }

  /** Ends without anyone being told. */
  abandon(): void {
    this.#isOver = true;
    this.#retry?.cancel();
  }

  #knock(to: SimulatedHost): void {
    const from = this.#from.host;
    this.#send(from, to, () => {
      const listener = to.listeners.get(this.#target.port);
      if (listener === undefined || (listener.isLoopback && to !== from)) {
        this.#send(to, from, () => this.end('ECONNREFUSED'));
      } else if (!listener.isFull) this.#send(to, from, () => this.#establish(listener));
    });
    this.#retry = this.#later(RETRY_MS * 2 ** this.#retries++, () => this.#knock(to));
  }

  #send(from: SimulatedHost, to: SimulatedHost, arrive: () => void): void {
    const link = from.network.link(from.name, to.name);
    if (link.loses()) return;
    this.#later(link.delayMs(0), arrive);
  }

  #later(delayMs: number, action: () => void): Timer {
    return this.#from.clock.time.schedule(delayMs, () => {
      if (!this.#isOver) action();
    });
  }

  /** The client has its connection; the third packet brings it to the server. */
  #establish(listener: SimulatedListener): void {
    const from = this.#from.host;
    const to = listener.sockets.host;
    const clientName = this.#target.isLoopback ? '127.0.0.1' : from.name;
    const client = this.#from.createSocket(to, this.#target.host, this.#target.port);
    const server = listener.sockets.createSocket(from, clientName, this.#localPort);
    SimulatedSocket.join(client, server);
    this.#introduce(listener, server, 0);
    this.end(client);
  }

  #introduce(listener: SimulatedListener, server: SimulatedSocket, retries: number): void {
    const { host, clock } = this.#from;
    const link = host.network.link(host.name, listener.sockets.host.name);
    if (!link.loses()) clock.time.schedule(link.delayMs(0), () => listener.offer(server));
    else if (retries === MAX_RETRIES) server.vanish();
    else clock.time.schedule(RETRY_MS * 2 ** retries, () => this.#introduce(listener, server, retries + 1));
  }
}
