import { deleteTopics } from '../../client/admin/topics.ts';
import { Errors } from '../../model/error_codes.ts';
import { failed } from '../../model/failure.ts';
import type { Action } from '../run_action.ts';
import { reportOutcomes } from './report_outcomes.ts';

export const topicDelete: Action<[names: string[]], { readonly ifExists?: boolean }> = async (
  context,
  [names],
  { ifExists = false },
) => {
  const client = await context.connect();
  if (failed(client)) return client;
  const deleted = await deleteTopics(client, names);
  if (failed(deleted)) return deleted;
  const outcomes = deleted.map(({ failure, name }) => {
    const isMissing = failure?.code === Errors.UNKNOWN_TOPIC_OR_PARTITION && ifExists;
    return { name, failure: isMissing ? undefined : failure };
  });
  return await reportOutcomes(context, outcomes, { noun: 'topic', done: ifExists ? 'is gone' : 'deleted' });
};
