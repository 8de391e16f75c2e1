import { useState } from 'preact/hooks';
import type { Group } from '../../../api/groups.ts';
import { Badge, GroupStatusBadge } from '../../components/badge.tsx';
import { TextInput } from '../../components/form.tsx';
import { Card, Empty, Note } from '../../components/states.tsx';
import { type Column, type Sort, Table } from '../../components/table.tsx';
import { counted, formatCount, groupDigits } from '../../format/numbers.ts';
import { PageHead } from '../../shell/page_head.tsx';
import { usePagedList, useSettled } from '../../state/paged_list.ts';
import { linkTo, navigate, replaceQuery, route } from '../../state/route.ts';

const COLUMNS: readonly Column<Group>[] = [
  {
    key: 'name',
    title: 'Group',
    isSortable: true,
    cell: ({ id }) => (
      <a href={linkTo(['groups', id])} tabIndex={-1} title={id}>
        {id}
      </a>
    ),
  },
  {
    key: 'status',
    title: 'Keeps up',
    width: '120px',
    cell: ({ status }) => <GroupStatusBadge status={status} />,
  },
  {
    key: 'state',
    title: 'State',
    width: '150px',
    isSortable: true,
    cell: group => <StateBadge group={group} />,
  },
  { key: 'type', title: 'Protocol', width: '110px', isWide: true, cell: ({ type }) => type },
  {
    key: 'members',
    title: 'Members',
    width: '110px',
    isNumber: true,
    isSortable: true,
    cell: ({ members }) => formatCount(members),
  },
  { key: 'topics', title: 'Topics', isWide: true, cell: ({ topics }) => topics.join(', ') || '–' },
  {
    key: 'lag',
    title: 'Lag',
    width: '140px',
    isNumber: true,
    isSortable: true,
    cell: ({ lag }) => groupDigits(lag),
  },
];

export function StateBadge({ group }: { group: Group }) {
  const { state } = group;
  const tone = state === 'Stable' ? 'good' : state === 'Empty' || state === 'Dead' ? undefined : 'info';
  return <Badge tone={tone}>{state}</Badge>;
}

export function GroupsPage() {
  const { query } = route.value;
  const [filter, setFilter] = useState(query.get('filter') ?? '');
  const [sort, setSort] = useState<Sort>({
    key: query.get('sort') ?? 'name',
    order: query.get('order') === 'desc' ? 'desc' : 'asc',
  });
  const settledFilter = useSettled(filter);
  const groups = usePagedList<Group>('groups', {
    query: { filter: settledFilter === '' ? undefined : settledFilter, sort: sort.key, order: sort.order },
    everyMs: 5000,
  });
  return (
    <>
      <PageHead
        title="Groups"
        badges={groups.total !== undefined && <span class="muted">{counted(groups.total, 'group')}</span>}
      />
      <div class="toolbar">
        <div class="grow">
          <TextInput
            type="search"
            label="Filter groups by name"
            placeholder="Filter by name ( / )"
            isFilter
            value={filter}
            onInput={text => {
              setFilter(text);
              replaceQuery({ filter: text === '' ? undefined : text });
            }}
          />
        </div>
      </div>
      {groups.problem !== undefined && <Note tone="bad">{groups.problem}</Note>}
      <Card isFlush>
        {groups.total === undefined ? (
          groups.problem === undefined && <p class="loading">Loading the groups…</p>
        ) : groups.total === 0 ? (
          <NoGroups isFiltered={settledFilter !== ''} />
        ) : (
          <Table
            label="Groups"
            columns={COLUMNS}
            count={groups.total}
            row={groups.row}
            sort={sort}
            onSort={chosen => {
              setSort(chosen);
              replaceQuery({ sort: chosen.key, order: chosen.order });
            }}
            onSeen={groups.seen}
            onOpen={({ id }) => navigate(linkTo(['groups', id]))}
          />
        )}
      </Card>
    </>
  );
}

function NoGroups({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <Empty title="No group has such a name">
      <p>Take something out of the filter.</p>
    </Empty>
  ) : (
    <Empty title="There are no consumer groups yet">
      <p>
        A consumer with a group.id appears here as soon as it joins;{' '}
        <code>odradek consume TOPIC --group NAME</code> is one.
      </p>
    </Empty>
  );
}
