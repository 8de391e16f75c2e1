import type { InitProducerId, InitProducerIdRequest } from '../messages/22_init_producer_id.ts';
import { Errors } from '../model/error_codes.ts';
import { failed } from '../model/failure.ts';
import { NO_PRODUCER_EPOCH, NO_PRODUCER_ID } from '../model/ids.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof InitProducerId)['response']>;

const NOTHING = { producerId: NO_PRODUCER_ID, producerEpoch: NO_PRODUCER_EPOCH };

/** Gives an idempotent producer an id of its own. */
export async function handleInitProducerId(
  request: InitProducerIdRequest,
  _context: RequestContext,
  { producerIds }: BrokerServices,
): Promise<Response> {
  const { transactionalId, producerId, producerEpoch } = request;
  const isIncomplete = (producerId === NO_PRODUCER_ID) !== (producerEpoch === NO_PRODUCER_EPOCH);
  // The empty id is none that a transaction could have; the others belong to a coordinator that there is none of yet.
  if (isIncomplete || transactionalId !== null) return { ...NOTHING, errorCode: Errors.INVALID_REQUEST };
  // A producer without transactions that asks again (KIP-360) starts over with a new id.
  const next = await producerIds.next();
  if (failed(next)) return { ...NOTHING, errorCode: next.code };
  return { errorCode: Errors.NONE, producerId: next, producerEpoch: 0 };
}
