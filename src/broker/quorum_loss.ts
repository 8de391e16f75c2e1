import type { Clock } from '../model/ports.ts';
import type { PeerSender } from '../peers/peer_sender.ts';
import type { KraftNode } from '../raft/kraft_node.ts';

export interface QuorumLossOptions {
  readonly quorum: KraftNode;
  readonly peers: PeerSender;
  readonly clock: Clock;
}

const LOOK_INTERVAL_MS = 100;
const PROBE_TIMEOUT_MS = 500;

/**
 * Looks, while a node shuts down, whether there is anybody left to hand over to: when a whole cluster is stopped at
 * once, its last nodes would wait in vain for a majority of the controllers.
 */
export class QuorumLoss {
  readonly #options: QuorumLossOptions;
  #isStopped = false;

  constructor(options: QuorumLossOptions) {
    this.#options = options;
  }

  /** Resolves when so many controllers refuse connections that no majority is left, or after {@link stop}. */
  async happens(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#isStopped && (await this.#hasMajority())) {
      await new Promise<void>(resolve => {
        clock.startTimer(LOOK_INTERVAL_MS, resolve);
      });
    }
  }

  async #hasMajority(): Promise<boolean> {
    const { quorum, peers } = this.#options;
    const { voters } = quorum.status;
    const others = voters.voters.filter(voter => voter.key.id !== quorum.nodeId);
    const found = await Promise.all(others.map(voter => peers.probe(voter.endpoints[0]!, PROBE_TIMEOUT_MS)));
    const gone = found.filter(result => result === 'refused').length;
    return voters.size === 0 || voters.size - gone >= voters.majority;
  }

  stop(): void {
    this.#isStopped = true;
  }
}
