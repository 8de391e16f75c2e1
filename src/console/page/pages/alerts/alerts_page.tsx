import { useState } from 'preact/hooks';
import type { Alert, AlertHistory, AlertRules, Alerts, Silence } from '../../../api/alerts.ts';
import { Badge, SeverityBadge } from '../../components/badge.tsx';
import { Action } from '../../components/button.tsx';
import { Card, Empty, Loaded } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { headOf } from '../../format/alert_text.ts';
import { formatAgo, formatTime } from '../../format/times.ts';
import { PageHead } from '../../shell/page_head.tsx';
import { problemOf, send } from '../../state/api_client.ts';
import { preferences } from '../../state/preferences.ts';
import { useResource } from '../../state/resource.ts';
import { replaceQuery, route } from '../../state/route.ts';
import { useStore } from '../../state/store.ts';
import { toast } from '../../state/toasts.ts';
import { AlertDialog } from './alert_dialog.tsx';
import { RulesTab } from './rules_tab.tsx';
import { SilenceDialog, type SilenceStart, SilencesTab } from './silences_tab.tsx';
import { SinksTab } from './sinks_tab.tsx';

const TABS = [
  ['firing', 'Now'],
  ['history', 'History'],
  ['silences', 'Silences'],
  ['rules', 'Rules'],
  ['sinks', 'Sinks'],
] as const;

export function AlertsPage() {
  const { query } = useStore(route);
  const [silencing, setSilencing] = useState<SilenceStart | undefined>(undefined);
  const [open, setOpen] = useState<Alert | undefined>(undefined);
  const alerts = useResource<Alerts>('alerts', { everyMs: 5000, on: ['alerts'] });
  const silences = useResource<{ readonly silences: readonly Silence[] }>('silences', { everyMs: 10_000 });
  const shown = query.get('tab') ?? 'firing';
  const reload = () => {
    silences.reload();
    alerts.reload();
  };
  const content = () => {
    switch (shown) {
      case 'history':
        return <HistoryTab onOpen={setOpen} />;
      case 'silences':
        return (
          <Loaded of={silences} what="the silences">
            {data => <SilencesTab silences={data.silences} onChanged={reload} />}
          </Loaded>
        );
      case 'rules':
        return <RulesOfNode />;
      case 'sinks':
        return (
          <Loaded of={alerts} what="the sinks">
            {data => <SinksTab sinks={data.sinks} />}
          </Loaded>
        );
      default:
        return (
          <Loaded of={alerts} what="the alerts">
            {data => <NowTab alerts={data.alerts} onOpen={setOpen} />}
          </Loaded>
        );
    }
  };
  return (
    <>
      <PageHead
        title="Alerts"
        actions={
          <>
            <Action needs="operator" onClick={() => void testSinks()}>
              Test the sinks
            </Action>
            <Action
              needs="operator"
              tone="primary"
              icon="plus"
              onClick={() => setSilencing({ matchers: '' })}
            >
              New silence
            </Action>
          </>
        }
      />
      <Tabs label="Of alerts" tabs={TABS} shown={shown} onShow={tab => replaceQuery({ tab })}>
        {content()}
      </Tabs>
      {open !== undefined && (
        <AlertDialog
          alert={open}
          onSilence={start => {
            setOpen(undefined);
            setSilencing(start);
          }}
          onClose={() => setOpen(undefined)}
        />
      )}
      {silencing !== undefined && (
        <SilenceDialog start={silencing} onMade={reload} onClose={() => setSilencing(undefined)} />
      )}
    </>
  );
}

async function testSinks(): Promise<void> {
  try {
    const { sinks } = await send<Pick<Alerts, 'sinks'>>('POST', 'alerts/test', {});
    toast(
      'good',
      `A test goes to ${sinks.map(({ name }) => name).join(', ')}. The tab Sinks says what became of it.`,
    );
  } catch (error) {
    toast('bad', `The sinks could not be tested: ${problemOf(error)}`);
  }
}

function alertColumns(timeZone: 'local' | 'utc'): readonly Column<Alert>[] {
  return [
    {
      key: 'state',
      title: 'State',
      width: '170px',
      cell: ({ state, muted }) => (
        <>
          <Badge tone={state === 'firing' ? 'bad' : state === 'pending' ? 'warn' : 'good'}>{state}</Badge>{' '}
          {muted !== null && <Badge isPlain>{muted}</Badge>}
        </>
      ),
    },
    {
      key: 'severity',
      title: 'Severity',
      width: '110px',
      cell: ({ severity }) => <SeverityBadge severity={severity} />,
    },
    { key: 'name', title: 'Alert', width: '20%', cell: ({ name }) => <strong title={name}>{name}</strong> },
    { key: 'text', title: 'What is wrong', isWrapped: true, cell: ({ text }) => headOf(text) },
    {
      key: 'since',
      title: 'Since',
      width: '130px',
      isWide: true,
      cell: ({ since }) => (
        <span title={formatTime(Date.parse(since), { timeZone })}>
          {formatAgo(Date.parse(since), Date.now())}
        </span>
      ),
    },
  ];
}

function AlertsTable({
  alerts,
  label,
  onOpen,
}: {
  alerts: readonly Alert[];
  label: string;
  onOpen(alert: Alert): void;
}) {
  const { timeZone } = useStore(preferences);
  return (
    <Table
      label={label}
      columns={alertColumns(timeZone)}
      count={alerts.length}
      row={at => alerts[at]}
      onOpen={onOpen}
    />
  );
}

const STATES = ['firing', 'pending', 'resolved'];

function NowTab({ alerts, onOpen }: { alerts: readonly Alert[]; onOpen(alert: Alert): void }) {
  const sorted = [...alerts].sort((one, other) => STATES.indexOf(one.state) - STATES.indexOf(other.state));
  return (
    <Card isFlush>
      {sorted.length === 0 ? (
        <Empty title="All is well">
          <p>No rule has found anything. The tab Rules has what is looked at, Sinks who would be told.</p>
        </Empty>
      ) : (
        <AlertsTable alerts={sorted} label="Alerts now" onOpen={onOpen} />
      )}
    </Card>
  );
}

function HistoryTab({ onOpen }: { onOpen(alert: Alert): void }) {
  const history = useResource<AlertHistory>('alerts/history', { everyMs: 10_000, on: ['alerts'] });
  return (
    <Loaded of={history} what="the history">
      {({ alerts }) => (
        <Card isFlush>
          {alerts.length === 0 ? (
            <Empty title="Nothing was resolved yet">
              <p>What this node has seen end is kept here while it runs.</p>
            </Empty>
          ) : (
            <AlertsTable alerts={alerts} label="Alerts that were resolved" onOpen={onOpen} />
          )}
        </Card>
      )}
    </Loaded>
  );
}

function RulesOfNode() {
  const rules = useResource<AlertRules>('alerts/rules');
  return (
    <Loaded of={rules} what="the rules">
      {data => <RulesTab rules={data} />}
    </Loaded>
  );
}
