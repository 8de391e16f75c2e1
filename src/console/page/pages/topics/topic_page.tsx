import { useState } from 'preact/hooks';
import type { Configs } from '../../../api/common.ts';
import type { History } from '../../../api/history.ts';
import type { TopicDetails } from '../../../api/topics.ts';
import { Badge } from '../../components/badge.tsx';
import { Action } from '../../components/button.tsx';
import { Chart } from '../../components/chart.tsx';
import { ConfigsTable } from '../../components/configs_table.tsx';
import { Card, Empty, Figure, Loaded } from '../../components/states.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { formatByteRate, formatBytes, formatCount, formatRate } from '../../format/numbers.ts';
import { PageHead } from '../../shell/page_head.tsx';
import { useResource } from '../../state/resource.ts';
import { linkTo, replaceQuery, route } from '../../state/route.ts';
import { useStore } from '../../state/store.ts';
import { MessagesTab } from '../messages/messages_tab.tsx';
import { PartitionsTable } from './partitions_table.tsx';
import { type TopicAction, TopicActionDialog } from './topic_actions.tsx';
import { TopicState } from './topics_page.tsx';

const TABS = [
  ['partitions', 'Partitions'],
  ['messages', 'Messages'],
  ['settings', 'Settings'],
  ['groups', 'Groups'],
] as const;

export function TopicPage({ name }: { name: string }) {
  const { query } = useStore(route);
  const [action, setAction] = useState<TopicAction | undefined>(undefined);
  const topic = useResource<TopicDetails>(`topics/${encodeURIComponent(name)}`, {
    everyMs: 5000,
    on: ['leaders', 'isr', 'topics', 'broker'],
  });
  const shown = query.get('tab') ?? 'partitions';
  return (
    <>
      <PageHead
        title={name}
        crumbs={<a href={linkTo(['topics'])}>Topics</a>}
        badges={
          topic.data !== undefined && (
            <>
              <TopicState topic={topic.data} />
              {topic.data.isInternal && <Badge isPlain>internal</Badge>}
            </>
          )
        }
        actions={
          topic.data !== undefined && (
            <>
              <Action needs="admin" icon="plus" onClick={() => setAction('add partitions')}>
                Add partitions
              </Action>
              <Action needs="admin" onClick={() => setAction('trim')}>
                Trim
              </Action>
              <Action needs="admin" tone="danger" icon="trash" onClick={() => setAction('delete')}>
                Delete
              </Action>
            </>
          )
        }
      />
      {topic.status === 404 ? (
        <Empty title={`There is no topic ${name}`}>
          <p>
            It may have been deleted. <a href={linkTo(['topics'])}>See the topics that there are</a>.
          </p>
        </Empty>
      ) : (
        <Loaded of={topic} what={`the topic ${name}`}>
          {data => (
            <>
              <Tabs label="Of the topic" tabs={TABS} shown={shown} onShow={tab => replaceQuery({ tab })}>
                <TabContent tab={shown} topic={data} />
              </Tabs>
              {action !== undefined && (
                <TopicActionDialog
                  action={action}
                  topic={data}
                  onDone={topic.reload}
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

function TabContent({ tab, topic }: { tab: string; topic: TopicDetails }) {
  switch (tab) {
    case 'messages':
      return <MessagesTab topic={topic} />;
    case 'settings':
      return <SettingsTab name={topic.name} />;
    case 'groups':
      return <GroupsTab topic={topic} />;
    default:
      return <PartitionsTab topic={topic} />;
  }
}

function PartitionsTab({ topic }: { topic: TopicDetails }) {
  const { rates } = topic;
  const history = useResource<History>('history', { query: { topic: topic.name }, everyMs: 10_000 });
  const traffic = history.data?.topics.find(({ name }) => name === topic.name);
  return (
    <div class="stack">
      <div class="grid">
        <Card title="At a glance" size={traffic === undefined ? 'two-thirds' : 'half'}>
          <dl class="figures">
            <Figure name="Partitions">{formatCount(topic.partitions)}</Figure>
            <Figure name="Replicas of each">
              {topic.replicationFactor} <small>min ISR {topic.minInsyncReplicas}</small>
            </Figure>
            <Figure name="Size, all replicas">{formatBytes(topic.sizeBytes)}</Figure>
            <Figure name="Records in">{formatRate(rates?.messagesInPerSecond)}</Figure>
            <Figure name="Bytes in">{formatByteRate(rates?.bytesInPerSecond)}</Figure>
            <Figure name="Bytes out">{formatByteRate(rates?.bytesOutPerSecond)}</Figure>
          </dl>
        </Card>
        {history.data !== undefined && traffic !== undefined && (
          <Card title="Traffic" size="half">
            <Chart
              label="Bytes a second over the last hour"
              timesMs={history.data.timesMs}
              height={112}
              isBinary
              series={[
                { label: 'in', values: traffic.bytesIn },
                { label: 'out', values: traffic.bytesOut },
              ]}
              format={formatByteRate}
            />
          </Card>
        )}
      </div>
      <Card title="Partitions" isFlush>
        <PartitionsTable topic={topic} />
      </Card>
    </div>
  );
}

function SettingsTab({ name }: { name: string }) {
  const path = `topics/${encodeURIComponent(name)}/configs`;
  const configs = useResource<Configs>(path, { on: ['topics'] });
  return <ConfigsTable what={`the topic ${name}`} path={path} configs={configs} ownSource="topic" />;
}

function GroupsTab({ topic }: { topic: TopicDetails }) {
  if (topic.groups.length === 0) {
    return (
      <Card>
        <Empty title="No group has committed offsets here">
          <p>A consumer with a group.id that reads {topic.name} appears here with its first commit.</p>
        </Empty>
      </Card>
    );
  }
  return (
    <Card>
      <ul>
        {topic.groups.map(id => (
          <li key={id}>
            <a href={linkTo(['groups', id])}>{id}</a>
          </li>
        ))}
      </ul>
    </Card>
  );
}
