import { isActive } from '../controller/image/broker_registration.ts';
import type { ClusterImage } from '../controller/image/cluster_image.ts';
import type { BrokerEpoch, NodeId } from '../model/ids.ts';
import type { Endpoint } from '../peers/peer_sender.ts';
import type { ReplicaCluster } from '../replica/replica_cluster.ts';

export interface MetadataClusterOptions {
  /** As the metadata has it now. */
  readonly cluster: () => ClusterImage;
  /** The name of the listener that brokers reach each other by. */
  readonly listenerName: () => string;
}

/** The other brokers, for those who replicate with them: as the metadata has them. */
export class MetadataCluster implements ReplicaCluster {
  readonly #options: MetadataClusterOptions;

  constructor(options: MetadataClusterOptions) {
    this.#options = options;
  }

  #broker(id: NodeId) {
    return this.#options.cluster().brokers.get(id);
  }

  brokerEpoch(id: NodeId): BrokerEpoch | undefined {
    return this.#broker(id)?.epoch;
  }

  isActive(id: NodeId): boolean {
    return isActive(this.#broker(id));
  }

  isAlive(id: NodeId): boolean {
    return this.#broker(id)?.fenced === false;
  }

  endpoint(id: NodeId): Endpoint | undefined {
    const name = this.#options.listenerName();
    return this.#broker(id)?.listeners.find(listener => listener.name === name);
  }

  rack(id: NodeId): string | null {
    return this.#broker(id)?.rack ?? null;
  }
}
