import { useState } from 'preact/hooks';
import type { AddPartitionsRequest, TopicDetails, TrimRequest, TrimResult } from '../../../api/topics.ts';
import { ConfirmDialog, FormDialog } from '../../components/dialog.tsx';
import { Field, Select, TextInput } from '../../components/form.tsx';
import { Note } from '../../components/states.tsx';
import { counted } from '../../format/numbers.ts';
import { parseTime } from '../../format/times.ts';
import { send } from '../../state/api_client.ts';
import { preferences } from '../../state/preferences.ts';
import { linkTo, navigate } from '../../state/route.ts';
import { toast } from '../../state/toasts.ts';

export type TopicAction = 'add partitions' | 'trim' | 'delete';

interface TopicActionProps {
  readonly topic: TopicDetails;
  onDone(): void;
  onClose(): void;
}

export function TopicActionDialog({ action, ...props }: TopicActionProps & { readonly action: TopicAction }) {
  switch (action) {
    case 'add partitions':
      return <AddPartitionsDialog {...props} />;
    case 'trim':
      return <TrimDialog {...props} />;
    case 'delete':
      return <DeleteDialog {...props} />;
  }
}

function AddPartitionsDialog({ topic, onDone, onClose }: TopicActionProps) {
  const [count, setCount] = useState(String(topic.partitions + 1));
  const wanted = Number(count);
  const isMore = Number.isInteger(wanted) && wanted > topic.partitions;
  const add = async () => {
    const request: AddPartitionsRequest = { count: wanted };
    await send('POST', `topics/${encodeURIComponent(topic.name)}/partitions`, request);
    toast('good', `${topic.name} has ${counted(wanted, 'partition')} now.`);
    onDone();
  };
  return (
    <FormDialog
      title={`Add partitions to ${topic.name}`}
      verb="Add"
      isReady={isMore}
      onSubmit={add}
      onClose={onClose}
    >
      <Field
        label="Partitions afterwards"
        problem={
          isMore ? undefined : `It has ${topic.partitions}: partitions can be added, and not taken away.`
        }
      >
        {attributes => <TextInput {...attributes} isNumber value={count} onInput={setCount} />}
      </Field>
      <Note tone="warn">
        Records with a key go to another partition from then on: who needs the order of all records of a key
        must know that.
      </Note>
    </FormDialog>
  );
}

function TrimDialog({ topic, onDone, onClose }: TopicActionProps) {
  const [kind, setKind] = useState<'time' | 'offset' | 'end'>('time');
  const [place, setPlace] = useState('');
  const [partition, setPartition] = useState('all');
  const before = trimPlace(kind, place);
  const trim = async () => {
    const request: TrimRequest = {
      before: before!,
      ...(partition !== 'all' && { partitions: [Number(partition)] }),
    };
    const { partitions } = await send<TrimResult>(
      'POST',
      `topics/${encodeURIComponent(topic.name)}/trim`,
      request,
    );
    const failures = partitions.filter(({ error }) => error !== null);
    if (failures.length > 0) {
      throw new Error(failures.map(each => `Partition ${each.partition}: ${each.error}`).join(' '));
    }
    toast('good', `Trimmed ${counted(partitions.length, 'partition')} of ${topic.name}.`);
    onDone();
  };
  return (
    <FormDialog
      title={`Trim ${topic.name}`}
      verb="Delete these records"
      tone="danger primary"
      isReady={before !== undefined}
      onSubmit={trim}
      onClose={onClose}
    >
      <p>Deletes the oldest records, up to a place that you name. They can not be had back.</p>
      <div class="fields columns">
        <Field label="Partition">
          {attributes => (
            <Select
              {...attributes}
              value={partition}
              choices={[
                ['all', 'all'],
                ...topic.partitionDetails.map(
                  each => [String(each.partition), String(each.partition)] as const,
                ),
              ]}
              onChoose={setPartition}
            />
          )}
        </Field>
        <Field label="The first that stays">
          {attributes => (
            <Select
              {...attributes}
              value={kind}
              choices={[
                ['time', 'from a time on'],
                ['offset', 'from an offset on'],
                ['end', 'none: delete all'],
              ]}
              onChoose={chosen => setKind(chosen as typeof kind)}
            />
          )}
        </Field>
      </div>
      {kind !== 'end' && (
        <Field
          label={kind === 'time' ? 'Time' : 'Offset'}
          hint={
            kind === 'time'
              ? `2026-11-30 12:00, ${preferences.value.timeZone === 'utc' ? 'in UTC' : 'in your time'}`
              : undefined
          }
          problem={place !== '' && before === undefined ? 'This is none.' : undefined}
        >
          {attributes => <TextInput {...attributes} isMono value={place} onInput={setPlace} />}
        </Field>
      )}
    </FormDialog>
  );
}

function trimPlace(kind: 'time' | 'offset' | 'end', place: string): TrimRequest['before'] | undefined {
  if (kind === 'end') return 'end';
  if (kind === 'offset') return /^\d+$/.test(place.trim()) ? { offset: place.trim() } : undefined;
  const timeMs = parseTime(place, preferences.value.timeZone);
  return timeMs === undefined ? undefined : { timeMs };
}

function DeleteDialog({ topic, onClose }: TopicActionProps) {
  const remove = async () => {
    await send('DELETE', `topics/${encodeURIComponent(topic.name)}`);
    toast('good', `Topic ${topic.name} is deleted.`);
    navigate(linkTo(['topics']));
  };
  return (
    <ConfirmDialog
      title={`Delete ${topic.name}`}
      verb="Delete the topic"
      typed={topic.name}
      onConfirm={remove}
      onClose={onClose}
    >
      <p>
        Deletes its {counted(topic.partitions, 'partition')} with all their records, on every broker. Nothing
        brings them back.
        {topic.groups.length > 0 &&
          ` ${counted(topic.groups.length, 'group')} read it: ${topic.groups.slice(0, 5).join(', ')}.`}
      </p>
    </ConfirmDialog>
  );
}
