import { CreateTopics } from '../messages/19_create_topics.ts';
import { decidedByController } from './decided_by_controller.ts';
import { withMutationQuota } from './quotas/mutation_quota.ts';

/** From this version on clients know that they may be refused for their quota (KIP-599). */
const FIRST_STRICT_VERSION = 6;

export const handleCreateTopics = decidedByController(
  CreateTopics,
  (here, request, context) =>
    withMutationQuota(here, { context, strictSince: FIRST_STRICT_VERSION }, charge =>
      here.controller.createTopics(request, charge),
    ),
  ({ topics }, { code, message }) => ({
    topics: topics.map(({ name }) => ({ name, errorCode: code, errorMessage: message })),
  }),
);
