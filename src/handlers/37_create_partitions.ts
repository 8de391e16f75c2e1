import { CreatePartitions } from '../messages/37_create_partitions.ts';
import { decidedByController } from './decided_by_controller.ts';
import { withMutationQuota } from './quotas/mutation_quota.ts';

/** From this version on clients know that they may be refused for their quota (KIP-599). */
const FIRST_STRICT_VERSION = 3;

export const handleCreatePartitions = decidedByController(
  CreatePartitions,
  (here, request, context) =>
    withMutationQuota(here, { context, strictSince: FIRST_STRICT_VERSION }, charge =>
      here.controller.createPartitions(request, charge),
    ),
  ({ topics }, { code, message }) => ({
    throttleTimeMs: 0,
    results: topics.map(({ name }) => ({ name, errorCode: code, errorMessage: message })),
  }),
);
