import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { EventStream } from '../../src/console/event_stream.ts';
import { HttpServer } from '../../src/console/http_server.ts';
import { failed } from '../../src/model/failure.ts';
import { MAX_EVENT_STREAMS, MAX_STREAM_UNSENT_BYTES } from '../../src/model/limits.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { EventReader } from '../support/event_reader.ts';
import { MonitoredNode } from '../support/monitored_node.ts';
import { until } from '../support/until.ts';

describe('streams over a socket', () => {
  const server = new HttpServer();
  let node: MonitoredNode;
  let url: string;

  before(async () => {
    node = await MonitoredNode.start();
    await until(() => node.monitor.readiness().isReady);
    const address = await server.listen({ host: '127.0.0.1', port: 0 }, async () => node.app);
    assert.ok(!failed(address));
    url = `http://127.0.0.1:${address.port}`;
    await node.send('POST', '/api/v1/topics', { name: 'live' });
  });
  after(async () => {
    await server.close();
    await node.stop();
  });

  for (const path of ['/api/v1/events', '/api/v1/topics/live/tail']) {
    test(`${path}: so many at once, and room again when readers leave`, async () => {
      const open = (signal: AbortSignal) => fetch(`${url}${path}`, { signal });
      const readers: EventReader[] = [];
      for (let count = 0; count < MAX_EVENT_STREAMS; count++) readers.push(await EventReader.open(open));
      const refused = await open(AbortSignal.timeout(5_000));
      assert.equal(refused.status, 503);
      assert.match(
        ((await refused.json()) as { error: string }).error,
        /^There are 50 streams of \w+ already/,
      );
      for (const reader of readers) reader.close();
      await until(async () => {
        const aborting = new AbortController();
        const { status } = await open(aborting.signal);
        aborting.abort();
        return status === 200;
      });
    });
  }
});

describe('one stream', () => {
  const text = async (stream: EventStream): Promise<string> => {
    stream.close();
    return await stream.response.text();
  };

  test('events have a kind, a number and JSON; a comment comes when nothing else does', async () => {
    const time = new SimulatedTime();
    const stream = new EventStream({ clock: new SimulatedClock(time), signal: new AbortController().signal });
    stream.send('a', { x: 1 });
    stream.send('b', 'line\nline');
    await time.advance(15_000);
    assert.equal(
      await text(stream),
      ': still here\n\nevent: a\nid: 1\ndata: {"x":1}\n\nevent: b\nid: 2\ndata: "line\\nline"\n\n: still here\n\n',
    );
  });

  test('what a slow reader has not taken is bounded', () => {
    const clock = new SimulatedClock(new SimulatedTime());
    const stream = new EventStream({ clock, signal: new AbortController().signal });
    let sent = 0;
    while (stream.send('x', 'y'.repeat(100_000))) sent++;
    assert.ok(sent * 100_000 <= MAX_STREAM_UNSENT_BYTES + 100_000);
    assert.equal(stream.hasRoom, false);
    stream.close();
  });

  test('it ends with the request, once', () => {
    const clock = new SimulatedClock(new SimulatedTime());
    const aborting = new AbortController();
    let closed = 0;
    const stream = new EventStream({ clock, signal: aborting.signal, closed: () => closed++ });
    aborting.abort();
    stream.close();
    assert.deepEqual([closed, stream.isClosed, stream.send('x', 1)], [1, true, false]);
  });
});
