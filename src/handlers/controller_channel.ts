import type { Controller } from '../controller/controller.ts';
import type { Failure } from '../model/failure.ts';
import type { Api, MessageInput, MessageOf } from '../protocol/schema.ts';
import type { KraftNode } from '../raft/kraft_node.ts';
import type { Decide } from './decided_by_controller.ts';
import type { ClientQuotas } from './quotas/client_quotas.ts';
import type { RequestContext } from './request_context.ts';

/** What decides at a node that is the active controller. */
export interface ControllerNode {
  readonly controller: Controller;
  readonly quorum: KraftNode;
  readonly quotas: ClientQuotas;
}

/** A client's request that the active controller is to decide. */
export interface ForwardedRequest<A extends Api> {
  readonly request: MessageOf<A['request']>;
  readonly context: RequestContext;
  readonly decide: Decide<A>;
}

/** The way to the active controller, wherever it is. */
export interface ControllerChannel {
  /** @returns NOT_CONTROLLER when this node has no controller, or not the active one */
  decideHere<Response>(
    decide: (here: ControllerNode) => Response | Failure | Promise<Response | Failure>,
  ): Promise<Response | Failure>;
  /**
   * Has a client's request decided by the active controller; looks for it as long as the request may take.
   * @returns the response; NOT_CONTROLLER or REQUEST_TIMED_OUT when none was found in time
   */
  forward<A extends Api>(
    api: A,
    forwarded: ForwardedRequest<A>,
  ): Promise<MessageInput<A['response']> | Failure>;
  /** Sends a request of this broker's own. */
  send<A extends Api>(
    api: A,
    request: MessageInput<A['request']>,
    timeoutMs: number,
  ): Promise<MessageOf<A['response']> | Failure>;
  /** Resolves when this node has read all that the active controller had decided by now; after a while all the same. */
  caughtUp(): Promise<void>;
}
