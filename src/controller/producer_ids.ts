import type {
  AllocateProducerIdsRequest,
  AllocateProducerIdsResponse,
} from '../messages/67_allocate_producer_ids.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { type ControllerContext, registeredBroker } from './controller_context.ts';
import { atomically, type Decision } from './decision.ts';
import { metadataRecord } from './metadata_record.ts';

/** How many producer ids a broker gets at a time. */
export const PRODUCER_ID_BLOCK_SIZE = 1000;
const LAST_PRODUCER_ID = 2n ** 63n - 1n;

/** Gives a broker the next block of producer ids (KIP-730). */
export function allocateProducerIds(
  context: ControllerContext,
  request: AllocateProducerIdsRequest,
): Decision<MessageInput<typeof AllocateProducerIdsResponse>> | Failure {
  const broker = registeredBroker(context, request.brokerId, request.brokerEpoch);
  if (failed(broker)) return broker;
  const first = context.image.nextProducerId;
  if (first > LAST_PRODUCER_ID - BigInt(PRODUCER_ID_BLOCK_SIZE)) {
    return new Failure(
      Errors.UNKNOWN_SERVER_ERROR,
      `All producer ids up to ${LAST_PRODUCER_ID} are given away`,
    );
  }
  const record = metadataRecord('ProducerIdsRecord', 0, {
    brokerId: broker.id,
    brokerEpoch: broker.epoch,
    nextProducerId: first + BigInt(PRODUCER_ID_BLOCK_SIZE),
  });
  const response = {
    throttleTimeMs: 0,
    errorCode: Errors.NONE,
    producerIdStart: first,
    producerIdLen: PRODUCER_ID_BLOCK_SIZE,
  };
  return atomically(response, [record]);
}
