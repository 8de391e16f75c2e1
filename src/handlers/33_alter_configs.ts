import { AlterConfigs } from '../messages/33_alter_configs.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleAlterConfigs = decidedByController(
  AlterConfigs,
  ({ controller }, request) => controller.alterConfigs(request),
  ({ resources }, { code, message }) => ({
    throttleTimeMs: 0,
    responses: resources.map(({ resourceType, resourceName }) => ({
      resourceType,
      resourceName,
      errorCode: code,
      errorMessage: message,
    })),
  }),
);
