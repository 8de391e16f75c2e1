import type { Outcome } from '../../client/admin/answers.ts';
import { deleteGroups, deleteOffsets, describeGroup } from '../../client/admin/groups.ts';
import type { ClusterClient } from '../../client/cluster_client.ts';
import { fetchOffsets } from '../../client/group/group_offsets.ts';
import { partitionKey } from '../../client/topic_partition.ts';
import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import { Misuse } from '../exit_codes.ts';
import { partitionsOf } from '../find_topics.ts';
import type { Action } from '../run_action.ts';
import { reportOutcomes } from './report_outcomes.ts';

interface Options {
  readonly topic: readonly string[];
  readonly execute?: boolean;
}

export const groupDelete: Action<[names: string[]], Options> = async (context, [names], options) => {
  const { execute = false, topic } = options;
  if (topic.length > 0 && names.length > 1) return new Misuse('-t is for the offsets of one group');
  const client = await context.connect();
  if (failed(client)) return client;
  const outcomes =
    topic.length > 0
      ? await ofTopics(client, names[0]!, { topics: topic, execute })
      : execute
        ? await deleteGroups(client, names)
        : await Promise.all(names.map(name => preview(client, name)));
  if (failed(outcomes)) return outcomes;
  const code = await reportOutcomes(context, outcomes, {
    noun: topic.length > 0 ? 'partition' : 'group',
    done: execute ? 'deleted' : 'would be deleted',
  });
  if (!execute) context.note('Nothing was deleted yet: --execute does it.');
  return code;
};

/** Whether the group could be deleted. */
async function preview(client: ClusterClient, name: string): Promise<Outcome> {
  const group = await describeGroup(client, name);
  if (failed(group)) return { name, failure: group };
  const count = group.members.length;
  const text = `The group "${name}" has ${count} members`;
  return { name, failure: count === 0 ? undefined : new Failure(Errors.NON_EMPTY_GROUP, text) };
}

async function ofTopics(
  client: ClusterClient,
  groupId: string,
  { execute, topics }: { readonly topics: readonly string[]; readonly execute: boolean },
): Promise<Outcome[] | Failure> {
  const partitions = await partitionsOf(client, topics);
  if (failed(partitions)) return partitions;
  const committed = await fetchOffsets(client, groupId, partitions);
  if (failed(committed)) return committed;
  const present = partitions.filter(target => committed.has(partitionKey(target)));
  if (execute) return present.length === 0 ? [] : await deleteOffsets(client, groupId, present);
  return present.map(target => ({ name: partitionKey(target), failure: undefined }));
}
