import { useState } from 'preact/hooks';
import type { Input, Produced, ProduceRequest } from '../../../api/messages.ts';
import { FormDialog } from '../../components/dialog.tsx';
import { Field, Select, TextArea, TextInput } from '../../components/form.tsx';
import { parseHeaders } from '../../format/setting_lines.ts';
import { send } from '../../state/api_client.ts';
import { toast } from '../../state/toasts.ts';
import { SchemaFields, type SchemaParts } from './schema_fields.tsx';

type InputEncoding = NonNullable<Input['encoding']> | 'none';

/** What the dialog begins with. */
export interface ProduceStart {
  readonly partition?: string;
  readonly key?: string;
  readonly keyEncoding?: InputEncoding;
  readonly value?: string;
  readonly valueEncoding?: InputEncoding;
  readonly headers?: string;
}

interface ProduceDialogProps {
  readonly topic: string;
  readonly partitions: number;
  readonly start: ProduceStart;
  onProduced(): void;
  onClose(): void;
}

const KEY_ENCODINGS: readonly (readonly [InputEncoding, string])[] = [
  ['none', 'none'],
  ['text', 'text'],
  ['json', 'JSON'],
  ['hex', 'hex'],
  ['base64', 'base64'],
];
const VALUE_ENCODINGS: typeof KEY_ENCODINGS = [
  ['text', 'text'],
  ['json', 'JSON'],
  ['hex', 'hex'],
  ['base64', 'base64'],
  ['avro', 'Avro'],
  ['protobuf', 'Protobuf'],
  ['none', 'null (tombstone)'],
];
const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

export function ProduceDialog({ topic, partitions, start, onProduced, onClose }: ProduceDialogProps) {
  const [partition, setPartition] = useState(start.partition ?? 'auto');
  const [key, setKey] = useState(start.key ?? '');
  const [keyEncoding, setKeyEncoding] = useState<InputEncoding>(start.keyEncoding ?? 'text');
  const [value, setValue] = useState(start.value ?? '');
  const [valueEncoding, setValueEncoding] = useState<InputEncoding>(start.valueEncoding ?? 'text');
  const [headerLines, setHeaderLines] = useState(start.headers ?? '');
  const [count, setCount] = useState('1');
  const [compression, setCompression] = useState('none');
  const [schema, setSchema] = useState<SchemaParts>({ schemaText: '', messageType: '', framing: 'none' });

  const { headers, problem } = parseHeaders(headerLines);
  const isCountGood = /^\d+$/.test(count) && Number(count) >= 1 && Number(count) <= 1000;
  const produce = async () => {
    const request: ProduceRequest = {
      ...(partition !== 'auto' && { partition: Number(partition) }),
      // An empty field is no key: an empty key is rarely meant.
      key: keyEncoding === 'none' || key === '' ? null : { text: key, encoding: keyEncoding },
      value: inputOf(value, valueEncoding, schema),
      headers: headers.map(header => ({ name: header.name, value: { text: header.value } })),
      count: Number(count),
      compression: compression as (typeof COMPRESSIONS)[number],
    };
    const path = `topics/${encodeURIComponent(topic)}/messages/produce`;
    const produced = await send<Produced>('POST', path, request);
    const what = produced.count === 1 ? 'The record is' : `${produced.count} records are`;
    toast('good', `${what} in ${produced.topic}-${produced.partition} at offset ${produced.offset}.`);
    onProduced();
  };
  const partitionChoices = Array.from({ length: partitions }, (_, at) => [String(at), String(at)] as const);
  return (
    <FormDialog
      title={`Produce to ${topic}`}
      verb="Produce"
      isWide
      isReady={problem === undefined && isCountGood}
      onSubmit={produce}
      onClose={onClose}
    >
      <div class="fields columns">
        <Field label="Key">
          {attributes => <TextInput {...attributes} isMono value={key} onInput={setKey} />}
        </Field>
        <Field label="Key is">
          {attributes => (
            <Select
              {...attributes}
              value={keyEncoding}
              choices={KEY_ENCODINGS}
              onChoose={chosen => setKeyEncoding(chosen as InputEncoding)}
            />
          )}
        </Field>
        <Field label="Value is">
          {attributes => (
            <Select
              {...attributes}
              value={valueEncoding}
              choices={VALUE_ENCODINGS}
              onChoose={chosen => setValueEncoding(chosen as InputEncoding)}
            />
          )}
        </Field>
      </div>
      {valueEncoding !== 'none' && (
        <Field
          label="Value"
          hint={
            valueEncoding === 'avro' || valueEncoding === 'protobuf'
              ? 'In JSON; it is encoded by the schema'
              : undefined
          }
        >
          {attributes => <TextArea {...attributes} rows={7} value={value} onInput={setValue} />}
        </Field>
      )}
      {(valueEncoding === 'avro' || valueEncoding === 'protobuf') && (
        <SchemaFields
          kind={valueEncoding}
          {...schema}
          onChange={change => setSchema(before => ({ ...before, ...change }))}
        />
      )}
      <Field label="Headers" hint="One a line: name: value" problem={problem}>
        {attributes => <TextArea {...attributes} rows={2} value={headerLines} onInput={setHeaderLines} />}
      </Field>
      <div class="fields columns">
        <Field label="Partition">
          {attributes => (
            <Select
              {...attributes}
              value={partition}
              choices={[['auto', 'chosen by the key'], ...partitionChoices]}
              onChoose={setPartition}
            />
          )}
        </Field>
        <Field label="Compression">
          {attributes => (
            <Select
              {...attributes}
              value={compression}
              choices={COMPRESSIONS.map(each => [each, each] as const)}
              onChoose={setCompression}
            />
          )}
        </Field>
        <Field label="Copies" problem={isCountGood ? undefined : 'From 1 to 1,000.'}>
          {attributes => <TextInput {...attributes} isNumber value={count} onInput={setCount} />}
        </Field>
      </div>
    </FormDialog>
  );
}

function inputOf(text: string, encoding: InputEncoding, schema: SchemaParts): Input | null {
  if (encoding === 'none') return null;
  if (encoding !== 'avro' && encoding !== 'protobuf') return { text, encoding };
  const { schemaText, messageType, framing } = schema;
  return {
    text,
    encoding,
    schema: { text: schemaText, framing, ...(messageType !== '' && { messageType }) },
  };
}
