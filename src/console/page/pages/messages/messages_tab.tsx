import { useEffect, useState } from 'preact/hooks';
import type { Message } from '../../../api/messages.ts';
import type { TopicDetails } from '../../../api/topics.ts';
import { Action, Button } from '../../components/button.tsx';
import { Card, Empty, Note } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { counted, formatBytes, groupDigits } from '../../format/numbers.ts';
import { formatTime } from '../../format/times.ts';
import { preferences } from '../../state/preferences.ts';
import { replaceQuery, route } from '../../state/route.ts';
import { useStore } from '../../state/store.ts';
import { ExportButtons } from './export_buttons.tsx';
import { MessageDialog } from './message_dialog.tsx';
import { EMPTY_FORM, hasFilter, type MessageForm, type Search, searchOfForm } from './message_form.ts';
import { PayloadLine } from './payload_view.tsx';
import { ProduceDialog, type ProduceStart } from './produce_dialog.tsx';
import { QueryForm } from './query_form.tsx';
import { type Scanner, useScan } from './use_scan.ts';

/** Fields of the form that the address keeps, so that what is seen can be sent to someone. */
const KEPT = [
  'place',
  'at',
  'partition',
  'limit',
  'key',
  'keyFilter',
  'valueFilter',
  'headerFilter',
  'jsonFilter',
] as const;

export function MessagesTab({ topic }: { topic: TopicDetails }) {
  const { timeZone } = useStore(preferences);
  const [form, setForm] = useState<MessageForm>(formOfAddress);
  const [asked, setAsked] = useState<Search>({ query: {}, aim: { wanted: 0, keepsLast: true } });
  const [open, setOpen] = useState<Message | undefined>(undefined);
  const [producing, setProducing] = useState<ProduceStart | undefined>(undefined);
  const scanner = useScan(topic.name);

  const search = () => {
    const found = searchOfForm(form, { partitions: topic.partitions, timeZone });
    setAsked(found);
    replaceQuery(
      Object.fromEntries(KEPT.map(name => [name, form[name] === EMPTY_FORM[name] ? undefined : form[name]])),
    );
    scanner.search(found);
  };
  const follow = () => {
    const found = searchOfForm({ ...form, place: 'newest' }, { partitions: topic.partitions, timeZone });
    // What is exported then is what is looked at.
    setAsked(found);
    scanner.follow(found.query);
  };
  useEffect(search, [topic.name]);
  const produced = () => {
    if (scanner.state !== 'live') search();
  };
  return (
    <div class="stack">
      <QueryForm
        form={form}
        partitions={topic.partitions}
        timeZone={timeZone}
        state={scanner.state}
        onChange={change => setForm(before => ({ ...before, ...change }))}
        onSearch={search}
        onFollow={follow}
        onStop={scanner.stop}
      />
      <div class="row">
        <Progress scanner={scanner} />
        <span class="row" style={{ marginLeft: 'auto' }}>
          <ExportButtons topic={topic.name} query={asked.query} />
          <Action needs="operator" icon="plus" onClick={() => setProducing({})}>
            Produce
          </Action>
        </span>
      </div>
      {scanner.problem !== undefined && <Note tone="bad">{scanner.problem}</Note>}
      <Card isFlush>
        <Results
          scanner={scanner}
          isNewestFirst={asked.aim.keepsLast}
          isFiltered={hasFilter(form)}
          onOpen={setOpen}
        />
      </Card>
      {open !== undefined && (
        <MessageDialog
          topic={topic.name}
          message={open}
          query={asked.query}
          onProduceAgain={setProducing}
          onClose={() => setOpen(undefined)}
        />
      )}
      {producing !== undefined && (
        <ProduceDialog
          topic={topic.name}
          partitions={topic.partitions}
          start={producing}
          onProduced={produced}
          onClose={() => setProducing(undefined)}
        />
      )}
    </div>
  );
}

function formOfAddress(): MessageForm {
  const given = KEPT.map(name => [name, route.value.query.get(name)] as const).filter(
    ([, value]) => value !== null,
  );
  return { ...EMPTY_FORM, ...Object.fromEntries(given) };
}

function Progress({ scanner }: { scanner: Scanner }) {
  const { state, messages, scan, scannedRecords, droppedRecords } = scanner;
  const found = counted(messages.length, 'record');
  if (state === 'live') {
    return (
      <span role="status">
        <strong>Live.</strong> {found}
        {droppedRecords > 0 && `; ${counted(droppedRecords, 'more')} came too fast to be shown`}
      </span>
    );
  }
  if (scan === undefined) return <span role="status">{state === 'scanning' ? 'Reading…' : ''}</span>;
  const remaining = Number(scan.remainingRecords);
  const part = scannedRecords / Math.max(1, scannedRecords + remaining);
  return (
    <span role="status" class="row">
      <span>
        {found} of {groupDigits(String(scannedRecords))} read
        {remaining > 0 && <span class="muted">, {groupDigits(scan.remainingRecords)} to go</span>}
      </span>
      {state === 'scanning' && (
        <span class="progress" style={{ width: '160px' }}>
          <i style={{ width: `${Math.round(part * 100)}%` }} />
        </span>
      )}
    </span>
  );
}

interface ResultsProps {
  readonly scanner: Scanner;
  readonly isNewestFirst: boolean;
  readonly isFiltered: boolean;
  onOpen(message: Message): void;
}

function Results({ scanner, isNewestFirst, isFiltered, onOpen }: ResultsProps) {
  const { timeZone } = useStore(preferences);
  const { messages, scan, state } = scanner;
  const isReversed = isNewestFirst || state === 'live';
  const at = (index: number) => messages[isReversed ? messages.length - 1 - index : index];
  if (messages.length === 0) return <NoMessages scanner={scanner} isFiltered={isFiltered} />;
  return (
    <>
      <Table
        label="Records"
        columns={columnsFor(timeZone)}
        count={messages.length}
        row={at}
        onOpen={onOpen}
      />
      {scan?.cursor !== null && scan !== undefined && state === 'idle' && (
        <p class="table-note">
          <Button isSmall onClick={scanner.more}>
            Show more
          </Button>
        </p>
      )}
    </>
  );
}

function NoMessages({ scanner, isFiltered }: { scanner: Scanner; isFiltered: boolean }) {
  const { state, problem } = scanner;
  if (problem !== undefined) return <Empty title="Nothing was read" />;
  if (state === 'live') {
    return (
      <Empty title="Waiting for the next record">
        <p>What is produced from now on appears here at once.</p>
      </Empty>
    );
  }
  if (state === 'scanning') return <p class="loading">Reading…</p>;
  return isFiltered ? (
    <Empty title="No record is like that">
      <p>Take something out of the filters, or begin at an earlier place.</p>
    </Empty>
  ) : (
    <Empty title="There are no records here">
      <p>Produce one with the button above, or wait for the next with Live.</p>
    </Empty>
  );
}

function columnsFor(timeZone: 'local' | 'utc'): readonly Column<Message>[] {
  return [
    {
      key: 'time',
      title: 'Time',
      width: timeZone === 'utc' ? '226px' : '200px',
      isWide: true,
      cell: ({ timestampMs }) => formatTime(timestampMs, { timeZone, hasMilliseconds: true }),
    },
    {
      key: 'partition',
      title: 'Partition',
      width: '92px',
      isNumber: true,
      cell: ({ partition }) => partition,
    },
    {
      key: 'offset',
      title: 'Offset',
      width: '158px',
      isNumber: true,
      cell: ({ offset }) => <code>{offset}</code>,
    },
    { key: 'key', title: 'Key', width: '13%', cell: ({ key }) => <PayloadLine payload={key} /> },
    {
      key: 'value',
      title: 'Value',
      cell: ({ value }) =>
        value === null ? (
          <span class="muted">tombstone: deletes its key</span>
        ) : (
          <PayloadLine payload={value} />
        ),
    },
    {
      key: 'size',
      title: 'Size',
      width: '92px',
      isNumber: true,
      isWide: true,
      cell: each => formatBytes(each.sizeBytes),
    },
  ];
}
