import { electLeaders } from '../../client/admin/cluster.ts';
import { failed } from '../../model/failure.ts';
import { Misuse } from '../exit_codes.ts';
import { partitionsOf } from '../find_topics.ts';
import type { Action } from '../run_action.ts';
import { reportOutcomes } from './report_outcomes.ts';

interface Options {
  readonly topic: readonly string[];
  readonly unclean?: boolean;
}

export const clusterElect: Action<[], Options> = async (context, _args, { topic, unclean = false }) => {
  if (unclean && topic.length === 0)
    return new Misuse('--unclean can lose records: name the partitions with -t');
  const client = await context.connect();
  if (failed(client)) return client;
  const partitions = topic.length === 0 ? undefined : await partitionsOf(client, topic);
  if (failed(partitions)) return partitions;
  const outcomes = await electLeaders(client, partitions, { isUnclean: unclean });
  if (failed(outcomes)) return outcomes;
  return await reportOutcomes(context, outcomes, {
    noun: 'partition',
    done: unclean ? 'has a leader' : 'led by its preferred replica',
  });
};
