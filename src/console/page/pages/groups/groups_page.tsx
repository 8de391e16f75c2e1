import type { Group } from '../../../api/groups.ts';
import { Badge, GroupStatusBadge } from '../../components/badge.tsx';
import { NameFilter } from '../../components/name_filter.tsx';
import { Card, Empty, Note } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { counted, formatCount, groupDigits } from '../../format/numbers.ts';
import { PageHead } from '../../shell/page_head.tsx';
import { useListChoice } from '../../state/list_choice.ts';
import { usePagedList } from '../../state/paged_list.ts';
import { linkTo, navigate } from '../../state/route.ts';

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
  const choice = useListChoice();
  const { settledFilter, sort } = choice;
  const groups = usePagedList<Group>('groups', {
    query: { filter: settledFilter, sort: sort.key, order: sort.order },
    everyMs: 5000,
  });
  return (
    <>
      <PageHead
        title="Groups"
        badges={groups.total !== undefined && <span class="muted">{counted(groups.total, 'group')}</span>}
      />
      <div class="toolbar">
        <NameFilter things="groups" choice={choice} />
      </div>
      {groups.problem !== undefined && <Note tone="bad">{groups.problem}</Note>}
      <Card isFlush>
        {groups.total === undefined ? (
          groups.problem === undefined && <p class="loading">Loading the groups…</p>
        ) : groups.total === 0 ? (
          <NoGroups isFiltered={settledFilter !== undefined} />
        ) : (
          <Table
            label="Groups"
            columns={COLUMNS}
            count={groups.total}
            row={groups.row}
            sort={sort}
            onSort={choice.setSort}
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
