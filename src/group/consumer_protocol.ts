import { ConsumerProtocolSubscription } from '../messages/consumer_protocol/consumer_protocol_subscription.ts';
import { failed } from '../model/failure.ts';
import { decodeVersioned } from '../protocol/stored.ts';

/** The protocol type of consumers; others (Connect, schema registries) say things that no broker reads. */
export const CONSUMER_PROTOCOL_TYPE = 'consumer';

const VERSION_BYTES = 2;
const VERSION_ZERO = Buffer.alloc(VERSION_BYTES);

/**
 * The topics that a consumer subscribes to, by what it says to its assignor. They are the first field of every
 * version, so all are read as version 0: a newer one than is known here too.
 * @returns undefined when the bytes are no subscription
 */
export function subscribedTopicsOf(subscription: Buffer): readonly string[] | undefined {
  if (subscription.length < VERSION_BYTES || subscription.readInt16BE(0) < 0) return undefined;
  const oldest = Buffer.concat([VERSION_ZERO, subscription.subarray(VERSION_BYTES)]);
  const decoded = decodeVersioned(ConsumerProtocolSubscription, oldest);
  return failed(decoded) ? undefined : decoded.value.topics;
}
