import { describeGroup } from '../../client/admin/groups.ts';
import type { ClusterClient } from '../../client/cluster_client.ts';
import { commitOffsets, fetchOffsets, type GroupOffset } from '../../client/group/group_offsets.ts';
import { partitionKey, type TopicPartition } from '../../client/topic_partition.ts';
import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import { asOffset, type Offset } from '../../model/ids.ts';
import { ExitCode, Misuse } from '../exit_codes.ts';
import { partitionsOf } from '../find_topics.ts';
import { table, text } from '../output/blocks.ts';
import { parsePosition } from '../parse.ts';
import { findBounds, type PartitionBounds, resolvePosition } from '../resolve_positions.ts';
import type { Action } from '../run_action.ts';

interface Options {
  readonly to?: string;
  readonly by?: string;
  readonly toGroup?: string;
  readonly topic: readonly string[];
  readonly execute?: boolean;
}

type Offsets = ReadonlyMap<string, GroupOffset>;

export const groupSeek: Action<[name: string], Options> = async (context, [groupId], options) => {
  const find = parseGoal(options);
  if (failed(find)) return find;
  const client = await context.connect();
  if (failed(client)) return client;
  const before = await fetchOffsets(client, groupId, 'all');
  if (failed(before)) return before;
  const partitions = await choose(client, groupId, { before, options });
  if (failed(partitions)) return partitions;
  const bounds = await findBounds(client, partitions);
  if (failed(bounds)) return bounds;
  const goals = await find(client, { bounds, before });
  if (failed(goals)) return goals;
  const moves = bounds.flatMap((target, index) => {
    const offset = goals[index];
    return offset === undefined ? [] : [{ ...target, offset }];
  });
  const failures =
    options.execute === true ? await execute(client, groupId, moves) : new Map<string, Failure>();
  if (failed(failures)) return failures;
  const rows = moves.map(move => ({
    topic: move.topic,
    partition: move.partition,
    offsetBefore: before.get(partitionKey(move))?.offset ?? null,
    offset: move.offset,
    earliest: move.earliest,
    latest: move.latest,
    lag: move.latest - move.offset,
    error: failures.get(partitionKey(move))?.toString() ?? null,
  }));
  const block = table(
    [
      { header: 'TOPIC', value: row => row.topic },
      { header: 'PARTITION', value: row => row.partition, isRight: true },
      { header: 'BEFORE', value: row => row.offsetBefore, isRight: true },
      { header: options.execute === true ? 'NOW' : 'THEN', value: row => row.offset, isRight: true },
      { header: 'LAG', value: row => row.lag, isRight: true },
      {
        header: 'ERROR',
        isOptional: true,
        value: (row, paint) => (row.error === null ? '' : paint.bad(row.error)),
      },
    ],
    rows,
    { empty: 'There is nothing to move.' },
  );
  const note = text(`The group "${groupId}" was not moved yet: --execute does it.`);
  const data = { groupId, isDone: options.execute === true, partitions: rows };
  await context.output.show(data, ...(options.execute === true ? [block] : [block, note]));
  return rows.some(({ error }) => error !== null) ? ExitCode.failed : undefined;
};

type Goal = (
  client: ClusterClient,
  known: { readonly bounds: readonly PartitionBounds[]; readonly before: Offsets },
) => Promise<(Offset | undefined)[] | Failure>;

/** What finds the offset of each partition; undefined for one that stays as it is. */
function parseGoal({ by, to, toGroup }: Options): Goal | Misuse {
  if ([by, to, toGroup].filter(each => each !== undefined).length !== 1) {
    return new Misuse('Say where to: one of --to, --by and --to-group');
  }
  if (to !== undefined) {
    const position = parsePosition(to, Date.now());
    if (failed(position)) return position;
    return (client, { bounds }) => resolvePosition(client, position, bounds);
  }
  if (by !== undefined) {
    if (!/^[+-]?\d{1,18}$/.test(by))
      return new Misuse(`--by is "${by}", but must be a number of records, as 10 or -10`);
    const count = BigInt(by.replace('+', ''));
    return async (_, { before, bounds }) =>
      bounds.map(({ earliest, latest, ...target }) => {
        const offset = before.get(partitionKey(target))?.offset;
        if (offset === undefined) return undefined;
        return asOffset(clamp(offset + count, earliest, latest));
      });
  }
  return async (client, { bounds }) => {
    const other = await fetchOffsets(client, toGroup!, 'all');
    if (failed(other)) return other;
    if (other.size === 0)
      return new Failure(Errors.GROUP_ID_NOT_FOUND, `The group "${toGroup}" has committed nothing`);
    return bounds.map(target => other.get(partitionKey(target))?.offset);
  };
}

function clamp(offset: bigint, least: bigint, most: bigint): bigint {
  return offset < least ? least : offset > most ? most : offset;
}

/** The partitions that the user names, else those that the group has committed. */
async function choose(
  client: ClusterClient,
  groupId: string,
  { before, options }: { readonly before: Offsets; readonly options: Options },
): Promise<TopicPartition[] | Failure> {
  if (options.topic.length > 0) return await partitionsOf(client, options.topic);
  if (options.toGroup !== undefined) {
    const other = await fetchOffsets(client, options.toGroup, 'all');
    if (failed(other)) return other;
    return [...other.values()].map(({ partition, topic }) => ({ topic, partition }));
  }
  if (before.size === 0) {
    return new Failure(
      Errors.GROUP_ID_NOT_FOUND,
      `The group "${groupId}" has committed nothing: say which topics it shall read (-t)`,
    );
  }
  return [...before.values()].map(({ partition, topic }) => ({ topic, partition }));
}

async function execute(
  client: ClusterClient,
  groupId: string,
  moves: readonly GroupOffset[],
): Promise<Map<string, Failure> | Failure> {
  const group = await describeGroup(client, groupId);
  if (!failed(group) && group.members.length > 0) {
    return new Failure(
      Errors.NON_EMPTY_GROUP,
      `The group "${groupId}" has ${group.members.length} members, and they would not heed it`,
    );
  }
  return await commitOffsets(client, { groupId }, moves);
}
