import { type DescribedGroup, describeGroup } from '../../client/admin/groups.ts';
import type { ClusterClient } from '../../client/cluster_client.ts';
import { fetchOffsets } from '../../client/group/group_offsets.ts';
import { LATEST_TIMESTAMP, listOffsets } from '../../client/list_offsets.ts';
import { partitionKey, type TopicPartition } from '../../client/topic_partition.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { type Block, facts, table, titled } from '../output/blocks.ts';
import { formatCount } from '../output/units.ts';
import type { Action } from '../run_action.ts';

export const groupDescribe: Action<[names: string[]], object> = async (context, [names]) => {
  const client = await context.connect();
  if (failed(client)) return client;
  const described = [];
  for (const name of names) {
    const one = await describe(client, name);
    if (failed(one)) return one;
    described.push(one);
  }
  await context.output.show(described, ...described.flatMap(toBlocks));
  return undefined;
};

async function describe(client: ClusterClient, groupId: string) {
  const group = await describeGroup(client, groupId);
  if (failed(group)) return group;
  const committed = await fetchOffsets(client, groupId, 'all');
  if (failed(committed)) return committed;
  const owners = ownersOf(group);
  const targets = new Map<string, TopicPartition>();
  for (const { partition, topic } of committed.values())
    targets.set(`${topic}-${partition}`, { topic, partition });
  for (const [key, { target }] of owners) targets.set(key, target);
  const ends = await listOffsets(
    client,
    [...targets.values()].map(target => ({ ...target, timestamp: LATEST_TIMESTAMP })),
    { isolationLevel: 'read_uncommitted', timeoutMs: client.timeouts.requestTimeoutMs },
  );
  const partitions = [...targets.values()].sort(inOrder).map(target => {
    const key = partitionKey(target);
    const offset = committed.get(key)?.offset ?? null;
    const found = ends.get(key);
    const end = found === undefined || failed(found) ? null : found.offset;
    const owner = owners.get(key)?.member;
    return {
      ...target,
      committedOffset: offset,
      endOffset: end,
      lag: offset === null || end === null ? null : end > offset ? end - offset : 0n,
      memberId: owner?.memberId ?? null,
      clientId: owner?.clientId ?? null,
      clientHost: owner?.clientHost ?? null,
    };
  });
  const lag = partitions.reduce((sum, each) => sum + (each.lag ?? 0n), 0n);
  return { ...group, lag, partitions };
}

function ownersOf({ members }: DescribedGroup) {
  const owners = new Map<string, { target: TopicPartition; member: DescribedGroup['members'][number] }>();
  for (const member of members) {
    for (const target of member.partitions) owners.set(partitionKey(target), { target, member });
  }
  return owners;
}

function inOrder(left: TopicPartition, right: TopicPartition): number {
  if (left.topic !== right.topic) return left.topic < right.topic ? -1 : 1;
  return left.partition - right.partition;
}

type Described = Exclude<Awaited<ReturnType<typeof describe>>, Failure>;

function toBlocks({
  assignor,
  coordinator,
  groupId,
  lag,
  members,
  partitions,
  state,
  type,
}: Described): Block[] {
  return [
    facts([
      ['Group', groupId],
      ['State', state],
      ['Type', type],
      ['Assignor', assignor],
      ['Coordinator', coordinator],
      ['Members', members.length],
      ['Lag', formatCount(lag)],
    ]),
    titled(
      'Partitions',
      table(
        [
          { header: 'TOPIC', value: row => row.topic },
          { header: 'PARTITION', value: row => row.partition, isRight: true },
          { header: 'COMMITTED', value: row => row.committedOffset, isRight: true },
          { header: 'END', value: row => row.endOffset, isRight: true },
          {
            header: 'LAG',
            value: ({ lag: behind }, paint) =>
              behind === null ? null : behind > 0n ? paint.warning(formatCount(behind)) : '0',
            isRight: true,
          },
          { header: 'CLIENT', value: row => row.clientId },
          { header: 'HOST', value: row => row.clientHost },
          { header: 'MEMBER', value: row => row.memberId, isWide: true },
        ],
        partitions,
        { empty: 'It has committed nothing, and reads nothing.' },
      ),
    ),
  ];
}
