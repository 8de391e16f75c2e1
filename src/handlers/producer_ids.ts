import { AllocateProducerIds } from '../messages/67_allocate_producer_ids.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asProducerId, type BrokerEpoch, type NodeId, type ProducerId } from '../model/ids.ts';
import type { ControllerChannel } from './controller_channel.ts';

const ALLOCATE_TIMEOUT_MS = 10_000;

export interface ProducerIdsOptions {
  readonly nodeId: NodeId;
  /** Of the present registration. */
  readonly brokerEpoch: () => BrokerEpoch;
  readonly controller: ControllerChannel;
}

/** Gives out producer ids, each once in the life of the cluster: from blocks that the controller gives the broker. */
export class ProducerIds {
  readonly #options: ProducerIdsOptions;
  #next = 0n;
  /** Behind the last id of the block. */
  #end = 0n;
  /** The request for the next block, while it is under way. */
  #allocation: Promise<Failure | undefined> | undefined;

  constructor(options: ProducerIdsOptions) {
    this.#options = options;
  }

  /** @returns COORDINATOR_LOAD_IN_PROGRESS while there is no block: the client tries again */
  async next(): Promise<ProducerId | Failure> {
    while (this.#next >= this.#end) {
      this.#allocation ??= this.#allocate().finally(() => {
        this.#allocation = undefined;
      });
      const failure = await this.#allocation;
      if (failure !== undefined) return failure;
    }
    const id = asProducerId(this.#next);
    this.#next++;
    return id;
  }

  async #allocate(): Promise<Failure | undefined> {
    const { nodeId, brokerEpoch, controller } = this.#options;
    const request = { brokerId: nodeId, brokerEpoch: brokerEpoch() };
    const response = await controller.send(AllocateProducerIds, request, ALLOCATE_TIMEOUT_MS);
    if (failed(response) || response.errorCode !== Errors.NONE) {
      const why = failed(response) ? response.message : `error ${response.errorCode}`;
      return new Failure(
        Errors.COORDINATOR_LOAD_IN_PROGRESS,
        `The controller gave this broker no producer ids: ${why}`,
      );
    }
    this.#next = response.producerIdStart;
    this.#end = response.producerIdStart + BigInt(response.producerIdLen);
    return undefined;
  }
}
