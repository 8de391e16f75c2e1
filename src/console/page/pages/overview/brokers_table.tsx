import type { Broker } from '../../../api/cluster.ts';
import { Badge } from '../../components/badge.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { formatCount } from '../../format/numbers.ts';
import { formatAgo } from '../../format/times.ts';
import { linkTo, navigate } from '../../state/route.ts';
import { BrokerBadges } from './replica_map.tsx';

const COLUMNS: readonly Column<Broker>[] = [
  { key: 'id', title: 'Id', width: '64px', cell: ({ id }) => id },
  {
    key: 'state',
    title: 'State',
    width: '220px',
    cell: broker => (
      <span class="nowrap">
        {!broker.isFenced && !broker.isInControlledShutdown && <Badge tone="good">alive</Badge>}{' '}
        <BrokerBadges broker={{ ...broker, rack: null }} />
      </span>
    ),
  },
  {
    key: 'address',
    title: 'Address',
    cell: ({ host, port }) => <code>{host === null ? '–' : `${host}:${port}`}</code>,
  },
  { key: 'rack', title: 'Rack', width: '90px', isWide: true, cell: ({ rack }) => rack ?? '–' },
  {
    key: 'leaders',
    title: 'Leads',
    width: '76px',
    isNumber: true,
    cell: ({ leaders }) => formatCount(leaders),
  },
  {
    key: 'inSync',
    title: 'In sync',
    width: '110px',
    isNumber: true,
    cell: ({ inSync, replicas }) => (
      <>
        {formatCount(inSync)} <span class="muted">/ {formatCount(replicas)}</span>
      </>
    ),
  },
  {
    key: 'since',
    title: 'Since',
    width: '110px',
    isWide: true,
    cell: ({ sinceMs }) => <span class="muted">{formatAgo(sinceMs, Date.now())}</span>,
  },
];

export function BrokersTable({ brokers }: { brokers: readonly Broker[] }) {
  return (
    <Table
      label="Brokers"
      columns={COLUMNS}
      count={brokers.length}
      row={at => brokers[at]}
      onOpen={({ id }) => navigate(linkTo(['settings'], { broker: String(id) }))}
    />
  );
}
