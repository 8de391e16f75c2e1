import { DeleteTopics } from '../messages/20_delete_topics.ts';
import { decidedByController } from './decided_by_controller.ts';
import { withMutationQuota } from './quotas/mutation_quota.ts';

/** From this version on clients know that they may be refused for their quota (KIP-599). */
const FIRST_STRICT_VERSION = 5;

/** From this version on topics may be named by their ids. */
const FIRST_VERSION_BY_ID = 6;

export const handleDeleteTopics = decidedByController(
  DeleteTopics,
  (here, request, context) =>
    withMutationQuota(here, { context, strictSince: FIRST_STRICT_VERSION }, charge =>
      here.controller.deleteTopics(request, { version: context.apiVersion, charge }),
    ),
  ({ topics, topicNames }, { code, message }, version) => {
    const named = version >= FIRST_VERSION_BY_ID ? topics : topicNames.map(name => ({ name }));
    return { responses: named.map(topic => ({ ...topic, errorCode: code, errorMessage: message })) };
  },
);
