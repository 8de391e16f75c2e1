import { Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import type { Api, MessageInput, MessageOf } from '../protocol/schema.ts';
import type { Handle } from './api_handler.ts';
import type { BrokerServices } from './broker_services.ts';
import type { ControllerNode } from './controller_channel.ts';
import type { RequestContext } from './request_context.ts';

type MaybePromise<T> = T | Promise<T>;

/** Has this node's controller decide. A failure is that of the whole request. */
export type Decide<A extends Api> = (
  here: ControllerNode,
  request: MessageOf<A['request']>,
  context: RequestContext,
) => MaybePromise<MessageInput<A['response']> | Failure>;

/** The response that says that the whole request failed. */
export type Refuse<A extends Api> = (
  request: MessageOf<A['request']>,
  failure: Failure,
  version: number,
) => MessageInput<A['response']>;

/**
 * An API that the active controller decides. At a controller's listener this node's controller answers, or says that
 * it is not the active one; at a broker's the request goes to whichever node is.
 */
export function decidedByController<A extends Api>(api: A, decide: Decide<A>, refuse: Refuse<A>): Handle<A> {
  return async (request, context: RequestContext, services: BrokerServices) => {
    const { apiVersion, client } = context;
    const answer =
      client.listenerKind === 'controller'
        ? await services.controller.decideHere(here => decide(here, request, context))
        : await services.controller.forward(api, { request, context, decide });
    if (failed(answer)) {
      if (context.forwarded !== undefined) {
        context.forwarded.isNotController = answer.code === Errors.NOT_CONTROLLER;
      }
      return refuse(request, answer, apiVersion);
    }
    // The client's next request may be about what was decided: this broker has acted on it by then.
    if (client.listenerKind === 'broker') {
      await services.controller.caughtUp();
      await services.replicas.settled();
    }
    return answer;
  };
}
