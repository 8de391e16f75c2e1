import { useState } from 'preact/hooks';
import type { Topic } from '../../../api/topics.ts';
import { Badge } from '../../components/badge.tsx';
import { Action } from '../../components/button.tsx';
import { Check } from '../../components/form.tsx';
import { NameFilter } from '../../components/name_filter.tsx';
import { Card, Empty, Note } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { counted, formatByteRate, formatBytes, formatCount, formatRate } from '../../format/numbers.ts';
import { PageHead } from '../../shell/page_head.tsx';
import { useListChoice } from '../../state/list_choice.ts';
import { usePagedList } from '../../state/paged_list.ts';
import { linkTo, navigate, route } from '../../state/route.ts';
import { CreateTopicDialog } from './create_topic_dialog.tsx';

const COLUMNS: readonly Column<Topic>[] = [
  {
    key: 'name',
    title: 'Topic',
    isSortable: true,
    cell: ({ name, isInternal }) => (
      <>
        <a href={linkTo(['topics', name])} tabIndex={-1} title={name}>
          {name}
        </a>{' '}
        {isInternal && <Badge isPlain>internal</Badge>}
      </>
    ),
  },
  {
    key: 'underReplicated',
    title: 'State',
    width: '170px',
    isSortable: true,
    cell: topic => <TopicState topic={topic} />,
  },
  {
    key: 'partitions',
    title: 'Partitions',
    width: '110px',
    isNumber: true,
    isSortable: true,
    cell: ({ partitions }) => formatCount(partitions),
  },
  {
    key: 'replication',
    title: 'Replicas',
    width: '96px',
    isNumber: true,
    isSortable: true,
    isWide: true,
    cell: ({ replicationFactor }) => replicationFactor,
  },
  {
    key: 'size',
    title: 'Size',
    width: '110px',
    isNumber: true,
    isSortable: true,
    cell: ({ sizeBytes }) => formatBytes(sizeBytes),
  },
  {
    key: 'messagesIn',
    title: 'Records in',
    width: '116px',
    isNumber: true,
    isSortable: true,
    isWide: true,
    cell: ({ rates }) => formatRate(rates?.messagesInPerSecond),
  },
  {
    key: 'bytesIn',
    title: 'Bytes in',
    width: '116px',
    isNumber: true,
    isSortable: true,
    isWide: true,
    cell: ({ rates }) => formatByteRate(rates?.bytesInPerSecond),
  },
  {
    key: 'bytesOut',
    title: 'Bytes out',
    width: '116px',
    isNumber: true,
    isSortable: true,
    isWide: true,
    cell: ({ rates }) => formatByteRate(rates?.bytesOutPerSecond),
  },
];

/** The worst of its partitions, in words. */
export function TopicState({ topic }: { topic: Topic }) {
  const { offline, underMinIsr, underReplicated } = topic;
  if (offline > 0) return <Badge tone="bad">{formatCount(offline)} without a leader</Badge>;
  if (underMinIsr > 0) return <Badge tone="bad">{formatCount(underMinIsr)} under min ISR</Badge>;
  if (underReplicated > 0) return <Badge tone="warn">{formatCount(underReplicated)} under-replicated</Badge>;
  return <Badge tone="good">in sync</Badge>;
}

export function TopicsPage() {
  const { query } = route.value;
  const choice = useListChoice();
  const { settledFilter, sort } = choice;
  const [isInternalShown, setInternalShown] = useState(query.has('internal'));
  const [isUnhealthyOnly, setUnhealthyOnly] = useState(query.has('unhealthy'));
  const [isCreating, setCreating] = useState(query.has('create'));
  const topics = usePagedList<Topic>('topics', {
    query: {
      filter: settledFilter,
      sort: sort.key,
      order: sort.order,
      internal: isInternalShown || undefined,
      unhealthy: isUnhealthyOnly || undefined,
    },
    everyMs: 5000,
    on: ['topics', 'leaders', 'isr'],
  });
  return (
    <>
      <PageHead
        title="Topics"
        badges={topics.total !== undefined && <span class="muted">{counted(topics.total, 'topic')}</span>}
        actions={
          <Action needs="admin" tone="primary" icon="plus" onClick={() => setCreating(true)}>
            Create topic
          </Action>
        }
      />
      <div class="toolbar">
        <NameFilter things="topics" choice={choice} />
        <Check label="Internal ones too" isChecked={isInternalShown} onCheck={setInternalShown} />
        <Check label="Only with something wrong" isChecked={isUnhealthyOnly} onCheck={setUnhealthyOnly} />
      </div>
      {topics.problem !== undefined && <Note tone="bad">{topics.problem}</Note>}
      <Card isFlush>
        {topics.total === undefined ? (
          topics.problem === undefined && <p class="loading">Loading the topics…</p>
        ) : topics.total === 0 ? (
          <NoTopics isFiltered={settledFilter !== undefined || isUnhealthyOnly} />
        ) : (
          <Table
            label="Topics"
            columns={COLUMNS}
            count={topics.total}
            row={topics.row}
            sort={sort}
            onSort={choice.setSort}
            onSeen={topics.seen}
            onOpen={({ name }) => navigate(linkTo(['topics', name]))}
          />
        )}
      </Card>
      {isCreating && (
        <CreateTopicDialog
          onClose={() => setCreating(false)}
          onCreated={name => navigate(linkTo(['topics', name]))}
        />
      )}
    </>
  );
}

function NoTopics({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <Empty title="No topic is like that">
      <p>Take something out of the filter, or the ticks beside it.</p>
    </Empty>
  ) : (
    <Empty title="There are no topics yet">
      <p>
        Create one with the button above, with <code>odradek topic create NAME</code>, or let a producer
        begin: it creates the topic that it writes to, unless auto.create.topics.enable says no.
      </p>
    </Empty>
  );
}
