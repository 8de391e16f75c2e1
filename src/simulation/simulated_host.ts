import {
  type Connection,
  type ConnectionHandler,
  type Listener,
  type Network,
  NetworkError,
} from '../model/ports.ts';
import type { SimulatedClock } from './simulated_clock.ts';
import { ConnectAttempt } from './simulated_connect.ts';
import type { SimulatedNetwork } from './simulated_network.ts';
import { SimulatedSocket } from './simulated_socket.ts';

type Accept = (connection: Connection) => ConnectionHandler;

const ANY_ADDRESS: ReadonlySet<string> = new Set(['', '0.0.0.0', '::']);
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);
/** Where the ports begin that the system chooses. */
const FIRST_FREE_PORT = 32_768;
/** Connections that the system accepts for a process that doesn't; more attempts get no answer. */
const LISTEN_BACKLOG = 1_024;

/** A machine on the simulated network. It has power from the first {@link open} on, until {@link powerOff}. */
export class SimulatedHost {
  readonly name: string;
  readonly network: SimulatedNetwork;
  readonly listeners = new Map<number, SimulatedListener>();
  readonly #processes = new Set<SimulatedSockets>();
  #isOn = false;
  #nextPort = FIRST_FREE_PORT;

  constructor(network: SimulatedNetwork, name: string) {
    this.network = network;
    this.name = name;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** The network as the process of `clock` sees it, until that process dies. */
  open(clock: SimulatedClock): SimulatedSockets {
    this.#isOn = true;
    const sockets = new SimulatedSockets(this, clock);
    this.#processes.add(sockets);
    return sockets;
  }

  /** All processes are gone, and nobody is told; attempts to connect get no answer. */
  powerOff(): void {
    this.#isOn = false;
    for (const process of this.#processes) process.vanish();
    this.#processes.clear();
  }

  /** Called by a process that died. */
  forget(process: SimulatedSockets): void {
    this.#processes.delete(process);
  }

  /** A port that nobody listens on. */
  freePort(): number {
    do {
      this.#nextPort = this.#nextPort === 65_535 ? FIRST_FREE_PORT : this.#nextPort + 1;
    } while (this.listeners.has(this.#nextPort));
    return this.#nextPort;
  }
}

/** The simulated network as one process sees it: its listeners and connections end with it. */
export class SimulatedSockets implements Network {
  readonly host: SimulatedHost;
  readonly clock: SimulatedClock;
  readonly #sockets = new Set<SimulatedSocket>();
  readonly #listeners = new Set<SimulatedListener>();
  readonly #attempts = new Set<ConnectAttempt>();
  #isDead = false;

  constructor(host: SimulatedHost, clock: SimulatedClock) {
    this.host = host;
    this.clock = clock;
  }

  /** The process dies (kill -9): the system closes its connections, and the peers learn of it. */
  kill(): void {
    this.#die(socket => socket.kill());
  }

  /** Every connection breaks, as when something on the way forgets them; both sides learn of it. */
  resetConnections(): void {
    for (const socket of [...this.#sockets]) socket.reset();
  }

  /** Connections that are drawn get nothing more through until then; what they sent comes late. */
  stallConnections(untilMs: number, isDrawn: () => boolean): void {
    for (const socket of this.#sockets) if (isDrawn()) socket.stall(untilMs);
  }

  /** The process is gone with its machine. */
  vanish(): void {
    this.#die(socket => socket.vanish());
  }

  async listen(host: string, port: number, accept: Accept): Promise<Listener> {
    const { listeners, name } = this.host;
    if (this.#isDead) return new Promise(() => {});
    if (!ANY_ADDRESS.has(host) && !LOOPBACK.has(host) && host !== name) {
      throw networkError('EADDRNOTAVAIL', 'listen on', host, port);
    }
    if (listeners.has(port)) throw networkError('EADDRINUSE', 'listen on', host, port);
    const chosen = port === 0 ? this.host.freePort() : port;
    const listener = new SimulatedListener(this, chosen, LOOPBACK.has(host), accept);
    listeners.set(chosen, listener);
    this.#listeners.add(listener);
    return listener;
  }

  connect(host: string, port: number, timeoutMs: number, attach: Accept): Promise<Connection> {
    return new Promise((resolve, reject) => {
      if (this.#isDead) return;
      const attempt = new ConnectAttempt(this, { host, port, isLoopback: LOOPBACK.has(host) }, outcome => {
        timer.cancel();
        this.#attempts.delete(attempt);
        if (typeof outcome === 'string') {
          reject(networkError(outcome, 'connect to', host, port));
          return;
        }
        outcome.attach(attach(outcome));
        resolve(outcome);
      });
      const timer = this.clock.startTimer(timeoutMs, () => attempt.end('ETIMEDOUT'));
      this.#attempts.add(attempt);
      attempt.start();
    });
  }

  /** The end of a connection that leads from here to there. */
  createSocket(remote: SimulatedHost, remoteHost: string, remotePort: number): SimulatedSocket {
    const { network } = this.host;
    const socket = new SimulatedSocket({
      clock: this.clock,
      random: network.random,
      link: network.link(this.host.name, remote.name),
      remoteHost,
      remotePort,
      forget: closed => this.#sockets.delete(closed),
    });
    if (this.#isDead) socket.vanish();
    else this.#sockets.add(socket);
    return socket;
  }

  closeListener(listener: SimulatedListener): void {
    this.#listeners.delete(listener);
    if (this.host.listeners.get(listener.port) === listener) this.host.listeners.delete(listener.port);
  }

  #die(end: (socket: SimulatedSocket) => void): void {
    this.#isDead = true;
    for (const listener of [...this.#listeners]) this.closeListener(listener);
    for (const attempt of this.#attempts) attempt.abandon();
    for (const socket of [...this.#sockets]) end(socket);
    this.host.forget(this);
  }
}

/** A port that a process accepts connections on. */
export class SimulatedListener implements Listener {
  readonly port: number;
  readonly isLoopback: boolean;
  readonly sockets: SimulatedSockets;
  readonly #accept: Accept;
  /** Connections that the system accepted and the process has not seen. */
  #waiting = 0;

  constructor(sockets: SimulatedSockets, port: number, isLoopback: boolean, accept: Accept) {
    this.sockets = sockets;
    this.port = port;
    this.isLoopback = isLoopback;
    this.#accept = accept;
  }

  /** Whether the system answers no more attempts for now. */
  get isFull(): boolean {
    return this.#waiting >= LISTEN_BACKLOG;
  }

  /** Whether the process still listens. */
  get isOpen(): boolean {
    return this.sockets.host.listeners.get(this.port) === this;
  }

  async close(): Promise<void> {
    this.sockets.closeListener(this);
  }

  /** The system has a connection for the process. */
  offer(socket: SimulatedSocket): void {
    this.#waiting++;
    this.sockets.clock.deliver(() => {
      this.#waiting--;
      // Broken while it waited, or the listener was closed: the process never sees it.
      if (socket.isClosed) return;
      if (this.isOpen) socket.attach(this.#accept(socket));
      else socket.destroy();
    });
  }
}

function networkError(code: string, action: string, host: string, port: number): NetworkError {
  return new NetworkError(code, `Cannot ${action} ${host}:${port}: ${code}`);
}
