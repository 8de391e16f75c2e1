import { ElectLeaders } from '../messages/43_elect_leaders.ts';
import { Errors } from '../model/error_codes.ts';
import { decidedByController } from './decided_by_controller.ts';

/** From this version on the response has an error of its own. */
const FIRST_VERSION_WITH_ERROR = 1;

export const handleElectLeaders = decidedByController(
  ElectLeaders,
  ({ controller }, request) => controller.electLeaders(request),
  ({ topicPartitions }, { code, message }, version) => ({
    throttleTimeMs: 0,
    errorCode: version >= FIRST_VERSION_WITH_ERROR ? code : Errors.NONE,
    replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map(partitionId => ({
        partitionId,
        errorCode: code,
        errorMessage: message,
      })),
    })),
  }),
);
