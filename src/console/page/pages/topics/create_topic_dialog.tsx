import { useState } from 'preact/hooks';
import type { CreatedTopic, CreateTopicRequest } from '../../../api/topics.ts';
import { Button } from '../../components/button.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { Field, Select, TextArea, TextInput } from '../../components/form.tsx';
import { Note } from '../../components/states.tsx';
import { counted } from '../../format/numbers.ts';
import { parseSettings } from '../../format/setting_lines.ts';
import { problemOf, send } from '../../state/api_client.ts';
import { toast } from '../../state/toasts.ts';

const NAME = /^[a-zA-Z0-9._-]{1,249}$/;

interface CreateTopicDialogProps {
  onClose(): void;
  onCreated(name: string): void;
}

export function CreateTopicDialog({ onClose, onCreated }: CreateTopicDialogProps) {
  const [name, setName] = useState('');
  const [partitions, setPartitions] = useState('');
  const [replicas, setReplicas] = useState('');
  const [policy, setPolicy] = useState('');
  const [retention, setRetention] = useState('');
  const [lines, setLines] = useState('');
  const [checked, setChecked] = useState<{ readonly isGood: boolean; readonly text: string } | undefined>(
    undefined,
  );

  const more = parseSettings(lines);
  const isNameBad = name !== '' && !NAME.test(name);
  const isReady = name !== '' && !isNameBad && more.problem === undefined;
  const request = (validateOnly: boolean): CreateTopicRequest => ({
    name,
    ...(partitions !== '' && { partitions: Number(partitions) }),
    ...(replicas !== '' && { replicationFactor: Number(replicas) }),
    configs: {
      ...(policy !== '' && { 'cleanup.policy': policy }),
      ...(retention !== '' && { 'retention.ms': retention }),
      ...more.settings,
    },
    validateOnly,
  });
  const check = async () => {
    try {
      const { partitions: made, replicationFactor } = await send<CreatedTopic>(
        'POST',
        'topics',
        request(true),
      );
      const text = `It can be created, with ${counted(made, 'partition')} of ${counted(replicationFactor, 'replica')}.`;
      setChecked({ isGood: true, text });
    } catch (error) {
      setChecked({ isGood: false, text: problemOf(error) });
    }
  };
  const create = async () => {
    const made = await send<CreatedTopic>('POST', 'topics', request(false));
    toast('good', `Topic ${name} is there, with ${counted(made.partitions, 'partition')}.`);
    onCreated(name);
  };
  return (
    <FormDialog
      title="Create a topic"
      verb="Create"
      isReady={isReady}
      more={
        <Button isDisabled={!isReady} onClick={() => void check()}>
          Check only
        </Button>
      }
      onSubmit={create}
      onClose={onClose}
    >
      <Field
        label="Name"
        problem={
          isNameBad ? 'A name has 1 to 249 letters (a–z), digits, dots, underscores and hyphens.' : undefined
        }
      >
        {attributes => <TextInput {...attributes} value={name} onInput={setName} isMono />}
      </Field>
      <div class="fields columns">
        <Field label="Partitions" hint="or the default">
          {attributes => <TextInput {...attributes} isNumber value={partitions} onInput={setPartitions} />}
        </Field>
        <Field label="Replicas of each" hint="or the default">
          {attributes => <TextInput {...attributes} isNumber value={replicas} onInput={setReplicas} />}
        </Field>
        <Field label="Clean-up">
          {attributes => (
            <Select
              {...attributes}
              value={policy}
              choices={[
                ['', 'default'],
                ['delete', 'delete old records'],
                ['compact', 'compact by key'],
                ['compact,delete', 'both'],
              ]}
              onChoose={setPolicy}
            />
          )}
        </Field>
        <Field label="Kept for">
          {attributes => (
            <Select
              {...attributes}
              value={retention}
              choices={[
                ['', 'default'],
                ['3600000', '1 hour'],
                ['86400000', '1 day'],
                ['604800000', '7 days'],
                ['2592000000', '30 days'],
                ['-1', 'ever'],
              ]}
              onChoose={setRetention}
            />
          )}
        </Field>
      </div>
      <Field label="More settings" hint="One a line: min.insync.replicas=2" problem={more.problem}>
        {attributes => <TextArea {...attributes} rows={3} value={lines} onInput={setLines} />}
      </Field>
      {checked !== undefined &&
        (checked.isGood ? <Note>{checked.text}</Note> : <Note tone="bad">{checked.text}</Note>)}
    </FormDialog>
  );
}
