import { useEffect, useState } from 'preact/hooks';
import type { GroupDetails, GroupReset, GroupResetRequest } from '../../../api/groups.ts';
import { FormDialog } from '../../components/dialog.tsx';
import { Field, Select, TextInput } from '../../components/form.tsx';
import { Note } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { counted, groupDigits } from '../../format/numbers.ts';
import { parseTime } from '../../format/times.ts';
import { problemOf, send } from '../../state/api_client.ts';
import { useSettled } from '../../state/paged_list.ts';
import { preferences } from '../../state/preferences.ts';
import { toast } from '../../state/toasts.ts';

type Kind = 'start' | 'end' | 'time' | 'offset' | 'shift';

interface ResetDialogProps {
  readonly group: GroupDetails;
  readonly topic: string | undefined;
  readonly partition: number | undefined;
  onDone(): void;
  onClose(): void;
}

/** Shows where each partition would go before anything is changed. */
export function ResetDialog({ group, topic, partition, onDone, onClose }: ResetDialogProps) {
  const [chosenTopic, setChosenTopic] = useState(topic ?? 'all');
  const [kind, setKind] = useState<Kind>(topic === undefined ? 'start' : 'offset');
  const [place, setPlace] = useState('');
  const to = resetPlace(kind, place);
  const request: GroupResetRequest | undefined = to && {
    to,
    ...(chosenTopic !== 'all' && {
      topics: [{ topic: chosenTopic, ...(partition !== undefined && { partitions: [partition] }) }],
    }),
  };
  const path = `groups/${encodeURIComponent(group.id)}/reset`;
  const { preview, problem } = usePreview(path, request);
  const reset = async () => {
    const { partitions } = await send<GroupReset>('POST', path, { ...request, execute: true });
    const failures = partitions.filter(({ error }) => error !== null);
    if (failures.length > 0) {
      throw new Error(failures.map(each => `${each.topic}-${each.partition}: ${each.error}`).join(' '));
    }
    toast('good', `${group.id} goes on from the new offsets in ${counted(partitions.length, 'partition')}.`);
    onDone();
  };
  const topics = [...new Set(group.partitions.map(each => each.topic))];
  return (
    <FormDialog
      title={`Reset the offsets of ${group.id}`}
      verb="Reset"
      isWide
      isReady={preview !== undefined}
      onSubmit={reset}
      onClose={onClose}
    >
      {group.members > 0 && (
        <Note tone="warn">
          {counted(group.members, 'member')} of the group {group.members === 1 ? 'is' : 'are'} at work and
          would commit over it: stop the consumers first.
        </Note>
      )}
      <div class="fields columns">
        {partition === undefined ? (
          <Field label="Topic">
            {attributes => (
              <Select
                {...attributes}
                value={chosenTopic}
                choices={[['all', 'all that it reads'], ...topics.map(each => [each, each] as const)]}
                onChoose={setChosenTopic}
              />
            )}
          </Field>
        ) : (
          <div class="field">
            <span class="label">Partition</span>
            <span>
              {topic}-{partition}
            </span>
          </div>
        )}
        <Field label="To">
          {attributes => (
            <Select
              {...attributes}
              value={kind}
              choices={[
                ['start', 'the first record'],
                ['end', 'the end: skip all'],
                ['time', 'a time'],
                ['offset', 'an offset'],
                ['shift', 'so many forth or back'],
              ]}
              onChoose={chosen => {
                setKind(chosen as Kind);
                setPlace('');
              }}
            />
          )}
        </Field>
        {kind !== 'start' && kind !== 'end' && (
          <Field
            label={PLACE_LABELS[kind]}
            problem={place !== '' && to === undefined ? 'This is none.' : undefined}
          >
            {attributes => (
              <TextInput
                {...attributes}
                isMono
                placeholder={PLACEHOLDERS[kind]}
                value={place}
                onInput={setPlace}
              />
            )}
          </Field>
        )}
      </div>
      {problem !== undefined && <Note tone="bad">{problem}</Note>}
      {preview !== undefined && <Preview preview={preview} />}
    </FormDialog>
  );
}

const PLACE_LABELS = { time: 'Time', offset: 'Offset', shift: 'Records' } as const;
const PLACEHOLDERS = { time: '2026-11-30 12:00', offset: '0', shift: '-100' } as const;

function resetPlace(kind: Kind, place: string): GroupResetRequest['to'] | undefined {
  const text = place.trim();
  switch (kind) {
    case 'start':
    case 'end':
      return kind;
    case 'offset':
      return /^\d+$/.test(text) ? { offset: text } : undefined;
    case 'shift':
      return /^[+-]?\d+$/.test(text) ? { shift: text.replace('+', '') } : undefined;
    case 'time': {
      const timeMs = parseTime(text, preferences.value.timeZone);
      return timeMs === undefined ? undefined : { timeMs };
    }
  }
}

/** What the node says that a reset would do. */
function usePreview(path: string, request: GroupResetRequest | undefined) {
  const [answer, setAnswer] = useState<{
    readonly of: string;
    readonly preview?: GroupReset;
    readonly problem?: string;
  }>({
    of: '',
  });
  const wanted = JSON.stringify(request);
  const settled = useSettled(wanted);
  useEffect(() => {
    if (settled === undefined) return;
    const controller = new AbortController();
    void send<GroupReset>('POST', path, JSON.parse(settled), controller.signal).then(
      preview => setAnswer({ of: settled, preview }),
      error => {
        if (!controller.signal.aborted) setAnswer({ of: settled, problem: problemOf(error) });
      },
    );
    return () => controller.abort();
  }, [path, settled]);
  const isCurrent = wanted !== undefined && answer.of === wanted;
  return { preview: isCurrent ? answer.preview : undefined, problem: isCurrent ? answer.problem : undefined };
}

type PreviewRow = GroupReset['partitions'][number];

const PREVIEW_COLUMNS: readonly Column<PreviewRow>[] = [
  { key: 'partition', title: 'Partition', cell: ({ topic, partition }) => `${topic}-${partition}` },
  { key: 'from', title: 'From', isNumber: true, cell: ({ from }) => <code>{from ?? 'none'}</code> },
  { key: 'to', title: 'To', isNumber: true, cell: ({ to }) => <code>{to}</code> },
  { key: 'move', title: 'Records', isNumber: true, cell: ({ from, to }) => moveOf(from, to) },
  { key: 'lag', title: 'Lag then', isNumber: true, cell: ({ lag }) => groupDigits(lag) },
];

function moveOf(from: string | null, to: string): string {
  if (from === null) return '–';
  const move = BigInt(to) - BigInt(from);
  return move > 0n
    ? `skips ${groupDigits(String(move))}`
    : move < 0n
      ? `again ${groupDigits(String(-move))}`
      : 'stays';
}

function Preview({ preview }: { preview: GroupReset }) {
  const { partitions } = preview;
  return (
    <section aria-label="What it would do">
      <h3>What it would do</h3>
      <Table
        label="What it would do"
        columns={PREVIEW_COLUMNS}
        count={partitions.length}
        row={at => partitions[at]}
      />
    </section>
  );
}
