import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Message, Messages, Produced, ProduceRequest } from '../../src/console/api/messages.ts';
import { MAX_EXPORTS } from '../../src/model/limits.ts';
import { EventReader } from '../support/event_reader.ts';
import { MonitoredNode } from '../support/monitored_node.ts';
import { until } from '../support/until.ts';

/** No double has it. */
const LARGE = '9007199254740993';
const AVRO = JSON.stringify({
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'note', type: ['null', 'string'] },
  ],
});
const PROTO = 'syntax = "proto3"; package shop; message Order { int64 id = 1; string note = 2; }';

describe('the messages of a topic over HTTP', () => {
  let node: MonitoredNode;

  before(async () => {
    node = await MonitoredNode.start();
    await until(() => node.monitor.readiness().isReady);
    for (const [name, partitions] of [
      ['orders', 3],
      ['large', 1],
      ['empty', 1],
      ['live', 1],
      ['copies', 2],
    ] as const) {
      const made = await node.send('POST', '/api/v1/topics', { name, partitions });
      assert.equal(made.status, 201, await made.clone().text());
    }
    for (let index = 0; index < 30; index++) {
      await produce('orders', {
        key: { text: `key-${index % 10}` },
        value: { text: `{"order":{"id":${BigInt(LARGE) + BigInt(index)}},"at":${index}}`, encoding: 'json' },
        headers: [{ name: 'trace', value: { text: `t-${index}` } }],
        timestampMs: 1_700_000_000_000 + index * 1000,
      });
    }
    await produce('orders', { key: { text: 'key-0' }, value: null, timestampMs: 1_700_000_100_000 });
  });
  after(async () => await node.stop());

  async function produce(topic: string, request: ProduceRequest): Promise<Produced> {
    const answer = await node.send('POST', `/api/v1/topics/${topic}/messages/produce`, request);
    assert.equal(answer.status, 201, await answer.clone().text());
    return (await answer.json()) as Produced;
  }

  const read = (query: string, topic = 'orders') =>
    node.json<Messages>(`/api/v1/topics/${topic}/messages?${query}`);

  async function post(topic: string, query: Record<string, unknown>): Promise<Messages> {
    const answer = await node.send('POST', `/api/v1/topics/${topic}/messages`, query);
    assert.equal(answer.status, 200, await answer.clone().text());
    return (await answer.json()) as Messages;
  }

  test('the last ones of all partitions, by time, with every digit', async () => {
    const { messages, scan } = await read('limit=5');
    assert.deepEqual(
      messages.map(({ timestampMs }) => timestampMs - 1_700_000_000_000),
      [26_000, 27_000, 28_000, 29_000, 100_000],
    );
    assert.equal(scan.stoppedBecause, 'end');
    assert.equal(scan.cursor, null);
    assert.deepEqual(messages[3]?.value, {
      form: 'json',
      text: '{"order":{"id":9007199254741022},"at":29}',
      sizeBytes: 41,
      isCut: false,
    });
    assert.equal(messages[4]?.value, null);
    assert.deepEqual(messages[3]?.headers[0], {
      name: 'trace',
      value: { form: 'text', text: 't-29', sizeBytes: 4, isCut: false },
    });
  });

  test('from the start in steps, by time over all partitions; each record once', async () => {
    const seen: Message[] = [];
    let query = 'from=start&limit=7';
    for (let steps = 0; steps < 10; steps++) {
      const { messages, scan } = await read(query);
      seen.push(...messages);
      if (scan.cursor === null) break;
      query = `limit=7&cursor=${scan.cursor}`;
    }
    assert.deepEqual(
      seen.map(({ timestampMs }) => timestampMs),
      [...seen.map(({ timestampMs }) => timestampMs)].sort((left, right) => left - right),
    );
    assert.equal(new Set(seen.map(({ offset, partition }) => `${partition} ${offset}`)).size, 31);
    assert.equal(seen.length, 31);
  });

  test('from an offset, from a time, until a place', async () => {
    const one = await read('partitions=1&from=2&limit=1');
    assert.deepEqual([one.messages[0]?.partition, one.messages[0]?.offset], [1, '2']);
    const time = await read('from=@1700000020000&until=@2023-11-14T22:13:45Z');
    assert.deepEqual(
      time.messages.map(({ timestampMs }) => (timestampMs - 1_700_000_000_000) / 1000),
      [20, 21, 22, 23, 24],
    );
    const refused = await node.get('/api/v1/topics/orders/messages?from=yesterday');
    assert.equal(refused.status, 400);
    assert.match(
      ((await refused.json()) as { error: string }).error,
      /from is "yesterday": it must be start/,
    );
  });

  test('a key is looked for in its partition alone', async () => {
    const { messages, scan } = await read('from=start&key=key-7');
    assert.equal(messages.length, 3);
    assert.equal(scan.partitions.length, 1);
    assert.ok(scan.scannedRecords < 31);
    const hex = await read(`from=start&keyEncoding=hex&key=${Buffer.from('key-7').toString('hex')}`);
    assert.deepEqual(hex.messages, messages);
  });

  const FILTERS: readonly (readonly [query: string, count: number])[] = [
    ['valueFilter=%22AT%22:29', 1],
    ['valueFilter=/at..2[0-4]/', 5],
    ['keyFilter=KEY-3', 3],
    ['headerFilter=trace', 30],
    ['headerFilter=trace%3DT-1', 11],
    [`jsonFilter=order.id%3D${LARGE}`, 1],
    ['jsonFilter=order.id%3D9007199254740992', 0],
    ['jsonFilter=order.none%3D1', 0],
    ['tombstones=only', 1],
    ['tombstones=none', 30],
    ['keyFilter=key-0&tombstones=none', 3],
  ];
  for (const [query, count] of FILTERS) {
    test(`${query} leaves ${count}`, async () => {
      const { messages } = await read(`from=start&limit=100&${query}`);
      assert.equal(messages.length, count);
    });
  }

  test('a pattern that would take others forever is a pattern like any other', async () => {
    await produce('large', { value: { text: 'a'.repeat(50_000) } });
    const { messages } = await read('from=start&valueFilter=/(a*)*b/', 'large');
    assert.deepEqual(messages, []);
    const refused = await node.get('/api/v1/topics/large/messages?valueFilter=/(/');
    assert.equal(refused.status, 400);
  });

  test('what is large is cut, and there whole for who asks', async () => {
    const text = `{"x":"${'é'.repeat(100_000)}"}`;
    const { offset, partition } = await produce('large', { value: { text } });
    const { messages } = await read(`partitions=${partition}&from=${offset}&maxChars=100`, 'large');
    assert.deepEqual(
      [messages[0]?.value?.isCut, messages[0]?.value?.text.length, messages[0]?.value?.sizeBytes],
      [true, 100, 200_008],
    );
    const whole = await node.json<Message>(`/api/v1/topics/large/messages/${partition}/${offset}`);
    assert.equal(whole.value?.text, text);
    const bytes = await node.get(`/api/v1/topics/large/messages/${partition}/${offset}/value`);
    assert.equal(
      bytes.headers.get('content-disposition'),
      `attachment; filename="large-0-${offset}.value.bin"`,
    );
    assert.equal(await bytes.text(), text);
    const gone = await node.get(`/api/v1/topics/large/messages/${partition}/999`);
    assert.equal(gone.status, 404);
    assert.match(
      ((await gone.json()) as { error: string }).error,
      /large-0 has no offset 999: what is there goes from 0/,
    );
  });

  test('Avro and Protobuf, there and back, with every digit; and what does not fit is hex with why', async () => {
    const value = {
      text: `{"id":${LARGE},"note":{"string":"hi"}}`,
      encoding: 'avro',
      schema: { text: AVRO },
    } as const;
    const avro = await produce('large', { value });
    const proto = await produce('large', {
      value: { text: `{"id":${LARGE},"note":"hi"}`, encoding: 'protobuf', schema: { text: PROTO } },
    });
    const from = { partitions: [0], from: avro.offset, limit: 1 };
    const asAvro = await post('large', { ...from, valueForm: 'avro', valueSchema: { text: AVRO } });
    assert.equal(asAvro.messages[0]?.value?.text, `{"id":${LARGE},"note":{"string":"hi"}}`);
    const asProto = await post('large', {
      partitions: [0],
      from: proto.offset,
      valueForm: 'protobuf',
      valueSchema: { text: PROTO, messageType: 'shop.Order' },
      jsonFilter: `id=${LARGE}`,
    });
    assert.equal(asProto.messages[0]?.value?.text, `{"id":"${LARGE}","note":"hi"}`);
    const wrong = await post('large', { ...from, valueForm: 'avro', valueSchema: { text: '"double"' } });
    assert.equal(wrong.messages[0]?.value?.form, 'hex');
    assert.match(wrong.messages[0]?.value?.problem ?? '', /^It does not fit the schema: /);
    const refused = await node.send('POST', '/api/v1/topics/large/messages', {
      valueForm: 'protobuf',
      valueSchema: { text: 'message {' },
    });
    assert.equal(refused.status, 400);
    assert.match(((await refused.json()) as { error: string }).error, /^The schema is no Protobuf: /);
  });

  test('what is no text is hex', async () => {
    const { offset } = await produce('large', { value: { text: '00ff10', encoding: 'hex' } });
    const { messages } = await read(`from=${offset}`, 'large');
    assert.deepEqual([messages[0]?.value?.form, messages[0]?.value?.text], ['hex', '00ff10']);
    const base64 = await read(`from=${offset}&valueForm=base64`, 'large');
    assert.equal(base64.messages[0]?.value?.text, 'AP8Q');
  });

  test('an empty topic is read to its end at once', async () => {
    const { messages, scan } = await read('from=start', 'empty');
    assert.deepEqual([messages.length, scan.stoppedBecause, scan.cursor], [0, 'end', null]);
  });

  test('a record is produced again, byte for byte', async () => {
    const { offset } = await produce('large', {
      key: { text: '00fe', encoding: 'hex' },
      value: { text: 'ff00', encoding: 'hex' },
      headers: [{ name: 'empty', value: null }],
    });
    const answer = await node.send('POST', '/api/v1/topics/large/messages/reproduce', {
      partition: 0,
      offset,
      toTopic: 'copies',
      toPartition: 1,
    });
    assert.equal(answer.status, 201, await answer.clone().text());
    const { messages } = await read('partitions=1&from=start', 'copies');
    assert.deepEqual(
      [messages[0]?.key?.text, messages[0]?.value?.text, messages[0]?.headers],
      ['00fe', 'ff00', [{ name: 'empty', value: null }]],
    );
  });

  test('what can not be produced is refused with why', async () => {
    const refusals = [
      [{ key: { text: 'x' } }, 400, /value is missing: null makes a tombstone/],
      [{ value: { text: '{', encoding: 'json' } }, 400, /value is no JSON/],
      [{ value: { text: 'x' }, partition: 9 }, 404, /has no partition 9: it has 3/],
      [
        { value: { text: '{}', encoding: 'avro', schema: { text: AVRO } } },
        400,
        /value does not fit its schema/,
      ],
      [{ value: { text: 'x', encoding: 'morse' } }, 400, /value\.encoding is "morse"/],
    ] as const;
    for (const [body, status, text] of refusals) {
      const answer = await node.send('POST', '/api/v1/topics/orders/messages/produce', body);
      const { error } = (await answer.json()) as { error: string };
      assert.equal(answer.status, status, error);
      assert.match(error, text);
    }
  });

  test('an export has all of it, as JSON lines and as CSV', async () => {
    const jsonl = await node.get('/api/v1/topics/orders/export?from=start&key=key-0');
    assert.equal(jsonl.headers.get('content-disposition'), 'attachment; filename="orders.jsonl"');
    const lines = (await jsonl.text())
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>);
    assert.equal(lines.length, 4);
    assert.equal(lines[0]?.['value'], `{"order":{"id":${LARGE}},"at":0}`);
    assert.equal(lines[3]?.['value'], null);
    const csv = await node.get('/api/v1/topics/orders/export?from=start&format=csv&valueFilter=%22at%22:29');
    const text = await csv.text();
    assert.match(
      text,
      /^partition,offset,timestamp,key,value,headers\r\n\d,\d+,2023-11-14T22:13:49\.000Z,key-9,/,
    );
    assert.match(
      text,
      /"\{""order"":\{""id"":9007199254741022\},""at"":29\}","\[\[""trace"",""t-29""\]\]"\r\n$/,
    );
  });

  test('so many exports at once; a place is free again when its reader leaves', async () => {
    const open = () => node.get('/api/v1/topics/orders/export?from=start');
    const running = await Promise.all(Array.from({ length: MAX_EXPORTS }, open));
    const refused = await open();
    assert.equal(refused.status, 503);
    assert.match(((await refused.json()) as { error: string }).error, /^4 exports run already/);
    assert.equal((await node.get('/api/v1/topics/orders/messages')).status, 200, 'a search is none');
    for (const each of running) await each.body?.cancel();
    assert.equal((await open()).status, 200);
  });

  test('live records come as they are written, those that fit', async () => {
    const tail = await EventReader.open(signal =>
      node.app.request('/api/v1/topics/live/tail?valueFilter=wanted', { signal }),
    );
    // The end of the log is found after the stream has begun: what was written before is not told.
    await until(async () => {
      await produce('live', { value: { text: 'other' } });
      await produce('live', { value: { text: 'wanted' } });
      return tail.received.length > 0;
    });
    const messages = await tail.next<readonly Message[]>('messages');
    assert.ok(messages.every(({ value }) => value?.text === 'wanted'));
    tail.close();
  });
});
