import type { OffsetDelete, OffsetDeleteRequest } from '../messages/47_offset_delete.ts';
import { Errors } from '../model/error_codes.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

/** Deletes offsets of a group, of topics that it does not subscribe to. */
export async function handleOffsetDelete(
  request: OffsetDeleteRequest,
  _context: RequestContext,
  { groups, metadata }: BrokerServices,
): Promise<MessageInput<(typeof OffsetDelete)['response']>> {
  const isThere = (name: string, index: number) =>
    metadata.image.topics.byName(name)?.partitions[index] !== undefined;
  const known = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.filter(({ partitionIndex }) => isThere(name, partitionIndex)),
  }));
  const response = await groups.deleteOffsets({ ...request, topics: known });
  if (response.errorCode !== Errors.NONE) return response;
  const topics = request.topics.map(({ name, partitions }, at) => {
    const missing = partitions
      .filter(({ partitionIndex }) => !isThere(name, partitionIndex))
      .map(({ partitionIndex }) => ({ partitionIndex, errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION }));
    return { name, partitions: [...missing, ...response.topics[at]!.partitions] };
  });
  return { ...response, topics };
}
