import type { Alert } from '../../../api/alerts.ts';
import type { Cluster, ReplicaMap } from '../../../api/cluster.ts';
import type { RecentEvent } from '../../../api/events.ts';
import type { History } from '../../../api/history.ts';
import { HealthBadge, SeverityBadge } from '../../components/badge.tsx';
import { Command } from '../../components/button.tsx';
import { Chart } from '../../components/chart.tsx';
import { Card, Empty, Figure, Loaded } from '../../components/states.tsx';
import { headOf } from '../../format/alert_text.ts';
import { counted, formatByteRate, formatCount, formatRate } from '../../format/numbers.ts';
import { formatTime } from '../../format/times.ts';
import { PageHead } from '../../shell/page_head.tsx';
import { live } from '../../state/live.ts';
import { preferences } from '../../state/preferences.ts';
import { useResource } from '../../state/resource.ts';
import { linkTo } from '../../state/route.ts';
import { useStore } from '../../state/store.ts';
import { BrokersTable } from './brokers_table.tsx';
import { ReplicaMapView } from './replica_map.tsx';

const MAP_LIMIT = 10_000;

export function OverviewPage() {
  const state = useStore(live);
  const asked = useResource<Cluster>('cluster');
  // The stream has the newest; the first answer may come before it.
  const cluster = state.cluster ?? asked.data;
  const map = useResource<ReplicaMap>('replica-map', {
    query: { limit: MAP_LIMIT },
    everyMs: 30_000,
    on: ['leaders', 'isr', 'topics', 'broker'],
  });
  const history = useResource<History>('history', { everyMs: 10_000 });
  return (
    <>
      <PageHead
        title="Overview"
        badges={cluster !== undefined && <span class="muted small mono">cluster {cluster.clusterId}</span>}
      />
      <Loaded
        of={{ ...asked, data: cluster, problem: cluster === undefined ? asked.problem : undefined }}
        what="the cluster"
      >
        {data => (
          <div class="grid">
            <Glance cluster={data} />
            <div class="third stack">
              <Firing alerts={state.alerts} />
              <Feed feed={state.feed} />
            </div>
            <Card title="Replicas">
              <Loaded of={map} what="the replica map">
                {loaded =>
                  loaded.partitions.length > 0 ? (
                    <>
                      <ReplicaMapView map={loaded} brokers={data.brokers} />
                      {loaded.total > loaded.partitions.length && (
                        <p class="muted small">
                          The first {formatCount(loaded.partitions.length)} of {formatCount(loaded.total)}{' '}
                          partitions.
                        </p>
                      )}
                    </>
                  ) : (
                    <Empty title="There are no topics yet">
                      <p>
                        <a href={linkTo(['topics'])}>Create one</a>, or let a producer begin: it creates the
                        topic that it writes to unless auto.create.topics.enable says no.
                      </p>
                    </Empty>
                  )
                }
              </Loaded>
            </Card>
            <Traffic history={history.data} />
            <Card title="Brokers" isFlush>
              <BrokersTable brokers={data.brokers} />
            </Card>
          </div>
        )}
      </Loaded>
    </>
  );
}

const VERDICTS = {
  green: 'Every partition has a leader and all of its replicas in sync.',
  yellow: 'It works, and has less in reserve than it should.',
  red: 'Something can not be read or written now.',
} as const;

function Glance({ cluster }: { cluster: Cluster }) {
  const { health, counts, controller } = cluster;
  return (
    <Card title="Cluster" size="two-thirds">
      <div class="stack">
        <div class="verdict">
          <div class="verdict-head">
            <HealthBadge status={health.status} />
            <span>{VERDICTS[health.status]}</span>
          </div>
          {health.reasons.length > 0 && (
            <ul class="plain reasons">
              {health.reasons.map(({ what, status, text, command }) => (
                <li key={`${what} ${text}`} class={status === 'red' ? 'reason bad' : 'reason'}>
                  <span>{text}</span>
                  <span>
                    <Command text={command} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </div>
        <dl class="figures">
          <Figure name="Brokers alive">
            {counts.activeBrokers} <small>of {counts.activeBrokers + counts.fencedBrokers}</small>
          </Figure>
          <Figure name="Quorum leader">
            {controller === null ? (
              'none'
            ) : (
              <a href={linkTo(['quorum'])}>
                node {controller.id} <small>epoch {controller.epoch}</small>
              </a>
            )}
          </Figure>
          <Figure name="Topics">
            <a href={linkTo(['topics'])}>{formatCount(counts.topics)}</a>
          </Figure>
          <Figure name="Partitions">{formatCount(counts.partitions)}</Figure>
          <Figure name="Under-replicated">{formatCount(counts.underReplicated)}</Figure>
          <Figure name="Under min ISR">{formatCount(counts.underMinIsr)}</Figure>
          <Figure name="Without a leader">{formatCount(counts.offline)}</Figure>
          <Figure name="Not led as preferred">{formatCount(counts.offPreferred)}</Figure>
        </dl>
      </div>
    </Card>
  );
}

function Firing({ alerts }: { alerts: readonly Alert[] }) {
  const firing = alerts.filter(({ state, muted }) => state === 'firing' && muted === null);
  return (
    <Card title="Alerts" actions={<a href={linkTo(['alerts'])}>All alerts</a>}>
      {firing.length === 0 ? (
        <p class="muted">No alert fires.</p>
      ) : (
        <ul class="plain reasons">
          {firing.slice(0, 5).map(({ fingerprint, name, severity, text }) => (
            <li key={fingerprint}>
              <div class="row">
                <SeverityBadge severity={severity} />
                <strong>{name}</strong>
              </div>
              <p class="small">{headOf(text)}</p>
            </li>
          ))}
          {firing.length > 5 && <li class="muted small">and {counted(firing.length - 5, 'more', 'more')}</li>}
        </ul>
      )}
    </Card>
  );
}

function Traffic({ history }: { history: History | undefined }) {
  if (history === undefined || history.timesMs.length < 2) {
    return (
      <Card title="Traffic">
        <p class="muted">
          The first figures come after some twenty seconds: the node keeps the last hour in memory.
        </p>
      </Card>
    );
  }
  const { timesMs, total } = history;
  const unreached = history.nodes.filter(({ problem }) => problem !== null);
  return (
    <>
      <Card title="Bytes" size="half">
        <Chart
          label="Bytes a second over the last hour"
          timesMs={timesMs}
          series={[
            { label: 'in', values: total.bytesIn },
            { label: 'out', values: total.bytesOut },
          ]}
          isBinary
          format={formatByteRate}
        />
        {unreached.length > 0 && (
          <p class="muted small">
            Without {unreached.map(({ id }) => `node ${id}`).join(' and ')}: {unreached[0]!.problem}
          </p>
        )}
      </Card>
      <Card title="Records" size="half">
        <Chart
          label="Records a second over the last hour"
          timesMs={timesMs}
          series={[{ label: 'in', values: total.messagesIn }]}
          format={formatRate}
        />
      </Card>
    </>
  );
}

function Feed({ feed }: { feed: readonly RecentEvent[] }) {
  const { timeZone } = useStore(preferences);
  return (
    <Card title="What happened" isFlush>
      {feed.length === 0 ? (
        <p class="table-note">Nothing since this node started. Kill a broker, and see here who takes over.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <ol class="plain feed" tabIndex={0} aria-label="What happened, the newest first" aria-live="polite">
          {feed.map(({ atMs, text }) => (
            <li key={`${atMs} ${text}`} class={Date.now() - atMs < 3000 ? 'new' : undefined}>
              <time
                dateTime={new Date(atMs).toISOString()}
                title={formatTime(atMs, { timeZone, hasMilliseconds: true })}
              >
                {formatTime(atMs, { timeZone }).slice(11, 19)}
              </time>
              <span>{text}</span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
