import type { Sink } from '../../../api/alerts.ts';
import { Badge } from '../../components/badge.tsx';
import { Card, Empty } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { formatCount } from '../../format/numbers.ts';

const COLUMNS: readonly Column<Sink>[] = [
  { key: 'name', title: 'Sink', width: '34%', cell: ({ name }) => <span title={name}>{name}</span> },
  {
    key: 'state',
    title: 'State',
    width: '110px',
    cell: ({ failure }) => (
      <Badge tone={failure === null ? 'good' : 'bad'}>{failure === null ? 'works' : 'fails'}</Badge>
    ),
  },
  { key: 'sent', title: 'Sent', width: '80px', isNumber: true, cell: ({ sent }) => formatCount(sent) },
  {
    key: 'failed',
    title: 'Failed',
    width: '80px',
    isNumber: true,
    cell: ({ failed }) => formatCount(failed),
  },
  {
    key: 'waiting',
    title: 'Waiting',
    width: '90px',
    isNumber: true,
    cell: ({ waiting }) => formatCount(waiting),
  },
  {
    key: 'failure',
    title: 'Why the last attempt failed',
    cell: ({ failure }) => <span title={failure ?? ''}>{failure ?? '–'}</span>,
  },
];

export function SinksTab({ sinks }: { sinks: readonly Sink[] }) {
  return (
    <Card isFlush>
      {sinks.length === 0 ? (
        <Empty title="Nobody is told">
          <p>
            Name a webhook in <code>alerts.webhook.urls</code>, or another sink: docs/monitoring.md has them
            all.
          </p>
        </Empty>
      ) : (
        <Table label="Sinks" columns={COLUMNS} count={sinks.length} row={at => sinks[at]} />
      )}
    </Card>
  );
}
