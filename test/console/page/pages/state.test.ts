import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Messages } from '../../../../src/console/api/messages.ts';
import {
  EMPTY_FORM,
  problemOfForm,
  searchOfForm,
} from '../../../../src/console/page/pages/messages/message_form.ts';
import {
  afterStep,
  afterTailEvent,
  isOver,
  NOTHING,
} from '../../../../src/console/page/pages/messages/scan_state.ts';
import { Cell, cellsOf, gridFor } from '../../../../src/console/page/pages/overview/replica_cells.ts';
import { type LiveState, stateAfter } from '../../../../src/console/page/state/live_state.ts';
import { FixtureData } from '../support/fixture_data.ts';

const data = new FixtureData();

describe('the replica map', () => {
  test('says what each broker is for each partition', () => {
    const map = {
      brokers: [1, 2, 3],
      total: 2,
      offset: 0,
      partitions: [
        { topic: 'a', partition: 0, leader: 1, replicas: [1, 2], isr: [1] },
        { topic: 'a', partition: 1, leader: 3, replicas: [2, 3, 1], isr: [3, 1] },
      ],
    };
    const [one, two, three] = cellsOf(map, new Set([2]));
    assert.deepEqual([...one!.cells], [Cell.leader, Cell.follower]);
    assert.deepEqual([...two!.cells], [Cell.gone, Cell.gone]);
    assert.deepEqual([...three!.cells], [Cell.none, Cell.leader]);
    assert.deepEqual([two!.leads, two!.inSync, two!.behind], [0, 0, 2]);
    assert.deepEqual([...cellsOf(map, new Set())[1]!.cells], [Cell.behind, Cell.behind]);
  });

  test('has large cells for few partitions, and stays low with thousands', () => {
    assert.equal(gridFor(6, 300).size, 15);
    const { size, columns, rows } = gridFor(2000, 300);
    assert.ok(columns * rows >= 2000);
    assert.ok(size * rows <= 190, `${size * rows} px`);
  });
});

describe('what the stream of events tells', () => {
  const nothing: LiveState = {
    status: 'lost',
    lostSinceMs: 1,
    retryAtMs: 2,
    cluster: undefined,
    alerts: [],
    feed: [],
  };
  const snapshot = stateAfter(nothing, {
    event: 'snapshot',
    data: {
      cluster: data.cluster(),
      alerts: [],
      recent: [
        { atMs: 1, kind: 'broker', text: 'first' },
        { atMs: 2, kind: 'broker', text: 'second' },
      ],
    },
  });

  test('begins with all there is, the newest change first', () => {
    assert.deepEqual([snapshot.status, snapshot.lostSinceMs], ['live', undefined]);
    assert.deepEqual(
      snapshot.feed.map(({ text }) => text),
      ['second', 'first'],
    );
  });

  test('puts each change before the others, and forgets the oldest', () => {
    let state = snapshot;
    for (let at = 0; at < 500; at++) {
      state = stateAfter(state, {
        event: 'topics',
        data: { atMs: at, text: `${at}`, created: [], deleted: [], changed: [], isCut: false },
      });
    }
    assert.equal(state.feed.length, 200);
    assert.equal(state.feed[0]!.text, '499');
  });
});

describe('a search for records', () => {
  const options = { partitions: 6, timeZone: 'utc' } as const;

  test('of the newest reads the end of each partition, and keeps the last', () => {
    const { query, aim } = searchOfForm(EMPTY_FORM, options);
    assert.deepEqual(query, { from: '-50', limit: 50, keyForm: 'auto', valueForm: 'auto' });
    assert.deepEqual(aim, { wanted: 50, keepsLast: true });
    assert.equal(searchOfForm(EMPTY_FORM, { ...options, partitions: 50 }).query.from, '-20');
    assert.equal(
      searchOfForm({ ...EMPTY_FORM, partition: '3' }, { ...options, partitions: 50 }).query.from,
      '-50',
    );
  });

  test('with a filter reads everything', () => {
    const { query, aim } = searchOfForm({ ...EMPTY_FORM, valueFilter: 'x' }, options);
    assert.deepEqual([query.from, query.valueFilter, aim.keepsLast], ['start', 'x', true]);
  });

  test('begins at an offset or a time', () => {
    assert.equal(
      searchOfForm({ ...EMPTY_FORM, place: 'offset', at: ' 9007199254740993 ' }, options).query.from,
      '9007199254740993',
    );
    const byTime = searchOfForm({ ...EMPTY_FORM, place: 'time', at: '2026-11-30 12:00' }, options);
    assert.deepEqual(
      [byTime.query.from, byTime.aim.keepsLast],
      [`@${Date.parse('2026-11-30T12:00:00Z')}`, false],
    );
  });

  test('says what is missing', () => {
    assert.equal(problemOfForm(EMPTY_FORM, 'utc'), undefined);
    assert.match(problemOfForm({ ...EMPTY_FORM, place: 'offset', at: 'x' }, 'utc')!, /whole number/);
    assert.match(problemOfForm({ ...EMPTY_FORM, place: 'time', at: 'noon' }, 'utc')!, /2026-11-30 12:00/);
    assert.match(problemOfForm({ ...EMPTY_FORM, limit: '501' }, 'utc')!, /1 to 500/);
  });

  test('sends a schema only for the forms that have one', () => {
    const form = { ...EMPTY_FORM, schemaText: '"long"' };
    assert.equal(searchOfForm(form, options).query.valueSchema, undefined);
    const { query } = searchOfForm({ ...form, valueForm: 'avro', framing: 'confluent' }, options);
    assert.deepEqual(query.valueSchema, { text: '"long"', framing: 'confluent' });
  });

  const step = (count: number, cursor: string | null): Messages => ({
    messages: Array.from({ length: count }, (_, at) => data.message(0, BigInt(at))),
    scan: {
      scannedRecords: 100,
      scannedBytes: 1,
      remainingRecords: '5',
      stoppedBecause: 'bytes',
      cursor,
      problem: null,
      partitions: [],
    },
  });

  test('ends when enough was found, or all was read', () => {
    const first = { wanted: 10, keepsLast: false };
    const last = { wanted: 10, keepsLast: true };
    const six = afterStep(NOTHING, step(6, 'more'), first);
    assert.equal(isOver(six, first), false);
    const twelve = afterStep(six, step(6, 'more'), first);
    assert.deepEqual([isOver(twelve, first), twelve.scannedRecords], [true, 200]);
    assert.equal(isOver(twelve, last), false);
    assert.equal(afterStep(six, step(6, null), last).messages.length, 10);
    assert.equal(isOver(afterStep(six, step(6, null), last), last), true);
  });

  test('that is live keeps a bounded number, and counts what it did not see', () => {
    const many = Array.from({ length: 400 }, (_, at) => data.message(0, BigInt(at)));
    let state = afterTailEvent(NOTHING, { event: 'messages', data: many });
    state = afterTailEvent(state, { event: 'messages', data: many });
    assert.equal(state.messages.length, 500);
    assert.equal(afterTailEvent(state, { event: 'dropped', data: { records: 7 } }).droppedRecords, 7);
    assert.equal(afterTailEvent(state, { event: 'problem', data: { error: 'why' } }).problem, 'why');
  });
});
