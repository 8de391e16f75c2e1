import { DeleteTopics } from '../messages/20_delete_topics.ts';
import { decidedByController } from './decided_by_controller.ts';

/** From this version on topics may be named by their ids. */
const FIRST_VERSION_BY_ID = 6;

export const handleDeleteTopics = decidedByController(
  DeleteTopics,
  ({ controller }, request, version) => controller.deleteTopics(request, version),
  ({ topics, topicNames }, { code, message }, version) => {
    const named = version >= FIRST_VERSION_BY_ID ? topics : topicNames.map(name => ({ name }));
    return { responses: named.map(topic => ({ ...topic, errorCode: code, errorMessage: message })) };
  },
);
