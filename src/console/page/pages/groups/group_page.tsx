import { useState } from 'preact/hooks';
import type { GroupDetails, GroupMember } from '../../../api/groups.ts';
import type { History } from '../../../api/history.ts';
import { GroupStatusBadge } from '../../components/badge.tsx';
import { Action } from '../../components/button.tsx';
import { Chart } from '../../components/chart.tsx';
import { Card, Empty, Figure, Loaded } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { counted, formatCount, groupDigits } from '../../format/numbers.ts';
import { PageHead } from '../../shell/page_head.tsx';
import { useResource } from '../../state/resource.ts';
import { linkTo } from '../../state/route.ts';
import { type GroupAction, GroupActionDialog } from './group_actions.tsx';
import { StateBadge } from './groups_page.tsx';
import { OffsetsTable } from './offsets_table.tsx';

/** More lines than colours would not be told apart. */
const MAX_LINES = 6;

export function GroupPage({ id }: { id: string }) {
  const [action, setAction] = useState<GroupAction | undefined>(undefined);
  const group = useResource<GroupDetails>(`groups/${encodeURIComponent(id)}`, { everyMs: 2500 });
  return (
    <>
      <PageHead
        title={id}
        crumbs={<a href={linkTo(['groups'])}>Groups</a>}
        badges={
          group.data !== undefined && (
            <>
              <StateBadge group={group.data} />
              <GroupStatusBadge status={group.data.status} />
            </>
          )
        }
        actions={
          group.data !== undefined && (
            <>
              <Action needs="operator" onClick={() => setAction({ kind: 'reset' })}>
                Reset offsets
              </Action>
              <Action needs="operator" onClick={() => setAction({ kind: 'delete offsets' })}>
                Forget offsets
              </Action>
              <Action
                needs="operator"
                tone="danger"
                icon="trash"
                onClick={() => setAction({ kind: 'delete' })}
              >
                Delete
              </Action>
            </>
          )
        }
      />
      {group.status === 404 ? (
        <Empty title={`There is no group ${id}`}>
          <p>
            It may have been deleted, or its offsets have expired.{' '}
            <a href={linkTo(['groups'])}>See the groups that there are</a>.
          </p>
        </Empty>
      ) : (
        <Loaded of={group} what={`the group ${id}`}>
          {data => (
            <>
              <GroupView group={data} onAction={setAction} />
              {action !== undefined && (
                <GroupActionDialog
                  action={action}
                  group={data}
                  onDone={group.reload}
                  onClose={() => setAction(undefined)}
                />
              )}
            </>
          )}
        </Loaded>
      )}
    </>
  );
}

function GroupView({ group, onAction }: { group: GroupDetails; onAction(action: GroupAction): void }) {
  return (
    <div class="stack">
      <div class="grid">
        <Card title="At a glance" size="third">
          <dl class="figures">
            <Figure name="Lag">{groupDigits(group.lag)}</Figure>
            <Figure name="Members">{formatCount(group.members)}</Figure>
            <Figure name="Coordinator">broker {group.coordinator}</Figure>
            <Figure name="Protocol">
              <small>
                {group.type}
                {group.assignor !== '' && `, ${group.assignor}`}
              </small>
            </Figure>
          </dl>
        </Card>
        <Card title="Lag over the last hour" size="two-thirds">
          <LagChart id={group.id} />
        </Card>
      </div>
      <Card title={counted(group.partitions.length, 'partition')} isFlush>
        {group.partitions.length === 0 ? (
          <Empty title="It has committed no offsets">
            <p>Its offsets appear here with its first commit.</p>
          </Empty>
        ) : (
          <OffsetsTable
            group={group}
            onEdit={(topic, partition) => onAction({ kind: 'reset', topic, partition })}
          />
        )}
      </Card>
      <Card title={counted(group.memberDetails.length, 'member')} isFlush>
        {group.memberDetails.length === 0 ? (
          <Empty title="Nobody is in the group">
            <p>Its offsets can be reset now. Its consumers go on from there when they come back.</p>
          </Empty>
        ) : (
          <MembersTable members={group.memberDetails} />
        )}
      </Card>
    </div>
  );
}

function LagChart({ id }: { id: string }) {
  const history = useResource<History>('history', { query: { group: id }, everyMs: 10_000 });
  return (
    <Loaded of={history} what="the lag of the last hour">
      {data => {
        const series = data.groups.find(each => each.id === id);
        if (series === undefined) {
          return <p class="muted">The first figures come after some twenty seconds.</p>;
        }
        const lastOf = (values: readonly (number | null)[]) => values.findLast(value => value !== null) ?? 0;
        const worst = [...series.partitions].sort((one, other) => lastOf(other.lag) - lastOf(one.lag));
        const lines = worst.slice(0, MAX_LINES - 1);
        return (
          <Chart
            label="Lag in records"
            timesMs={data.timesMs}
            series={[
              { label: 'all', values: series.lag },
              ...lines.map(({ topic, partition, lag }) => ({ label: `${topic}-${partition}`, values: lag })),
            ]}
            format={formatCount}
          />
        );
      }}
    </Loaded>
  );
}

const MEMBER_COLUMNS: readonly Column<GroupMember>[] = [
  { key: 'client', title: 'Client', width: '22%', cell: ({ clientId }) => clientId },
  { key: 'host', title: 'Host', width: '16%', cell: ({ clientHost }) => <code>{clientHost}</code> },
  {
    key: 'member',
    title: 'Member id',
    isWide: true,
    cell: ({ memberId, instanceId }) => (
      <code class="small" title={memberId}>
        {instanceId === null ? memberId : `${instanceId} (static) ${memberId}`}
      </code>
    ),
  },
  {
    key: 'partitions',
    title: 'Partitions',
    cell: ({ partitions }) => {
      const text = partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(', ');
      return <span title={text}>{text === '' ? 'none' : text}</span>;
    },
  },
];

function MembersTable({ members }: { members: readonly GroupMember[] }) {
  return <Table label="Members" columns={MEMBER_COLUMNS} count={members.length} row={at => members[at]} />;
}
