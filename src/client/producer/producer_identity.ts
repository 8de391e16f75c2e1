import { InitProducerId } from '../../messages/22_init_producer_id.ts';
import { type ErrorCode, Errors, errorText } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import { asProducerEpoch, asProducerId, type ProducerEpoch, type ProducerId } from '../../model/ids.ts';
import type { ClusterClient } from '../cluster_client.ts';

export interface Identity {
  readonly producerId: ProducerId;
  readonly producerEpoch: ProducerEpoch;
}

/**
 * The producer id of an idempotent producer. Where a batch fails for good, its partition's sequences have a hole that
 * no later batch could fill: then the id is given up, and another taken once no batch carries the old one.
 *
 *     none → asking → usable → given up (batches carry it) → none
 */
export class ProducerIdentity {
  readonly #client: ClusterClient;
  #current: Identity | undefined;
  #isGivenUp = false;
  #isAsking = false;
  /** Batches, in flight or to be sent again, that carry the current id. */
  #carriers = 0;

  constructor(client: ClusterClient) {
    this.#client = client;
  }

  /** For a batch that is sent for the first time; undefined while there is none to use. */
  get usable(): Identity | undefined {
    return this.#isGivenUp ? undefined : this.#current;
  }

  /** One more batch carries it. */
  carried(): void {
    this.#carriers++;
  }

  /** For a batch that carries it: no other begins to. */
  giveUp(): void {
    this.#isGivenUp = true;
  }

  /** A batch carries it no more; whether the id ended with it. */
  dropped(): boolean {
    this.#carriers--;
    if (!this.#isGivenUp || this.#carriers > 0) return false;
    this.#current = undefined;
    this.#isGivenUp = false;
    return true;
  }

  /** Asks for an id if there is none and nobody asks; `done` is called when there is one, or can be none. */
  ask(done: (failure: Failure | undefined) => void): void {
    if (this.#current !== undefined || this.#isAsking) return;
    this.#isAsking = true;
    void this.#request().then(result => {
      this.#isAsking = false;
      if (!failed(result)) this.#current = result;
      done(failed(result) ? result : undefined);
    });
  }

  async #request(): Promise<Identity | Failure> {
    const response = await this.#client.request(
      'any',
      InitProducerId,
      { transactionalId: null, transactionTimeoutMs: 0x7fffffff },
      {
        maxVersion: 5,
        errorOf: ({ errorCode }) => {
          if (errorCode === Errors.NONE) return undefined;
          const code = errorCode as ErrorCode;
          return new Failure(code, `The producer got no id: ${errorText(code)}`);
        },
      },
    );
    if (failed(response)) return response;
    return {
      producerId: asProducerId(response.producerId),
      producerEpoch: asProducerEpoch(response.producerEpoch),
    };
  }
}
