import type { Controller } from '../controller/controller.ts';
import type { ApiHandler } from '../handlers/api_handler.ts';
import type { BrokerServices } from '../handlers/broker_services.ts';
import type { ControllerChannel, ControllerNode, ForwardedRequest } from '../handlers/controller_channel.ts';
import type { ClientInfo, RequestContext } from '../handlers/request_context.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { Offset } from '../model/ids.ts';
import type { Clock } from '../model/ports.ts';
import type { Endpoint } from '../peers/peer_sender.ts';
import { decode, encodeToBuffer } from '../protocol/codec.ts';
import type { Api, MessageInput, MessageOf } from '../protocol/schema.ts';
import type { KraftNode } from '../raft/kraft_node.ts';
import type { RemoteController } from './remote_controller.ts';

/** Between two attempts, where no change of the quorum ends the wait before. */
const RETRY_MS = 50;
/** How long a client's request may look for the active controller: clients themselves wait for 30 s. */
const FORWARD_TIMEOUT_MS = 25_000;
/** An answer of a controller that another has taken the place of may be on its way for so long. */
const LATE_ANSWER_MS = 50;
/** A client is answered after so long, even if this node has not read of what was decided. */
const CATCH_UP_MS = 2_000;

export interface ActiveControllerChannelOptions {
  readonly quorum: () => KraftNode;
  /** Undefined at a node without the role. */
  readonly controller: () => Controller | undefined;
  readonly remote: RemoteController;
  readonly clock: Clock;
  /** What this node serves: its own requests are answered by the same handlers. */
  readonly handlers: readonly ApiHandler[];
  readonly services: () => BrokerServices;
  /** The last metadata record that this node has acted on. */
  readonly metadataOffset: () => Offset;
}

/** One way to decide at this node, and one to have another node decide. */
interface Attempt<Response> {
  here(node: ControllerNode): Promise<Response | Failure>;
  there(endpoint: Endpoint, timeoutMs: number): Promise<Response | Failure>;
}

/**
 * The way to the active controller: this node's own, at once, or that of another node. While the quorum has no leader,
 * or its leader is gone, requests wait for the next one and go there; so a request that a controller took with it may
 * be decided twice, as in Kafka.
 */
export class ActiveControllerChannel implements ControllerChannel {
  readonly #options: ActiveControllerChannelOptions;
  readonly #handlers: ReadonlyMap<number, ApiHandler>;
  /** Those who wait for another leader of the quorum, or for further metadata. */
  readonly #waiting = new Set<() => void>();
  /** Those who wait for the answer of a leader: with its epoch their wait ends. */
  readonly #asking = new Set<() => void>();
  #isClosed = false;

  constructor(options: ActiveControllerChannelOptions) {
    this.#options = options;
    this.#handlers = new Map(options.handlers.map(handler => [handler.api.key, handler]));
  }

  /** The quorum has another leader: who waits for one looks again. */
  leaderChanged(): void {
    for (const lookAgain of [...this.#asking]) lookAgain();
    this.metadataChanged();
  }

  /** This node has read further. */
  metadataChanged(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  async decideHere<Response>(
    decide: (here: ControllerNode) => Response | Failure | Promise<Response | Failure>,
  ): Promise<Response | Failure> {
    const here = this.#here;
    if (here !== undefined) return await decide(here);
    return new Failure(Errors.NOT_CONTROLLER, 'This node is not the active controller');
  }

  /** This node, while it is the active controller. */
  get #here(): ControllerNode | undefined {
    const controller = this.#options.controller();
    if (controller?.isActive !== true) return undefined;
    return { controller, quorum: this.#options.quorum(), quotas: this.#options.services().quotas };
  }

  async forward<A extends Api>(
    api: A,
    { request, context, decide }: ForwardedRequest<A>,
  ): Promise<MessageInput<A['response']> | Failure> {
    return await this.#untilDecided(FORWARD_TIMEOUT_MS, {
      here: async node => await decide(node, request, context),
      there: async (endpoint, timeoutMs) =>
        // What is decoded is what is encoded: every field is there.
        (await this.#options.remote.forward(endpoint, api, { request, context, timeoutMs })) as
          | MessageInput<A['response']>
          | Failure,
    });
  }

  async send<A extends Api>(
    api: A,
    request: MessageInput<A['request']>,
    timeoutMs: number,
  ): Promise<MessageOf<A['response']> | Failure> {
    const handler = this.#handlers.get(api.key)!;
    const { remote } = this.#options;
    const apiVersion = handler.versions.highest;
    const context = { apiVersion, clientId: '', client: THIS_NODE };
    return await this.#untilDecided(timeoutMs, {
      here: async () => await this.#handleHere(handler, api, { request, context }),
      there: async (endpoint, leftMs) =>
        handler.isForwardable
          ? await remote.forward(endpoint, api, { request, context, timeoutMs: leftMs })
          : await remote.send(endpoint, api, { request, timeoutMs: leftMs }),
    });
  }

  /** As if the request had come over a connection. */
  async #handleHere<A extends Api>(
    handler: ApiHandler,
    api: A,
    { request, context }: { readonly request: MessageInput<A['request']>; readonly context: RequestContext },
  ): Promise<MessageOf<A['response']> | Failure> {
    const { apiVersion } = context;
    const decoded = decode(api.request, apiVersion, encodeToBuffer(api.request, apiVersion, request));
    if (failed(decoded)) return decoded;
    const forwarded = { isNotController: false };
    const answer = await handler.handle(decoded, { ...context, forwarded }, this.#options.services());
    if (forwarded.isNotController) return notController();
    return decode(api.response, apiVersion, encodeToBuffer(api.response, apiVersion, answer as never));
  }

  async caughtUp(): Promise<void> {
    const { remote, metadataOffset, clock } = this.#options;
    const endpoint = this.#options.quorum().leaderEndpoint;
    if (this.#here !== undefined || endpoint === undefined) return;
    const deadlineMs = clock.monotonicMs() + CATCH_UP_MS;
    const offset = await remote.committedOffset(endpoint, CATCH_UP_MS);
    if (failed(offset)) return;
    while (metadataOffset() < offset && clock.monotonicMs() < deadlineMs && !this.#isClosed) {
      await this.#news(Math.max(1, deadlineMs - clock.monotonicMs()));
    }
  }

  /** Nothing is sent any more; what waits fails. */
  close(): void {
    this.#isClosed = true;
    this.#options.remote.close();
    this.leaderChanged();
  }

  /** Tries until there is an active controller that answers, or the time is over. */
  async #untilDecided<Response>(timeoutMs: number, attempt: Attempt<Response>): Promise<Response | Failure> {
    const { clock } = this.#options;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    for (;;) {
      const leftMs = deadlineMs - clock.monotonicMs();
      const result = await this.#try(attempt, Math.max(1, leftMs));
      const mayRetry = failed(result) && RETRIABLE.has(result.code);
      const pauseMs = Math.min(RETRY_MS, deadlineMs - clock.monotonicMs());
      if (!mayRetry || pauseMs <= 0 || this.#isClosed) return result;
      await this.#news(pauseMs);
    }
  }

  async #try<Response>(attempt: Attempt<Response>, timeoutMs: number): Promise<Response | Failure> {
    const here = this.#here;
    if (here !== undefined) return await attempt.here(here);
    const { leaderEndpoint, leaderAndEpoch } = this.#options.quorum();
    if (leaderEndpoint === undefined) return notController();
    return await new Promise(resolve => {
      const lookAgain = () => {
        if (this.#options.quorum().leaderAndEpoch.epoch === leaderAndEpoch.epoch && !this.#isClosed) return;
        this.#asking.delete(lookAgain);
        this.#options.clock.startTimer(LATE_ANSWER_MS, () => resolve(notController()));
      };
      this.#asking.add(lookAgain);
      void attempt.there(leaderEndpoint, timeoutMs).then(answer => {
        this.#asking.delete(lookAgain);
        resolve(answer);
      });
    });
  }

  /** Resolves when something has changed, or the time is over. */
  #news(timeoutMs: number): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        timer.cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = this.#options.clock.startTimer(timeoutMs, wake);
      this.#waiting.add(wake);
    });
  }
}

/** Another attempt may find the controller. */
const RETRIABLE: ReadonlySet<number> = new Set([Errors.NOT_CONTROLLER, Errors.NETWORK_EXCEPTION]);

function notController(): Failure {
  return new Failure(Errors.NOT_CONTROLLER, 'The quorum has no active controller at the moment');
}

/** This node, as a client of the controller. */
const THIS_NODE: ClientInfo = {
  connectionId: 'local',
  listenerName: '',
  listenerKind: 'controller',
  host: '',
  principal: 'User:ANONYMOUS',
  softwareName: 'odradek',
  softwareVersion: '',
};
