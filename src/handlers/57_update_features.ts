import { UpdateFeatures } from '../messages/57_update_features.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleUpdateFeatures = decidedByController(
  UpdateFeatures,
  ({ controller }, request, { apiVersion }) => controller.updateFeatures(request, apiVersion),
  (_request, { code, message }) => ({
    throttleTimeMs: 0,
    errorCode: code,
    errorMessage: message,
    results: [],
  }),
);
