import { useState } from 'preact/hooks';
import type { Message, MessageQuery, Payload, Produced, ReproduceRequest } from '../../../api/messages.ts';
import { Action, CopyButton, Segments } from '../../components/button.tsx';
import { Dialog, FormDialog } from '../../components/dialog.tsx';
import { Field, TextInput } from '../../components/form.tsx';
import { Loaded } from '../../components/states.tsx';
import { formatBytes } from '../../format/numbers.ts';
import { formatTime } from '../../format/times.ts';
import { apiUrl, get, problemOf, send } from '../../state/api_client.ts';
import { preferences } from '../../state/preferences.ts';
import { useResource } from '../../state/resource.ts';
import { useStore } from '../../state/store.ts';
import { toast } from '../../state/toasts.ts';
import { PayloadView } from './payload_view.tsx';
import type { ProduceStart } from './produce_dialog.tsx';

type View = 'auto' | 'json' | 'text' | 'hex' | 'base64';

const VIEWS: readonly { readonly value: View; readonly text: string }[] = [
  { value: 'auto', text: 'As found' },
  { value: 'json', text: 'JSON' },
  { value: 'text', text: 'Text' },
  { value: 'hex', text: 'Hex' },
  { value: 'base64', text: 'Base64' },
];

interface MessageDialogProps {
  readonly topic: string;
  readonly message: Message;
  /** With which it was found: an Avro or Protobuf value stays as it was decoded. */
  readonly query: MessageQuery;
  onProduceAgain(start: ProduceStart): void;
  onClose(): void;
}

/** A record whole: its value in the form that is chosen, key, headers and where it stands. */
export function MessageDialog({ topic, message, query, onProduceAgain, onClose }: MessageDialogProps) {
  const { timeZone } = useStore(preferences);
  const [view, setView] = useState<View>('auto');
  const [isCopying, setCopying] = useState(false);
  const { partition, offset } = message;
  const path = `topics/${encodeURIComponent(topic)}/messages/${partition}/${offset}`;
  const isDecoded = query.valueForm === 'avro' || query.valueForm === 'protobuf';
  // What the table has may be cut, and is in the form of the search.
  const whole = useResource<Message>(view === 'auto' && isDecoded ? undefined : path, {
    query: { keyForm: view, valueForm: view },
  });
  const shown = { ...whole, data: whole.data ?? (view === 'auto' ? message : undefined) };

  const again = async () => {
    try {
      onProduceAgain(await startFrom(path, message));
      onClose();
    } catch (error) {
      toast('bad', `Could not read the whole record: ${problemOf(error)}`);
    }
  };
  return (
    <>
      <Dialog
        title={`${topic}-${partition} at offset ${offset}`}
        isWide
        onClose={onClose}
        foot={
          <>
            <Action needs="operator" onClick={() => setCopying(true)}>
              Copy to a topic
            </Action>
            <Action needs="operator" tone="primary" onClick={() => void again()}>
              Produce again
            </Action>
          </>
        }
      >
        <dl class="facts">
          <dt>Time</dt>
          <dd>
            {formatTime(message.timestampMs, { timeZone, hasMilliseconds: true })}{' '}
            <span class="muted">set by the {message.timestampType === 'create' ? 'producer' : 'broker'}</span>
          </dd>
          <dt>Size</dt>
          <dd>
            {formatBytes(message.sizeBytes)} <span class="muted">leader epoch {message.leaderEpoch}</span>
          </dd>
        </dl>
        <Segments label="Show as" value={view} choices={VIEWS} onChoose={chosen => setView(chosen)} />
        <Loaded of={shown} what="the record">
          {record => (
            <>
              <Part name="Key" payload={record.key} download={apiUrl(`${path}/key`)} none="none" />
              <Part
                name="Value"
                payload={record.value}
                download={apiUrl(`${path}/value`)}
                none="null: a tombstone, which in a compacted topic deletes what has its key"
              />
              <Headers message={record} />
            </>
          )}
        </Loaded>
      </Dialog>
      {isCopying && <CopyDialog topic={topic} message={message} onClose={() => setCopying(false)} />}
    </>
  );
}

interface PartProps {
  readonly name: string;
  readonly payload: Payload | null;
  readonly download: string;
  /** What it says where there is none. */
  readonly none: string;
}

function Part({ name, payload, download, none }: PartProps) {
  return (
    <section aria-label={name}>
      <div class="row">
        <h3>{name}</h3>
        {payload !== null && (
          <>
            <span class="muted small">
              {payload.form}, {formatBytes(payload.sizeBytes)}
            </span>
            <CopyButton text={payload.text} what={`the ${name.toLowerCase()}`} />
            <a class="small" href={download} download>
              Download the bytes
            </a>
          </>
        )}
      </div>
      {payload === null ? <p class="muted">{none}</p> : <PayloadView payload={payload} label={name} />}
    </section>
  );
}

function Headers({ message }: { message: Message }) {
  if (message.headers.length === 0) return null;
  return (
    <section aria-label="Headers">
      <h3>Headers</h3>
      <dl class="facts">
        {message.headers.map(({ name, value }, at) => (
          <HeaderLine key={at} name={name} value={value} />
        ))}
      </dl>
    </section>
  );
}

function HeaderLine({ name, value }: { name: string; value: Payload | null }) {
  return (
    <>
      <dt>
        <code>{name}</code>
      </dt>
      <dd>{value === null ? <span class="muted">null</span> : <code>{value.text}</code>}</dd>
    </>
  );
}

/** What the dialog to produce begins with: the record, so far as it is text. Bytes that are not go as base64. */
async function startFrom(path: string, message: Message): Promise<ProduceStart> {
  const whole = await get<Message>(path);
  if (whole.value?.isCut === true || whole.key?.isCut === true) {
    throw new Error(
      'it is too large to be edited here. Copy it to a topic instead: that takes its bytes as they are.',
    );
  }
  const isBinary = (payload: Payload | null) => payload?.form === 'hex';
  const headers = whole.headers
    .filter(({ value }) => value !== null)
    .map(({ name, value }) => `${name}: ${value!.text}`);
  return {
    partition: String(message.partition),
    key: whole.key?.text ?? '',
    keyEncoding: whole.key === null ? 'none' : isBinary(whole.key) ? 'hex' : 'text',
    value: whole.value?.text ?? '',
    valueEncoding: whole.value === null ? 'none' : isBinary(whole.value) ? 'hex' : 'text',
    headers: headers.join('\n'),
  };
}

function CopyDialog({ topic, message, onClose }: { topic: string; message: Message; onClose(): void }) {
  const [toTopic, setToTopic] = useState(topic);
  const copy = async () => {
    const request: ReproduceRequest = { partition: message.partition, offset: message.offset, toTopic };
    const path = `topics/${encodeURIComponent(topic)}/messages/reproduce`;
    const produced = await send<Produced>('POST', path, request);
    toast('good', `Copied to ${produced.topic}-${produced.partition} at offset ${produced.offset}.`);
  };
  return (
    <FormDialog
      title="Copy the record"
      verb="Copy"
      isReady={toTopic !== ''}
      onSubmit={copy}
      onClose={onClose}
    >
      <p>Produces its key, value and headers again, byte for byte. The partition is chosen by the key.</p>
      <Field label="To the topic">
        {attributes => <TextInput {...attributes} isMono value={toTopic} onInput={setToTopic} />}
      </Field>
    </FormDialog>
  );
}
