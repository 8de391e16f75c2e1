import { IncrementalAlterConfigs } from '../messages/44_incremental_alter_configs.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleIncrementalAlterConfigs = decidedByController(
  IncrementalAlterConfigs,
  ({ controller }, request) => controller.incrementalAlterConfigs(request),
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
