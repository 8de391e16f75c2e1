import type { Controller } from '../controller/controller.ts';
import type { ApiHandler } from '../handlers/api_handler.ts';
import type { BrokerServices } from '../handlers/broker_services.ts';
import type { ControllerChannel, ControllerNode, ForwardedRequest } from '../handlers/controller_channel.ts';
import type { ClientInfo } from '../handlers/request_context.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { Clock } from '../model/ports.ts';
import { decode, encodeToBuffer } from '../protocol/codec.ts';
import type { Api, MessageInput, MessageOf } from '../protocol/schema.ts';
import type { KraftNode } from '../raft/kraft_node.ts';

/** Between two looks for the active controller, where no change of the quorum tells of it. */
const RETRY_MS = 100;
/** How long a client's request may look for the active controller. */
const FORWARD_TIMEOUT_MS = 30_000;

export interface ActiveControllerChannelOptions {
  readonly quorum: () => KraftNode;
  /** Undefined at a node without the role. */
  readonly controller: () => Controller | undefined;
  readonly clock: Clock;
  /** What this node serves: its own requests are answered by the same handlers. */
  readonly handlers: readonly ApiHandler[];
  readonly services: () => BrokerServices;
}

/** The way to the active controller: this node's own, at once. */
export class ActiveControllerChannel implements ControllerChannel {
  readonly #options: ActiveControllerChannelOptions;
  readonly #handlers: ReadonlyMap<number, ApiHandler>;
  /** Those who wait for another leader of the quorum. */
  readonly #waiting = new Set<() => void>();

  constructor(options: ActiveControllerChannelOptions) {
    this.#options = options;
    this.#handlers = new Map(options.handlers.map(handler => [handler.api.key, handler]));
  }

  /** The quorum has another leader: who waits for one looks again. */
  leaderChanged(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  async decideHere<Response>(
    decide: (here: ControllerNode) => Response | Failure | Promise<Response | Failure>,
  ): Promise<Response | Failure> {
    const quorum = this.#options.quorum();
    const controller = this.#options.controller();
    if (controller?.isActive === true)
      return await decide({ controller, quorum, quotas: this.#options.services().quotas });
    return new Failure(Errors.NOT_CONTROLLER, 'This node is not the active controller');
  }

  async forward<A extends Api>(
    _api: A,
    { request, context, decide }: ForwardedRequest<A>,
  ): Promise<MessageInput<A['response']> | Failure> {
    return await this.#untilActive(FORWARD_TIMEOUT_MS, () =>
      this.decideHere(here => decide(here, request, context)),
    );
  }

  async send<A extends Api>(
    api: A,
    request: MessageInput<A['request']>,
    timeoutMs: number,
  ): Promise<MessageOf<A['response']> | Failure> {
    const handler = this.#handlers.get(api.key)!;
    const version = handler.versions.highest;
    const decoded = decode(api.request, version, encodeToBuffer(api.request, version, request));
    if (failed(decoded)) return decoded;
    const context = { apiVersion: version, clientId: '', client: LOCAL_CLIENT };
    const answer = await this.#untilActive(timeoutMs, () =>
      this.decideHere(async () => await handler.handle(decoded, context, this.#options.services())),
    );
    if (failed(answer)) return answer;
    return decode(api.response, version, encodeToBuffer(api.response, version, answer as never));
  }

  /** Tries until there is an active controller that answers, or the time is over. */
  async #untilActive<Response>(
    timeoutMs: number,
    attempt: () => Promise<Response | Failure>,
  ): Promise<Response | Failure> {
    const { clock } = this.#options;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    for (;;) {
      const result = await attempt();
      if (!failed(result) || result.code !== Errors.NOT_CONTROLLER) return result;
      if (clock.monotonicMs() >= deadlineMs) return result;
      await this.#leaderChange(Math.min(RETRY_MS, deadlineMs - clock.monotonicMs()));
    }
  }

  #leaderChange(timeoutMs: number): Promise<void> {
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

/** This node, as a client of its own controller. */
const LOCAL_CLIENT: ClientInfo = {
  connectionId: 'local',
  listenerName: '',
  listenerKind: 'controller',
  host: '',
  principal: 'User:ANONYMOUS',
  softwareName: 'odradek',
  softwareVersion: '',
};
