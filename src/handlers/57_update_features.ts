import { UpdateFeatures, type UpdateFeaturesRequest } from '../messages/57_update_features.ts';
import { Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { KRAFT_FEATURE } from '../raft/kraft_upgrade.ts';
import type { ControllerNode } from './controller_channel.ts';
import { decidedByController } from './decided_by_controller.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof UpdateFeatures)['response']>;

/** Up to this version the response has a result for each feature. */
const LAST_VERSION_WITH_RESULTS = 1;

/**
 * Changes the levels of features: those of the metadata in one go, then the version of the quorum's protocol, which is
 * no matter of the metadata (KIP-853).
 */
async function decide(
  { controller, quorum }: ControllerNode,
  request: UpdateFeaturesRequest,
  { apiVersion }: RequestContext,
): Promise<Response | Failure> {
  const ofQuorum = request.featureUpdates.find(({ feature }) => feature === KRAFT_FEATURE);
  if (ofQuorum === undefined) return await controller.updateFeatures(request, apiVersion);
  const others = request.featureUpdates.filter(update => update !== ofQuorum);
  const answer = await controller.updateFeatures({ ...request, featureUpdates: others }, apiVersion);
  if (failed(answer) || answer.errorCode !== Errors.NONE) return answer;
  const { epoch } = quorum.leaderAndEpoch;
  const refused = quorum.upgradeKraftVersion(epoch, ofQuorum.maxVersionLevel, request.validateOnly);
  if (refused !== undefined) return refused;
  const result = { feature: KRAFT_FEATURE, errorCode: Errors.NONE, errorMessage: null };
  return apiVersion <= LAST_VERSION_WITH_RESULTS
    ? { ...answer, results: [...(answer.results ?? []), result] }
    : answer;
}

export const handleUpdateFeatures = decidedByController(
  UpdateFeatures,
  decide,
  (_request, { code, message }) => ({
    throttleTimeMs: 0,
    errorCode: code,
    errorMessage: message,
    results: [],
  }),
);
