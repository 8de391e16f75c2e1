import { useMemo, useState } from 'preact/hooks';
import type { GroupDetails, GroupPartition } from '../../../api/groups.ts';
import { GroupStatusBadge } from '../../components/badge.tsx';
import { Action } from '../../components/button.tsx';
import { type Column, type Sort, Table } from '../../components/table.tsx';
import { groupDigits } from '../../format/numbers.ts';

interface OffsetsTableProps {
  readonly group: GroupDetails;
  onEdit(topic: string, partition: number): void;
}

/** Where the group stands in each partition; the worst first where one sorts by lag. */
export function OffsetsTable({ group, onEdit }: OffsetsTableProps) {
  const [sort, setSort] = useState<Sort>({ key: 'name', order: 'asc' });
  const rows = useMemo(() => sorted(group.partitions, sort), [group.partitions, sort]);
  const clients = new Map(group.memberDetails.map(({ memberId, clientId }) => [memberId, clientId]));
  const columns: readonly Column<GroupPartition>[] = [
    {
      key: 'name',
      title: 'Partition',
      isSortable: true,
      cell: ({ topic, partition }) => `${topic}-${partition}`,
    },
    {
      key: 'status',
      title: 'Keeps up',
      width: '116px',
      cell: ({ status }) => <GroupStatusBadge status={status} />,
    },
    { key: 'offset', title: 'Offset', isNumber: true, cell: ({ offset }) => <code>{offset ?? 'none'}</code> },
    {
      key: 'end',
      title: 'End offset',
      isNumber: true,
      isWide: true,
      cell: each => <code>{each.endOffset ?? '–'}</code>,
    },
    {
      key: 'lag',
      title: 'Lag',
      width: '120px',
      isNumber: true,
      isSortable: true,
      cell: ({ lag }) => groupDigits(lag),
    },
    {
      key: 'member',
      title: 'Read by',
      isWide: true,
      cell: ({ memberId }) =>
        memberId === null ? <span class="muted">nobody</span> : (clients.get(memberId) ?? memberId),
    },
    {
      key: 'edit',
      title: 'Set',
      width: '60px',
      cell: ({ topic, partition }) => (
        <Action
          needs="operator"
          icon="edit"
          tone="quiet"
          isSmall
          label={`Set the offset of ${topic}-${partition}`}
          onClick={() => onEdit(topic, partition)}
        />
      ),
    },
  ];
  return (
    <Table
      label="Offsets"
      columns={columns}
      count={rows.length}
      row={at => rows[at]}
      sort={sort}
      onSort={setSort}
    />
  );
}

function sorted(partitions: readonly GroupPartition[], { key, order }: Sort): readonly GroupPartition[] {
  const rows = [...partitions];
  const byName = (one: GroupPartition, other: GroupPartition) =>
    one.topic === other.topic ? one.partition - other.partition : one.topic < other.topic ? -1 : 1;
  const lagOf = ({ lag }: GroupPartition) => BigInt(lag ?? -1);
  const byLag = (one: GroupPartition, other: GroupPartition) =>
    lagOf(one) === lagOf(other) ? byName(one, other) : lagOf(one) < lagOf(other) ? -1 : 1;
  rows.sort(key === 'lag' ? byLag : byName);
  return order === 'desc' ? rows.reverse() : rows;
}
