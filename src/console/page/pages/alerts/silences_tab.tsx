import { useState } from 'preact/hooks';
import type { Silence, SilenceRequest } from '../../../api/alerts.ts';
import { Badge } from '../../components/badge.tsx';
import { Action } from '../../components/button.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { Field, Select, TextArea, TextInput } from '../../components/form.tsx';
import { Card, Empty } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { formatMatcher, parseMatchers } from '../../format/matchers.ts';
import { formatDuration, formatTime } from '../../format/times.ts';
import { problemOf, send } from '../../state/api_client.ts';
import { preferences } from '../../state/preferences.ts';
import { session } from '../../state/session.ts';
import { useStore } from '../../state/store.ts';
import { toast } from '../../state/toasts.ts';

/** What the dialog begins with: a matcher a line. */
export interface SilenceStart {
  readonly matchers: string;
}

export function SilencesTab({ silences, onChanged }: { silences: readonly Silence[]; onChanged(): void }) {
  const { timeZone } = useStore(preferences);
  if (silences.length === 0) {
    return (
      <Card>
        <Empty title="Nothing is silenced">
          <p>
            A silence keeps alerts that you know of from being told, until it ends. It is made with the button
            above.
          </p>
        </Empty>
      </Card>
    );
  }
  const end = async (id: string) => {
    try {
      await send('DELETE', `silences/${encodeURIComponent(id)}`);
      toast('good', 'The silence is over.');
      onChanged();
    } catch (error) {
      toast('bad', `The silence could not be ended: ${problemOf(error)}`);
    }
  };
  const columns: readonly Column<Silence>[] = [
    {
      key: 'matchers',
      title: 'Of alerts with',
      width: '34%',
      cell: ({ matchers }) => {
        const text = matchers.map(formatMatcher).join(', ');
        return <code title={text}>{text}</code>;
      },
    },
    { key: 'comment', title: 'Comment', cell: ({ comment }) => <span title={comment}>{comment}</span> },
    { key: 'by', title: 'By', width: '110px', isWide: true, cell: ({ createdBy }) => createdBy },
    {
      key: 'ends',
      title: 'Ends',
      width: '190px',
      cell: ({ endsAt }) => (
        <span title={formatTime(Date.parse(endsAt), { timeZone })}>{endsIn(endsAt)}</span>
      ),
    },
    {
      key: 'end',
      title: 'End',
      width: '110px',
      cell: ({ id, comment }) => (
        <Action needs="operator" isSmall label={`End the silence: ${comment}`} onClick={() => void end(id)}>
          End it
        </Action>
      ),
    },
  ];
  return (
    <Card isFlush>
      <Table label="Silences" columns={columns} count={silences.length} row={at => silences[at]} />
    </Card>
  );
}

function endsIn(endsAt: string) {
  const leftMs = Date.parse(endsAt) - Date.now();
  return leftMs > 0 ? `in ${formatDuration(leftMs)}` : <Badge isPlain>over</Badge>;
}

interface SilenceDialogProps {
  readonly start: SilenceStart;
  onMade(): void;
  onClose(): void;
}

export function SilenceDialog({ start, onMade, onClose }: SilenceDialogProps) {
  const { me } = useStore(session);
  const [lines, setLines] = useState(start.matchers);
  const [hours, setHours] = useState('2');
  const [comment, setComment] = useState('');
  const [createdBy, setCreatedBy] = useState(me?.user ?? '');
  const { matchers, problem } = parseMatchers(lines);
  const make = async () => {
    const request: SilenceRequest = {
      matchers,
      endsAt: new Date(Date.now() + Number(hours) * 3_600_000).toISOString(),
      createdBy,
      comment,
    };
    await send<Silence>('POST', 'silences', request);
    toast('good', `Silenced for ${formatDuration(Number(hours) * 3_600_000)}.`);
    onMade();
  };
  const isReady = problem === undefined && matchers.length > 0 && comment !== '' && createdBy !== '';
  return (
    <FormDialog title="Silence alerts" verb="Silence" isReady={isReady} onSubmit={make} onClose={onClose}>
      <Field
        label="Alerts with all of these labels"
        hint="One a line: alertname=BrokerDown, topic=~orders.*, severity!=critical"
        problem={problem}
      >
        {attributes => <TextArea {...attributes} rows={4} value={lines} onInput={setLines} />}
      </Field>
      <div class="fields columns">
        <Field label="For">
          {attributes => (
            <Select
              {...attributes}
              value={hours}
              choices={[
                ['0.5', '30 minutes'],
                ['2', '2 hours'],
                ['8', '8 hours'],
                ['24', '1 day'],
                ['168', '7 days'],
              ]}
              onChoose={setHours}
            />
          )}
        </Field>
        <Field label="By">
          {attributes => <TextInput {...attributes} value={createdBy} onInput={setCreatedBy} />}
        </Field>
      </div>
      <Field label="Why" hint="Whoever wonders why nothing came reads this">
        {attributes => <TextInput {...attributes} value={comment} onInput={setComment} />}
      </Field>
    </FormDialog>
  );
}
