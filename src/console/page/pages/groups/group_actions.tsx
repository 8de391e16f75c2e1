import { useState } from 'preact/hooks';
import type { Outcomes } from '../../../api/common.ts';
import type { DeleteOffsetsRequest, GroupDetails } from '../../../api/groups.ts';
import { ConfirmDialog, FormDialog } from '../../components/dialog.tsx';
import { Field, Select } from '../../components/form.tsx';
import { send } from '../../state/api_client.ts';
import { linkTo, navigate } from '../../state/route.ts';
import { toast } from '../../state/toasts.ts';
import { ResetDialog } from './reset_dialog.tsx';

export type GroupAction =
  | { readonly kind: 'reset'; readonly topic?: string; readonly partition?: number }
  | { readonly kind: 'delete offsets' }
  | { readonly kind: 'delete' };

interface GroupActionProps {
  readonly group: GroupDetails;
  onDone(): void;
  onClose(): void;
}

export function GroupActionDialog({ action, ...props }: GroupActionProps & { readonly action: GroupAction }) {
  switch (action.kind) {
    case 'reset':
      return <ResetDialog {...props} topic={action.topic} partition={action.partition} />;
    case 'delete offsets':
      return <ForgetDialog {...props} />;
    case 'delete':
      return <DeleteDialog {...props} />;
  }
}

function ForgetDialog({ group, onDone, onClose }: GroupActionProps) {
  const topics = [...new Set(group.partitions.map(({ topic }) => topic))];
  const [topic, setTopic] = useState(topics[0] ?? '');
  const forget = async () => {
    const request: DeleteOffsetsRequest = { topics: [{ topic }] };
    const path = `groups/${encodeURIComponent(group.id)}/delete-offsets`;
    const { outcomes } = await send<Outcomes>('POST', path, request);
    const failures = outcomes.filter(({ error }) => error !== null);
    if (failures.length > 0)
      throw new Error(failures.map(({ name, error }) => `${name}: ${error}`).join(' '));
    toast('good', `${group.id} has no offsets in ${topic} any more.`);
    onDone();
  };
  return (
    <FormDialog
      title={`Forget offsets of ${group.id}`}
      verb="Forget"
      tone="danger primary"
      isReady={topic !== ''}
      onSubmit={forget}
      onClose={onClose}
    >
      <p>For a topic that the group reads no more: it counts no longer in its lag.</p>
      <Field label="Topic">
        {attributes => (
          <Select
            {...attributes}
            value={topic}
            choices={topics.map(each => [each, each] as const)}
            onChoose={setTopic}
          />
        )}
      </Field>
    </FormDialog>
  );
}

function DeleteDialog({ group, onClose }: GroupActionProps) {
  const remove = async () => {
    await send('DELETE', `groups/${encodeURIComponent(group.id)}`);
    toast('good', `The group ${group.id} is deleted.`);
    navigate(linkTo(['groups']));
  };
  return (
    <ConfirmDialog
      title={`Delete ${group.id}`}
      verb="Delete the group"
      typed={group.id}
      onConfirm={remove}
      onClose={onClose}
    >
      <p>
        Deletes the group with all its offsets. Its consumers begin anew where auto.offset.reset says.
        {group.members > 0 && ' It has members now: stop them first.'}
      </p>
    </ConfirmDialog>
  );
}
