import { APIS } from '../../src/messages/apis.ts';
import {
  CONSUMER_PROTOCOL_MESSAGES,
  CONTROL_MESSAGES,
  GROUP_MESSAGES,
  METADATA_MESSAGES,
  PRINCIPAL_MESSAGES,
  RAFT_MESSAGES,
  SHARE_MESSAGES,
  STORAGE_MESSAGES,
  TRANSACTION_MESSAGES,
} from '../../src/messages/records.ts';
import { RequestHeader, ResponseHeader } from '../../src/protocol/headers.ts';
import type { Message } from '../../src/protocol/schema.ts';

/** Every declared message by Kafka's name for it. */
export const MESSAGE_BY_NAME: ReadonlyMap<string, Message> = new Map(
  [
    RequestHeader as Message,
    ResponseHeader,
    ...APIS.flatMap(api => [api.request, api.response]),
    ...CONTROL_MESSAGES,
    ...CONSUMER_PROTOCOL_MESSAGES,
    ...PRINCIPAL_MESSAGES,
    ...METADATA_MESSAGES,
    ...GROUP_MESSAGES,
    ...TRANSACTION_MESSAGES,
    ...SHARE_MESSAGES,
    ...RAFT_MESSAGES,
    ...STORAGE_MESSAGES,
  ].map(message => [message.name, message]),
);
