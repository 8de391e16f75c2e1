import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { encodeFrame, malformedFailure, part, read } from './codec.ts';
import { RequestHeader, ResponseHeader, requestHeaderVersion, responseHeaderVersion } from './headers.ts';
import { Reader } from './reader.ts';
import type { Api, Message, MessageInput, MessageOf } from './schema.ts';
import { includesVersion } from './versions.ts';
import type { Encoded } from './writer.ts';

/*
 * The frames of requests and responses: header and body, one after the other. Bytes behind a body are ignored, as
 * Kafka does.
 */

/** Size of the smallest request: its key, version, correlation id, and no client id. */
export const LEAST_REQUEST_BYTES = 10;
/** Size of the smallest response: its correlation id. */
export const LEAST_RESPONSE_BYTES = 4;

/** A request as it came: the header decoded, the body not yet. */
export interface RequestFrame {
  readonly api: Api;
  /**
   * The version that the client chose, perhaps one that the API does not have. ApiVersions is answered all the same,
   * in version 0 with UNSUPPORTED_VERSION (KIP-511); for any other API the connection is closed.
   */
  readonly version: number;
  readonly correlationId: number;
  /** Empty for a client that gave none. */
  readonly clientId: string;
  /** A view of the frame. */
  readonly body: Buffer;
}

/**
 * Decodes the header of a request.
 * @param apis the APIs by key
 * @returns a failure with INVALID_REQUEST for an unknown key and for bytes that are no header: the connection can't go on
 */
export function decodeRequestHeader(frame: Buffer, apis: ReadonlyMap<number, Api>): RequestFrame | Failure {
  if (frame.length < LEAST_REQUEST_BYTES) {
    return new Failure(
      Errors.INVALID_REQUEST,
      `Cannot decode a request of ${frame.length} bytes: the header alone has ${LEAST_REQUEST_BYTES} or more`,
    );
  }
  const key = frame.readInt16BE(0);
  const version = frame.readInt16BE(2);
  const api = apis.get(key);
  if (api === undefined) {
    return new Failure(Errors.INVALID_REQUEST, `Cannot decode a request: there is no API with key ${key}`);
  }
  const reader = new Reader(frame);
  try {
    const { correlationId, clientId } = read(RequestHeader, requestHeaderVersion(api, version), reader);
    const body = frame.subarray(reader.position);
    return { api, version, correlationId, clientId: clientId ?? '', body };
  } catch (error) {
    return malformedFailure(`the header of ${api.name} version ${version}`, error);
  }
}

/**
 * Decodes the body of a request. Its `bytes` and `records` are views of the frame.
 * @returns a failure with UNSUPPORTED_VERSION for a version that the declaration lacks, INVALID_REQUEST for bytes
 * that are no such request
 */
export function decodeRequestBody<Request extends Message>(
  api: Api<Request>,
  version: number,
  body: Buffer,
): MessageOf<Request> | Failure {
  if (!includesVersion(api.request.versions, version)) {
    return new Failure(
      Errors.UNSUPPORTED_VERSION,
      `Cannot decode ${api.name} version ${version}: there are the versions ${api.request.versions}`,
    );
  }
  try {
    return read(api.request, version, new Reader(body));
  } catch (error) {
    return malformedFailure(`${api.request.name} version ${version}`, error);
  }
}

/** Encodes the frame of a response, its size before it. */
export function encodeResponse<Response extends Message>(
  api: Api<Message, Response>,
  version: number,
  correlationId: number,
  body: MessageInput<Response>,
): Encoded {
  return encodeFrame([
    part(ResponseHeader, responseHeaderVersion(api, version), { correlationId }),
    part(api.response, version, body),
  ]);
}

/** Who asks: the part of a request's header that the API and version don't tell. */
export interface Requester {
  readonly correlationId: number;
  readonly clientId: string;
}

/** Encodes the frame of a request, its size before it. */
export function encodeRequest<Request extends Message>(
  api: Api<Request>,
  version: number,
  { correlationId, clientId }: Requester,
  body: MessageInput<Request>,
): Encoded {
  const header = { requestApiKey: api.key, requestApiVersion: version, correlationId, clientId };
  return encodeFrame([
    part(RequestHeader, requestHeaderVersion(api, version), header),
    part(api.request, version, body),
  ]);
}

/** Which request a response answers; undefined for a frame that is too short to be one. */
export function correlationIdOf(response: Buffer): number | undefined {
  return response.length < LEAST_RESPONSE_BYTES ? undefined : response.readInt32BE(0);
}

/**
 * Decodes the body of a response to a request that was sent in `version`. Its `bytes` and `records` are views of the
 * frame.
 * @returns a failure with INVALID_REQUEST for bytes that are no such response
 */
export function decodeResponse<Response extends Message>(
  api: Api<Message, Response>,
  version: number,
  frame: Buffer,
): MessageOf<Response> | Failure {
  const reader = new Reader(frame);
  try {
    read(ResponseHeader, responseHeaderVersion(api, version), reader);
    return read(api.response, version, reader);
  } catch (error) {
    return malformedFailure(`${api.response.name} version ${version}`, error);
  }
}
