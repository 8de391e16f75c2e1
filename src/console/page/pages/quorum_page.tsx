import type { Quorum, QuorumReplica } from '../../api/cluster.ts';
import { Badge } from '../components/badge.tsx';
import { Card, Figure, Loaded } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { counted, groupDigits } from '../format/numbers.ts';
import { formatAgo } from '../format/times.ts';
import { PageHead } from '../shell/page_head.tsx';
import { useResource } from '../state/resource.ts';

const COLUMNS: readonly Column<QuorumReplica>[] = [
  {
    key: 'id',
    title: 'Node',
    width: '120px',
    cell: ({ id, isLeader }) => (
      <>
        {id} {isLeader && <Badge tone="accent">leader</Badge>}
      </>
    ),
  },
  {
    key: 'end',
    title: 'Log end offset',
    width: '140px',
    isNumber: true,
    cell: each => groupDigits(each.logEndOffset),
  },
  {
    key: 'lag',
    title: 'Behind',
    width: '100px',
    isNumber: true,
    cell: ({ lag }) =>
      lag === null ? '–' : lag === '0' ? <span class="muted">0</span> : <strong>{groupDigits(lag)}</strong>,
  },
  {
    key: 'fetched',
    title: 'Last fetch',
    width: '110px',
    isWide: true,
    cell: each => (each.isLeader ? '–' : formatAgo(each.lastFetchMs, Date.now())),
  },
  {
    key: 'caught',
    title: 'Last caught up',
    width: '132px',
    isWide: true,
    cell: each => (each.isLeader ? '–' : formatAgo(each.lastCaughtUpMs, Date.now())),
  },
  { key: 'listeners', title: 'Listeners', isWide: true, cell: each => each.listeners.join(', ') || '–' },
  {
    key: 'directory',
    title: 'Directory id',
    width: '200px',
    isWide: true,
    cell: each => (
      <code class="small" title={each.directoryId}>
        {each.directoryId}
      </code>
    ),
  },
];

export function QuorumPage() {
  const quorum = useResource<Quorum>('quorum', { everyMs: 2000, on: ['controller', 'broker'] });
  return (
    <>
      <PageHead title="Quorum" />
      <Loaded of={quorum} what="the quorum">
        {data => <QuorumView quorum={data} />}
      </Loaded>
    </>
  );
}

function QuorumView({ quorum }: { quorum: Quorum }) {
  const { leaderId, leaderEpoch, highWatermark, voters, observers } = quorum;
  const needed = Math.floor(voters.length / 2) + 1;
  const caughtUp = voters.filter(({ lag }) => lag !== null && Number(lag) < 100).length;
  return (
    <div class="stack">
      <Card>
        <dl class="figures">
          <Figure name="Leader">
            node {leaderId} <small>epoch {leaderEpoch}</small>
          </Figure>
          <Figure name="High watermark">{groupDigits(highWatermark)}</Figure>
          <Figure name="Voters up to date">
            {caughtUp} <small>of {voters.length}</small>
          </Figure>
          <Figure name="May be lost">
            {Math.max(0, caughtUp - needed)}{' '}
            <small>
              {voters.length === 1 ? 'a single voter: no other can take over' : `${needed} are needed`}
            </small>
          </Figure>
        </dl>
      </Card>
      <Card title={counted(voters.length, 'voter')} isFlush>
        <Replicas label="Voters" replicas={voters} />
      </Card>
      <Card title={counted(observers.length, 'observer')} isFlush={observers.length > 0}>
        {observers.length > 0 ? (
          <Replicas label="Observers" replicas={observers} />
        ) : (
          <p class="muted">Every node that follows the metadata votes as well.</p>
        )}
      </Card>
    </div>
  );
}

function Replicas({ label, replicas }: { label: string; replicas: readonly QuorumReplica[] }) {
  return <Table label={label} columns={COLUMNS} count={replicas.length} row={at => replicas[at]} />;
}
