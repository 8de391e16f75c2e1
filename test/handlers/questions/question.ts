import type { Api, MessageInput } from '../../../src/protocol/schema.ts';

/** A request in a version. */
export interface Question {
  readonly api: Api;
  readonly version: number;
  readonly request: MessageInput<Api['request']>;
}

export function ask<A extends Api>(
  api: A,
  version: number,
  request: Partial<MessageInput<A['request']>>,
): Question {
  return { api, version, request: request as Question['request'] };
}
