import { Field, Select, TextArea, TextInput } from '../../components/form.tsx';

export interface SchemaParts {
  readonly schemaText: string;
  readonly messageType: string;
  readonly framing: 'none' | 'confluent';
}

interface SchemaFieldsProps extends SchemaParts {
  readonly kind: 'avro' | 'protobuf';
  onChange(change: Partial<SchemaParts>): void;
}

/** The schema that values are read or written with. */
export function SchemaFields({ kind, schemaText, messageType, framing, onChange }: SchemaFieldsProps) {
  return (
    <div class="fields">
      <Field
        label={kind === 'avro' ? 'Avro schema' : '.proto file'}
        hint={
          kind === 'avro'
            ? 'The schema of the values, in JSON'
            : 'The text of the file that declares the message'
        }
      >
        {attributes => (
          <TextArea
            {...attributes}
            rows={6}
            value={schemaText}
            onInput={text => onChange({ schemaText: text })}
          />
        )}
      </Field>
      <div class="fields columns">
        {kind === 'protobuf' && (
          <Field label="Message" hint="With its package; the first without it">
            {attributes => (
              <TextInput
                {...attributes}
                isMono
                value={messageType}
                onInput={text => onChange({ messageType: text })}
              />
            )}
          </Field>
        )}
        <Field label="Before the bytes">
          {attributes => (
            <Select
              {...attributes}
              value={framing}
              choices={[
                ['none', 'nothing'],
                ['confluent', 'the id of a schema registry'],
              ]}
              onChoose={chosen => onChange({ framing: chosen as SchemaParts['framing'] })}
            />
          )}
        </Field>
      </div>
    </div>
  );
}
