import { ClusterClient } from '../../client/cluster_client.ts';
import type { Clock } from '../../model/ports.ts';
import { SimulatedClock } from '../simulated_clock.ts';
import type { SimulatedSockets } from '../simulated_host.ts';
import { TraceLogger } from '../world/trace_logger.ts';
import type { World } from '../world/world.ts';

/** How patient the workload's clients are: short, so that much happens in an hour. */
const TIMEOUTS = {
  requestTimeoutMs: 4_000,
  connectTimeoutMs: 2_000,
  apiTimeoutMs: 15_000,
  retryBackoffMs: 50,
  maxRetryBackoffMs: 500,
  metadataMaxAgeMs: 20_000,
};

/** A machine with clients; it is part of the network, and never fails. */
export class ClientMachine {
  readonly name: string;
  readonly clock: Clock;
  readonly #world: World;
  readonly #sockets: SimulatedSockets;

  constructor(world: World, name: string) {
    this.#world = world;
    this.name = name;
    const clock = new SimulatedClock(world.time);
    this.clock = clock;
    this.#sockets = world.network.host(name).open(clock);
  }

  connect(clientId: string): ClusterClient {
    const { trace, random, bootstrapServers } = this.#world;
    return new ClusterClient({
      ports: {
        clock: this.clock,
        random: random.fork(),
        network: this.#sockets,
        logger: new TraceLogger(trace, clientId),
      },
      bootstrapServers,
      clientId,
      timeouts: TIMEOUTS,
    });
  }

  /** Resolves after so long. */
  pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      this.clock.startTimer(ms, resolve);
    });
  }
}
