import type { FormChoice } from '../../../api/messages.ts';
import { Button } from '../../components/button.tsx';
import { Check, Field, Select, TextInput } from '../../components/form.tsx';
import { type MessageForm, type Place, problemOfForm } from './message_form.ts';
import { SchemaFields } from './schema_fields.tsx';

interface QueryFormProps {
  readonly form: MessageForm;
  readonly partitions: number;
  readonly timeZone: 'local' | 'utc';
  readonly state: 'idle' | 'scanning' | 'live';
  onChange(change: Partial<MessageForm>): void;
  onSearch(): void;
  onFollow(): void;
  onStop(): void;
}

const FORMS: readonly (readonly [FormChoice, string])[] = [
  ['auto', 'as it is'],
  ['json', 'JSON'],
  ['text', 'text'],
  ['hex', 'hex'],
  ['base64', 'base64'],
];
const VALUE_FORMS: typeof FORMS = [...FORMS, ['avro', 'Avro'], ['protobuf', 'Protobuf']];

/** Where to begin, what to leave out and how to show it. */
export function QueryForm(props: QueryFormProps) {
  const { form, partitions, timeZone, state, onChange, onSearch, onFollow, onStop } = props;
  const { place } = form;
  const problem = problemOfForm(form, timeZone);
  const partitionChoices = Array.from({ length: partitions }, (_, at) => [String(at), String(at)] as const);
  return (
    <form
      class="fields"
      onSubmit={event => {
        event.preventDefault();
        if (problem === undefined) onSearch();
      }}
    >
      <div class="toolbar">
        <Field label="Begin at">
          {attributes => (
            <Select
              {...attributes}
              value={place}
              choices={[
                ['newest', 'the newest'],
                ['oldest', 'the oldest'],
                ['offset', 'an offset'],
                ['time', 'a time'],
              ]}
              onChoose={chosen => onChange({ place: chosen as Place, at: '' })}
            />
          )}
        </Field>
        {(place === 'offset' || place === 'time') && (
          <Field label={place === 'offset' ? 'Offset' : `Time${timeZone === 'utc' ? ' in UTC' : ''}`}>
            {attributes => (
              <TextInput
                {...attributes}
                isMono
                placeholder={place === 'offset' ? '0' : '2026-11-30 12:00'}
                value={form.at}
                onInput={at => onChange({ at })}
              />
            )}
          </Field>
        )}
        <Field label="Partition">
          {attributes => (
            <Select
              {...attributes}
              value={form.partition}
              choices={[['all', 'all'], ...partitionChoices]}
              onChoose={partition => onChange({ partition })}
            />
          )}
        </Field>
        <Field label="Records">
          {attributes => (
            <TextInput
              {...attributes}
              isNumber
              width="74px"
              value={form.limit}
              onInput={limit => onChange({ limit })}
            />
          )}
        </Field>
        <div class="grow">
          <Field label="Value contains">
            {attributes => (
              <TextInput
                {...attributes}
                isFilter
                placeholder="part of it, or /an expression/"
                value={form.valueFilter}
                onInput={valueFilter => onChange({ valueFilter })}
              />
            )}
          </Field>
        </div>
        {state === 'idle' ? (
          <>
            <Button type="submit" tone="primary" icon="search" isDisabled={problem !== undefined}>
              Search
            </Button>
            <Button icon="play" onClick={onFollow}>
              Live
            </Button>
          </>
        ) : (
          <Button icon="pause" onClick={onStop}>
            Stop
          </Button>
        )}
      </div>
      {problem !== undefined && form.at !== '' && <p class="problem">{problem}</p>}
      <MoreFilters form={form} onChange={onChange} />
    </form>
  );
}

function MoreFilters({ form, onChange }: Pick<QueryFormProps, 'form' | 'onChange'>) {
  const { valueForm } = form;
  return (
    <details class="more">
      <summary>More filters, key lookup and schemas</summary>
      <div class="fields">
        <div class="fields columns">
          <Field label="The very key" hint="Looks in its partition alone">
            {attributes => (
              <TextInput {...attributes} isMono value={form.key} onInput={key => onChange({ key })} />
            )}
          </Field>
          <Field label="Key contains">
            {attributes => (
              <TextInput
                {...attributes}
                value={form.keyFilter}
                onInput={keyFilter => onChange({ keyFilter })}
              />
            )}
          </Field>
          <Field label="Header" hint="name, or name=part of it">
            {attributes => (
              <TextInput
                {...attributes}
                value={form.headerFilter}
                onInput={headerFilter => onChange({ headerFilter })}
              />
            )}
          </Field>
          <Field label="Field in the value" hint="order.items.0.sku=A-1">
            {attributes => (
              <TextInput
                {...attributes}
                isMono
                value={form.jsonFilter}
                onInput={jsonFilter => onChange({ jsonFilter })}
              />
            )}
          </Field>
        </div>
        <div class="fields columns">
          <Field label="Show keys as">
            {attributes => (
              <Select
                {...attributes}
                value={form.keyForm}
                choices={FORMS}
                onChoose={chosen => onChange({ keyForm: chosen as FormChoice })}
              />
            )}
          </Field>
          <Field label="Show values as">
            {attributes => (
              <Select
                {...attributes}
                value={valueForm}
                choices={VALUE_FORMS}
                onChoose={chosen => onChange({ valueForm: chosen as FormChoice })}
              />
            )}
          </Field>
          <Field label="Tombstones">
            {attributes => (
              <Select
                {...attributes}
                value={form.tombstones}
                choices={[
                  ['all', 'shown'],
                  ['none', 'left out'],
                  ['only', 'alone'],
                ]}
                onChoose={chosen => onChange({ tombstones: chosen as MessageForm['tombstones'] })}
              />
            )}
          </Field>
        </div>
        <Check
          label="Without records of transactions that are open or were aborted"
          isChecked={form.isCommittedOnly}
          onCheck={isCommittedOnly => onChange({ isCommittedOnly })}
        />
        {(valueForm === 'avro' || valueForm === 'protobuf') && (
          <SchemaFields kind={valueForm} {...form} onChange={onChange} />
        )}
      </div>
    </details>
  );
}
