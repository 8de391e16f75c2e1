import type { AlertRules } from '../../../api/alerts.ts';
import { Badge } from '../../components/badge.tsx';
import { Card, Empty, Note } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { formatDuration } from '../../format/times.ts';

type BuiltIn = AlertRules['builtIn'][number];
type Own = AlertRules['own'][number];

const TONES: Readonly<Record<string, 'bad' | 'warn' | 'info'>> = {
  critical: 'bad',
  warning: 'warn',
  info: 'info',
};

function severityBadge(severity: string) {
  return <Badge tone={TONES[severity]}>{severity}</Badge>;
}

const BUILT_IN: readonly Column<BuiltIn>[] = [
  { key: 'name', title: 'Rule', cell: ({ name }) => <strong>{name}</strong> },
  { key: 'severity', title: 'Severity', width: '120px', cell: ({ severity }) => severityBadge(severity) },
  {
    key: 'for',
    title: 'For',
    width: '110px',
    cell: ({ forMs }) => (forMs === 0 ? 'at once' : formatDuration(forMs)),
  },
  {
    key: 'threshold',
    title: 'Threshold',
    width: '110px',
    isNumber: true,
    cell: ({ threshold }) => threshold ?? '–',
  },
  {
    key: 'scope',
    title: 'Looked at by',
    width: '150px',
    isWide: true,
    cell: ({ scope }) => (scope === 'cluster' ? 'the controller' : 'each node'),
  },
  { key: 'settings', title: 'Settings', isWide: true, cell: ({ settings }) => <code>{settings}</code> },
];

const OWN: readonly Column<Own>[] = [
  { key: 'name', title: 'Rule', width: '22%', cell: ({ name }) => <strong>{name}</strong> },
  { key: 'severity', title: 'Severity', width: '120px', cell: ({ severity }) => severityBadge(severity) },
  {
    key: 'for',
    title: 'For',
    width: '110px',
    cell: ({ forMs }) => (forMs === 0 ? 'at once' : formatDuration(forMs)),
  },
  {
    key: 'expression',
    title: 'Expression',
    cell: ({ expression }) => <code title={expression}>{expression}</code>,
  },
];

export function RulesTab({ rules }: { rules: AlertRules }) {
  const { builtIn, own, ownProblem } = rules;
  return (
    <div class="stack">
      {ownProblem !== null && (
        <Note tone="bad">
          <strong>The file of your own rules could not be read; the rules are as before.</strong> {ownProblem}
        </Note>
      )}
      <Card title="Your own rules" isFlush>
        {own.length === 0 ? (
          <Empty title="There are none">
            <p>
              Write them in a file, and name it in <code>alerts.rules.file</code>: it is read again when it
              changes.
            </p>
          </Empty>
        ) : (
          <Table label="Your own rules" columns={OWN} count={own.length} row={at => own[at]} />
        )}
      </Card>
      <Card title="Built in" isFlush>
        <Table
          label="Rules that are built in"
          columns={BUILT_IN}
          count={builtIn.length}
          row={at => builtIn[at]}
        />
      </Card>
    </div>
  );
}
