import { CreateTopics } from '../messages/19_create_topics.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleCreateTopics = decidedByController(
  CreateTopics,
  ({ controller }, request) => controller.createTopics(request),
  ({ topics }, { code, message }) => ({
    topics: topics.map(({ name }) => ({ name, errorCode: code, errorMessage: message })),
  }),
);
