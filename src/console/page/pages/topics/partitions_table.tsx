import type { Partition, TopicDetails } from '../../../api/topics.ts';
import { Badge } from '../../components/badge.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { formatBytes, groupDigits } from '../../format/numbers.ts';
import { formatTime } from '../../format/times.ts';
import { preferences } from '../../state/preferences.ts';
import { linkTo, navigate } from '../../state/route.ts';
import { useStore } from '../../state/store.ts';

export function PartitionsTable({ topic }: { topic: TopicDetails }) {
  const { timeZone } = useStore(preferences);
  const columns: readonly Column<Partition>[] = [
    { key: 'partition', title: 'Id', width: '54px', isNumber: true, cell: ({ partition }) => partition },
    {
      key: 'replicas',
      title: 'Replicas',
      width: '112px',
      cell: partition => <ReplicaChips partition={partition} />,
    },
    {
      key: 'state',
      title: 'State',
      cell: partition => <PartitionState partition={partition} />,
    },
    {
      key: 'epoch',
      title: 'Epoch',
      isExtra: true,
      width: '72px',
      isNumber: true,
      isWide: true,
      cell: ({ leaderEpoch }) => leaderEpoch,
    },
    {
      key: 'start',
      title: 'First offset',
      width: '156px',
      isNumber: true,
      cell: ({ startOffset }) => <code>{startOffset ?? '–'}</code>,
    },
    {
      key: 'end',
      title: 'End offset',
      width: '156px',
      isNumber: true,
      cell: ({ endOffset }) => <code>{endOffset ?? '–'}</code>,
    },
    {
      key: 'records',
      title: 'Between',
      width: '94px',
      isNumber: true,
      isWide: true,
      cell: ({ startOffset, endOffset }) =>
        startOffset === null || endOffset === null
          ? '–'
          : groupDigits(String(BigInt(endOffset) - BigInt(startOffset))),
    },
    {
      key: 'size',
      title: 'Size',
      width: '92px',
      isNumber: true,
      cell: ({ sizeBytes }) => formatBytes(sizeBytes),
    },
    {
      key: 'earliest',
      title: 'Reaches back to',
      isExtra: true,
      width: '168px',
      isWide: true,
      cell: ({ earliestTimestampMs }) => formatTime(earliestTimestampMs, { timeZone }),
    },
  ];
  const { partitionDetails } = topic;
  return (
    <Table
      label="Partitions"
      columns={columns}
      count={partitionDetails.length}
      row={at => partitionDetails[at]}
      onOpen={({ partition }) =>
        navigate(linkTo(['topics', topic.name], { tab: 'messages', partition: String(partition) }))
      }
    />
  );
}

/** The brokers that have it, the leader marked, those that are behind dashed. */
function ReplicaChips({ partition }: { partition: Partition }) {
  const { leader, replicas, isr, addingReplicas, removingReplicas } = partition;
  return (
    <span class="broker-list">
      {replicas.map(id => {
        const isBehind = !isr.includes(id);
        const role = id === leader ? 'leads' : isBehind ? 'is not in sync' : 'is in sync';
        const move = addingReplicas.includes(id)
          ? ', being added'
          : removingReplicas.includes(id)
            ? ', being removed'
            : '';
        const classes = ['broker-chip', id === leader && 'leader', isBehind && 'behind']
          .filter(Boolean)
          .join(' ');
        return (
          <span key={id} class={classes} title={`Broker ${id} ${role}${move}`}>
            {id}
            <span class="hidden-text"> {role}</span>
          </span>
        );
      })}
    </span>
  );
}

function PartitionState({ partition }: { partition: Partition }) {
  const { isOffline, isUnderMinIsr, isUnderReplicated, addingReplicas, removingReplicas } = partition;
  if (isOffline) return <Badge tone="bad">no leader</Badge>;
  if (isUnderMinIsr) return <Badge tone="bad">under min ISR</Badge>;
  if (addingReplicas.length + removingReplicas.length > 0) return <Badge tone="info">moving</Badge>;
  if (isUnderReplicated) return <Badge tone="warn">under-replicated</Badge>;
  return <Badge tone="good">in sync</Badge>;
}
