import { AlterClientQuotas } from '../messages/49_alter_client_quotas.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleAlterClientQuotas = decidedByController(
  AlterClientQuotas,
  ({ controller }, request) => controller.alterClientQuotas(request),
  ({ entries }, { code, message }) => ({
    throttleTimeMs: 0,
    entries: entries.map(({ entity }) => ({ entity, errorCode: code, errorMessage: message })),
  }),
);
