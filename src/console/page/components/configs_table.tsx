import { useState } from 'preact/hooks';
import type { ConfigEntry, Configs, ConfigsChange } from '../../api/common.ts';
import { send } from '../state/api_client.ts';
import type { Resource } from '../state/resource.ts';
import { useWhyNot } from '../state/session.ts';
import { toast } from '../state/toasts.ts';
import { Badge } from './badge.tsx';
import { Button } from './button.tsx';
import { Dialog, FormDialog } from './dialog.tsx';
import { Check, Field, Select, TextInput } from './form.tsx';
import { Card, Empty, Loaded } from './states.tsx';
import { type Column, Table } from './table.tsx';

interface ConfigsTableProps {
  /** Whose they are: `topic orders`. */
  readonly what: string;
  /** Of the API, for PATCH. */
  readonly path: string;
  readonly configs: Resource<Configs>;
  /** Those of this source were set here: they can be taken back. */
  readonly ownSource: ConfigEntry['source'];
}

/** All settings of something, with where each value comes from; a row opens what it does, and changes it. */
export function ConfigsTable({ what, path, configs, ownSource }: ConfigsTableProps) {
  const [filter, setFilter] = useState('');
  const [isChangedOnly, setChangedOnly] = useState(false);
  const [open, setOpen] = useState<ConfigEntry | undefined>(undefined);
  return (
    <Loaded of={configs} what={`the settings of ${what}`}>
      {data => {
        const shown = data.configs.filter(entry => isShown(entry, filter, isChangedOnly));
        return (
          <>
            <div class="toolbar">
              <div class="grow">
                <TextInput
                  type="search"
                  label="Filter settings"
                  placeholder="Filter by name or what it does ( / )"
                  isFilter
                  value={filter}
                  onInput={setFilter}
                />
              </div>
              <Check
                label="Only what is not the default"
                isChecked={isChangedOnly}
                onCheck={setChangedOnly}
              />
            </div>
            <Card isFlush>
              {shown.length === 0 ? (
                <Empty title="No setting is like that">
                  <p>Take something out of the filter, or the tick beside it.</p>
                </Empty>
              ) : (
                <Table
                  label={`Settings of ${what}`}
                  columns={COLUMNS}
                  count={shown.length}
                  row={at => shown[at]}
                  onOpen={entry => setOpen(entry)}
                />
              )}
            </Card>
            {open !== undefined && (
              <ConfigDialog
                what={what}
                path={path}
                entry={open}
                isOwn={open.source === ownSource}
                onClose={() => setOpen(undefined)}
                onChanged={configs.reload}
              />
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function isShown(
  { name, source, documentation }: ConfigEntry,
  filter: string,
  isChangedOnly: boolean,
): boolean {
  if (isChangedOnly && source === 'default') return false;
  const wanted = filter.trim().toLowerCase();
  return name.includes(wanted) || (wanted.length > 2 && (documentation ?? '').toLowerCase().includes(wanted));
}

const COLUMNS: readonly Column<ConfigEntry>[] = [
  { key: 'name', title: 'Setting', width: '28%', cell: ({ name }) => <code title={name}>{name}</code> },
  {
    key: 'value',
    title: 'Value',
    width: '20%',
    cell: entry => (
      <span class="setting-value" title={entry.value ?? ''}>
        {shownValue(entry)}
      </span>
    ),
  },
  { key: 'source', title: 'From', width: '216px', cell: entry => <SourceBadge entry={entry} /> },
  {
    key: 'documentation',
    title: 'What it does',
    isWide: true,
    cell: ({ documentation }) => <span class="muted">{documentation}</span>,
  },
];

function shownValue({ value, isSensitive }: ConfigEntry) {
  if (isSensitive) return <span class="muted">hidden</span>;
  if (value === null || value === '') return <span class="muted">none</span>;
  return value;
}

function SourceBadge({ entry }: { entry: ConfigEntry }) {
  const { source, isReadOnly } = entry;
  return (
    <>
      <Badge isPlain tone={source === 'default' ? undefined : 'accent'}>
        {source}
      </Badge>{' '}
      {isReadOnly && <Badge isPlain>fixed</Badge>}
    </>
  );
}

interface ConfigDialogProps {
  readonly what: string;
  readonly path: string;
  readonly entry: ConfigEntry;
  readonly isOwn: boolean;
  onClose(): void;
  onChanged(): void;
}

function ConfigDialog({ what, path, entry, isOwn, onClose, onChanged }: ConfigDialogProps) {
  const [value, setValue] = useState(entry.value ?? '');
  const refusal = useWhyNot('admin');
  const change = async (request: ConfigsChange, done: string) => {
    await send<Configs>('PATCH', path, request);
    toast('good', done);
    onChanged();
  };
  if (entry.isReadOnly || refusal !== undefined) {
    return (
      <Dialog title={entry.name} onClose={onClose}>
        <ConfigFacts entry={entry} />
        <p>
          {entry.isReadOnly
            ? `It can not be changed while the node runs: change it in server.properties, and start the node again.`
            : refusal}
        </p>
      </Dialog>
    );
  }
  const unset = async () => {
    await change({ unset: [entry.name] }, `${entry.name} of ${what} is what counts without it again.`);
    onClose();
  };
  return (
    <FormDialog
      title={entry.name}
      verb="Set"
      isReady={value !== (entry.value ?? '') || entry.isSensitive}
      more={isOwn && <UnsetButton onUnset={unset} />}
      onSubmit={() =>
        change(
          { set: { [entry.name]: value } },
          `${entry.name} of ${what} is ${entry.isSensitive ? 'set' : value}.`,
        )
      }
      onClose={onClose}
    >
      <ConfigFacts entry={entry} />
      <Field label={`Value for ${what}`} hint={`of the type ${entry.type}`}>
        {attributes =>
          entry.type === 'boolean' ? (
            <Select
              {...attributes}
              value={value}
              choices={[
                ['true', 'true'],
                ['false', 'false'],
              ]}
              onChoose={setValue}
            />
          ) : (
            <TextInput
              {...attributes}
              type={entry.isSensitive ? 'password' : 'text'}
              isMono
              value={value}
              onInput={setValue}
            />
          )
        }
      </Field>
    </FormDialog>
  );
}

function UnsetButton({ onUnset }: { onUnset(): Promise<void> }) {
  const unset = () => void onUnset().catch((error: Error) => toast('bad', error.message));
  return <Button onClick={unset}>Take it back</Button>;
}

function ConfigFacts({ entry }: { entry: ConfigEntry }) {
  return (
    <>
      {entry.documentation !== null && <p>{entry.documentation}</p>}
      <dl class="facts">
        <dt>Now</dt>
        <dd>
          <code>{shownValue(entry)}</code> <span class="muted">from {entry.source}</span>
        </dd>
        {entry.synonyms.length > 0 && (
          <>
            <dt>Chosen from</dt>
            <dd>
              <ol class="plain">
                {entry.synonyms.map(({ name, value, source }) => (
                  <li key={`${source} ${name}`}>
                    <code>
                      {name}={value ?? 'hidden'}
                    </code>{' '}
                    <span class="muted">{source}</span>
                  </li>
                ))}
              </ol>
            </dd>
          </>
        )}
      </dl>
    </>
  );
}
