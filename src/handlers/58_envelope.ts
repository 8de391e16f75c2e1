import type { Envelope, EnvelopeRequest } from '../messages/58_envelope.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { addressText } from '../model/ip_address.ts';
import { FRAME_SIZE_BYTES } from '../protocol/codec.ts';
import { decodeRequestBody, decodeRequestHeader, encodeResponse } from '../protocol/framing.ts';
import type { Api, MessageInput } from '../protocol/schema.ts';
import { type ApiHandler, NoResponse } from './api_handler.ts';
import type { BrokerServices } from './broker_services.ts';
import { decodePrincipal } from './principal.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof Envelope)['response']>;

/**
 * Answers a client's request that a broker passes on (KIP-590), as if the client had sent it here itself. What is
 * wrong with the envelope is its own error, and so is that this node is not the active controller (any more): the
 * broker then looks for the one that is, and the client sees nothing of it.
 */
export async function handleEnvelope(
  request: EnvelopeRequest,
  context: RequestContext,
  services: BrokerServices,
): Promise<Response> {
  const embedded = unwrap(request, services.handlers);
  if (failed(embedded)) {
    services.logger.warn('An envelope was refused', { error: embedded.message, from: context.client.host });
    return refusal(embedded.code);
  }
  const { handler, frame, principal, host } = embedded;
  const { api, version, correlationId, clientId } = frame;
  const body = decodeRequestBody(api, version, frame.body);
  if (failed(body)) return refusal(body.code);
  const forwarded = { isNotController: false };
  const client = { ...context.client, principal, host };
  const answer = await handler.handle(body, { apiVersion: version, clientId, client, forwarded }, services);
  if (forwarded.isNotController) return refusal(Errors.NOT_CONTROLLER);
  // None of these APIs goes without a response.
  if (answer instanceof NoResponse) return refusal(Errors.UNKNOWN_SERVER_ERROR);
  const { chunks } = encodeResponse(api, version, correlationId, answer);
  return { responseData: Buffer.concat(chunks).subarray(FRAME_SIZE_BYTES), errorCode: Errors.NONE };
}

function refusal(errorCode: ErrorCode): Response {
  return { responseData: null, errorCode };
}

interface Embedded {
  readonly handler: ApiHandler;
  readonly frame: Exclude<ReturnType<typeof decodeRequestHeader>, Failure>;
  readonly principal: string;
  readonly host: string;
}

function unwrap(request: EnvelopeRequest, handlers: readonly ApiHandler[]): Embedded | Failure {
  const principal = decodePrincipal(request.requestPrincipal);
  if (failed(principal)) return principal;
  const host = addressText(request.clientHostAddress);
  if (host === undefined) return new Failure(Errors.INVALID_REQUEST, 'The address of the client is none');
  const apis = new Map<number, Api>();
  for (const { api, isForwardable } of handlers) if (isForwardable) apis.set(api.key, api);
  const frame = decodeRequestHeader(request.requestData, apis);
  if (failed(frame)) return frame;
  const handler = handlers.find(each => each.api.key === frame.api.key)!;
  const { lowest, highest } = handler.versions;
  if (frame.version < lowest || frame.version > highest) {
    const text = `${frame.api.name} is in the envelope in version ${frame.version}, and is served in ${lowest} to ${highest}`;
    return new Failure(Errors.UNSUPPORTED_VERSION, text);
  }
  return { handler, frame, principal, host };
}
