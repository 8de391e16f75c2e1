import { type ApiHandler, NoResponse } from '../handlers/api_handler.ts';
import type { BrokerServices } from '../handlers/broker_services.ts';
import type { ClientInfo, RequestContext } from '../handlers/request_context.ts';
import { ApiVersions } from '../messages/18_api_versions.ts';
import { Errors } from '../model/error_codes.ts';
import { failed } from '../model/failure.ts';
import type { Clock, Logger } from '../model/ports.ts';
import {
  decodeRequestBody,
  decodeRequestHeader,
  encodeResponse,
  type RequestFrame,
} from '../protocol/framing.ts';
import type { Api, ListenerKind } from '../protocol/schema.ts';
import type { Outcome, PendingRequest } from './client_connection.ts';
import type { RequestKind, RequestSizes, RequestStatistics, RequestTimes } from './request_statistics.ts';

export interface RequestDispatcherOptions {
  readonly handlers: readonly ApiHandler[];
  /** Asked for when a request is handled: they are made after the listeners. */
  readonly services: () => BrokerServices;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly statistics: RequestStatistics;
}

/**
 * Takes a request from its frame to the handler of its API, and the answer back into a frame. A request that can't be
 * understood ends its connection, as in Kafka: what follows it can't be trusted. ApiVersions alone is answered in
 * every version, so that a newer client learns what it may say (KIP-511).
 */
export class RequestDispatcher {
  readonly #options: RequestDispatcherOptions;
  readonly #handlers: ReadonlyMap<number, ApiHandler>;
  /** The APIs of each kind of listener, by key. */
  readonly #apis: Readonly<Record<ListenerKind, ReadonlyMap<number, Api>>>;

  constructor(options: RequestDispatcherOptions) {
    this.#options = options;
    this.#handlers = new Map(options.handlers.map(handler => [handler.api.key, handler]));
    const apisOf = (kind: ListenerKind) =>
      new Map(
        options.handlers
          .filter(handler => handler.listeners.includes(kind))
          .map(handler => [handler.api.key, handler.api]),
      );
    this.#apis = { broker: apisOf('broker'), controller: apisOf('controller') };
  }

  /** @returns the request, or why its connection must end */
  accept(frame: Buffer, client: ClientInfo): PendingRequest | string {
    const request = decodeRequestHeader(frame, this.#apis[client.listenerKind]);
    if (failed(request)) return request.message;
    const { api, version } = request;
    const handler = this.#handlers.get(api.key)!;
    const { lowest, highest } = handler.versions;
    if (version < lowest || version > highest) {
      if (api.key === ApiVersions.key) return this.#unsupportedApiVersions(request);
      return `${api.name} was asked for in version ${version}, and is served in ${lowest} to ${highest}`;
    }
    return new DispatchedRequest({ handler, request, client }, this.#options);
  }

  /** Version 0 with the versions of ApiVersions itself: what a client of any age can read. */
  #unsupportedApiVersions({ correlationId }: RequestFrame): PendingRequest {
    const { lowest, highest } = this.#handlers.get(ApiVersions.key)!.versions;
    const response = {
      errorCode: Errors.UNSUPPORTED_VERSION,
      apiKeys: [{ apiKey: ApiVersions.key, minVersion: lowest, maxVersion: highest }],
    };
    return {
      isPipelined: false,
      run: () => ({ frame: encodeResponse(ApiVersions, 0, correlationId, response), muteMs: 0 }),
      done: () => {},
    };
  }
}

interface Dispatched {
  readonly handler: ApiHandler;
  readonly request: RequestFrame;
  readonly client: ClientInfo;
}

/** A request on its way to its handler and back. */
class DispatchedRequest implements PendingRequest {
  readonly isPipelined: boolean;
  readonly #dispatched: Dispatched;
  readonly #options: RequestDispatcherOptions;
  /** Where it is counted; nowhere before its body was read. */
  #kinds: readonly RequestKind[] = [];

  constructor(dispatched: Dispatched, options: RequestDispatcherOptions) {
    this.#dispatched = dispatched;
    this.#options = options;
    this.isPipelined = dispatched.handler.isPipelined;
  }

  run(): Promise<Outcome> | Outcome {
    const { handler, request, client } = this.#dispatched;
    const { api, version, clientId } = request;
    const body = decodeRequestBody(api, version, request.body);
    if (failed(body)) return { close: body.message };
    this.#kinds = this.#options.statistics.begun(api, version, body);
    const context: RequestContext = { apiVersion: version, clientId, client };
    const services = this.#options.services();
    const meter = new WorkMeter(context, services);
    const answer = handler.handle(body, context, services);
    meter.pause();
    const encode = (response: Answer): Outcome => {
      const outcome = this.#encode(response, meter.throttleMs(response));
      const { closeReason } = context;
      return closeReason === undefined ? outcome : { ...outcome, closeReason };
    };
    return answer instanceof Promise ? answer.then(encode) : encode(answer);
  }

  #encode(response: Answer, muteMs: number): Outcome {
    const { api, version, correlationId } = this.#dispatched.request;
    if (response instanceof NoResponse) {
      return response.closeReason === undefined
        ? { frame: undefined, muteMs }
        : { close: response.closeReason };
    }
    this.#options.statistics.answered(api, this.#kinds, response);
    const throttled = muteMs > 0 ? { ...response, throttleTimeMs: muteMs } : response;
    return { frame: encodeResponse(api, version, correlationId, throttled), muteMs };
  }

  done(times: RequestTimes, sizes: RequestSizes): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const kind of this.#kinds) kind.done(times, sizes, nowMs);
  }
}

type Answer = Awaited<ReturnType<ApiHandler['handle']>>;

/** How long a request kept this broker busy, where its client has a quota of that (KIP-124). */
class WorkMeter {
  readonly #context: RequestContext;
  readonly #services: BrokerServices;
  /** Undefined where nobody has to know. */
  readonly #startedMs: number | undefined;
  #busyMs = 0;

  constructor(context: RequestContext, services: BrokerServices) {
    this.#context = context;
    this.#services = services;
    const isBound =
      context.client.listenerKind === 'broker' && services.quotas.has('request_percentage', context);
    this.#startedMs = isBound ? services.clock.monotonicMs() : undefined;
  }

  /** The handler has returned, or waits. */
  pause(): void {
    if (this.#startedMs !== undefined) this.#busyMs = this.#services.clock.monotonicMs() - this.#startedMs;
  }

  /** How long the client has to wait for its next request, by all of its quotas. */
  throttleMs(response: Answer): number {
    const { throttleTimeMs = 0 } = response as { readonly throttleTimeMs?: number };
    if (this.#startedMs === undefined) return throttleTimeMs;
    return Math.max(throttleTimeMs, this.#services.quotas.worked(this.#busyMs, this.#context));
  }
}
