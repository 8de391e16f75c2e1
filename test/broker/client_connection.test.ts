import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import {
  type Answered,
  ClientConnection,
  type Outcome,
  type PendingRequest,
} from '../../src/broker/client_connection.ts';
import { ListenerTraffic } from '../../src/broker/listener_traffic.ts';
import { RequestMemory } from '../../src/broker/request_memory.ts';
import type { RequestSizes, RequestTimes } from '../../src/broker/request_statistics.ts';
import type { ClientInfo } from '../../src/handlers/request_context.ts';
import { MAX_CONNECTION_REQUEST_BYTES, MAX_CONNECTION_UNSENT_BYTES } from '../../src/model/limits.ts';
import type { Connection } from '../../src/model/ports.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

/** What the connection did to its network. */
class FakeConnection implements Connection {
  readonly remoteHost = '10.0.0.1';
  readonly remotePort = 1234;
  unsentBytes = 0;
  isPaused = false;
  end: 'open' | 'closed' | 'destroyed' = 'open';
  readonly sent: string[] = [];

  write(chunks: readonly Uint8Array[]): void {
    this.sent.push(Buffer.concat(chunks).toString());
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  close(): void {
    this.end = 'closed';
  }
  destroy(): void {
    this.end = 'destroyed';
  }
}

const client: ClientInfo = {
  connectionId: 'TEST-1',
  listenerName: 'TEST',
  listenerKind: 'broker',
  host: '10.0.0.1',
  principal: 'User:ANONYMOUS',
  softwareName: '',
  softwareVersion: '',
};

let time: SimulatedTime;
let network: FakeConnection;
let memory: RequestMemory;
let connection: ClientConnection;
/** Names of the requests in the order in which they started. */
let started: string[];
let finish: Map<string, (outcome: Outcome) => void>;
let isClosed: boolean;
/** What was said of requests when they were answered. */
let answered: ({ name: string } & RequestTimes & RequestSizes)[];
let traffic: ListenerTraffic;

const reply = (text: string, muteMs = 0): Outcome => ({
  frame: { chunks: [Buffer.from(text)], sizeBytes: text.length },
  muteMs,
});

/**
 * A request is its text: `now…` is answered at once, `bad…` can't be read, `boom…` fails, `pipe…` may run beside
 * others like it; all but the first wait for `finish`.
 */
function accept(frame: Buffer): PendingRequest | string {
  const name = frame.toString();
  if (name.startsWith('bad')) return 'it can not be read';
  return {
    isPipelined: name.startsWith('pipe'),
    done: (times, sizes) => answered.push({ name, ...times, ...sizes }),
    run: () => {
      started.push(name);
      if (name.startsWith('now')) return reply(name);
      if (name.startsWith('boom')) return Promise.reject(new Error('boom'));
      return new Promise(resolve => finish.set(name, resolve));
    },
  };
}

function make(more: { isHeld?: boolean; maxRequestBytes?: number } = {}): void {
  memory = new RequestMemory(more.maxRequestBytes ?? 1_000_000_000);
  const clock = new SimulatedClock(time);
  connection = new ClientConnection(network, {
    client,
    limits: { leastBytes: 1, mostBytes: 100_000_000 },
    clock,
    logger: new SimulatedLogger(clock),
    memory,
    traffic,
    maxIdleMs: 1000,
    isHeld: more.isHeld ?? false,
    accept,
    onClosed: () => {
      isClosed = true;
    },
  });
}

beforeEach(() => {
  time = new SimulatedTime();
  network = new FakeConnection();
  started = [];
  finish = new Map();
  isClosed = false;
  answered = [];
  traffic = new ListenerTraffic('TEST');
  make();
});

const frame = (text: string) => {
  const buffer = Buffer.alloc(4 + Buffer.byteLength(text));
  buffer.writeInt32BE(Buffer.byteLength(text));
  buffer.write(text, 4);
  return buffer;
};
const receive = (...texts: string[]) => connection.data(Buffer.concat(texts.map(frame)));
const complete = async (name: string) => {
  finish.get(name)!(reply(name));
  await time.advance(0);
};

test('requests run one at a time, in their order', async () => {
  receive('a', 'b', 'now1');
  assert.deepEqual(started, ['a']);
  await complete('a');
  assert.deepEqual(started, ['a', 'b']);
  await complete('b');
  assert.deepEqual(network.sent, ['a', 'b', 'now1']);
});

test('those that take effect at their start run side by side, and are answered in their order', async () => {
  receive('pipe1', 'pipe2', 'a', 'pipe3');
  assert.deepEqual(started, ['pipe1', 'pipe2']);
  await complete('pipe2');
  assert.deepEqual(network.sent, []);
  await complete('pipe1');
  assert.deepEqual(network.sent, ['pipe1pipe2']);
  assert.deepEqual(started, ['pipe1', 'pipe2', 'a']);
  await complete('a');
  assert.deepEqual(started.at(-1), 'pipe3');
});

test('a request without a response is only not answered', async () => {
  receive('pipe1', 'pipe2');
  finish.get('pipe1')!({ frame: undefined, muteMs: 0 });
  await complete('pipe2');
  assert.deepEqual(network.sent, ['pipe2']);
});

test('a client that used more than its quotas allow is answered, and heard again when its time is over', async () => {
  receive('a', 'now1');
  finish.get('a')!(reply('a', 250));
  await time.advance(0);
  assert.deepEqual(network.sent, ['a']);
  assert.ok(network.isPaused);
  await time.advance(249);
  assert.deepEqual(started, ['a']);
  await time.advance(1);
  assert.deepEqual(network.sent, ['a', 'now1']);
  assert.ok(!network.isPaused);
});

test('a muted connection that ends leaves no timer', async () => {
  receive('a');
  finish.get('a')!(reply('a', 250));
  await time.advance(0);
  connection.closed();
  await time.advance(1000);
  assert.ok(isClosed);
  assert.deepEqual(started, ['a']);
});

test('what can not be read ends the connection', () => {
  receive('now1', 'bad', 'now2');
  assert.deepEqual(network.sent, ['now1']);
  assert.equal(network.end, 'closed');
  assert.equal(isClosed, true);
});

test('a size outside the limits ends the connection', () => {
  connection.data(Buffer.from([0x7f, 0xff, 0xff, 0xff]));
  assert.equal(network.end, 'closed');
});

test('an outcome can end the connection, behind the responses before it', async () => {
  receive('pipe1', 'pipe2');
  finish.get('pipe2')!({ close: 'acks 0 failed' });
  await time.advance(0);
  assert.equal(network.end, 'open');
  await complete('pipe1');
  assert.deepEqual(network.sent, ['pipe1']);
  assert.equal(network.end, 'closed');
});

test('an answer can be the last of its connection', async () => {
  receive('a', 'b');
  finish.get('a')!({ ...(reply('a') as Answered), closeReason: 'others know better' });
  await time.advance(0);
  assert.deepEqual(network.sent, ['a']);
  assert.equal(network.end, 'closed');
  assert.deepEqual(started, ['a']);
  assert.deepEqual(
    answered.map(({ name }) => name),
    ['a'],
  );
});

test('a handler that throws ends its connection alone', async () => {
  receive('boom');
  await time.advance(0);
  assert.equal(network.end, 'closed');
});

test('while a request waits for those before it nothing is read', async () => {
  receive('a', 'b');
  assert.equal(network.isPaused, true);
  await complete('a');
  assert.equal(network.isPaused, false);
});

test('while the client does not take its responses nothing is started', () => {
  network.unsentBytes = MAX_CONNECTION_UNSENT_BYTES + 1;
  receive('now1');
  assert.deepEqual(started, []);
  assert.equal(network.isPaused, true);
  network.unsentBytes = 0;
  connection.drained();
  assert.deepEqual(network.sent, ['now1']);
  assert.equal(network.isPaused, false);
});

test('the requests of one connection are bounded in memory', async () => {
  const large = `pipe${'x'.repeat(MAX_CONNECTION_REQUEST_BYTES)}`;
  receive(large, 'pipe2');
  assert.equal(started.length, 1);
  assert.ok(memory.usedBytes > MAX_CONNECTION_REQUEST_BYTES);
  await complete(large);
  assert.deepEqual(started.slice(1), ['pipe2']);
});

test('when the requests of all connections take too much, one that has none in work goes on', async () => {
  make({ maxRequestBytes: 10 });
  memory.add(100);
  receive('pipe1', 'pipe2');
  assert.deepEqual(started, ['pipe1']);
  memory.remove(100);
  assert.deepEqual(started, ['pipe1', 'pipe2']);
});

test('memory is given back however the connection ends', () => {
  receive('a', 'b');
  assert.ok(memory.usedBytes > 0);
  connection.closed();
  assert.equal(memory.usedBytes, 0);
  assert.equal(isClosed, true);
});

test('an answer that comes after the end goes nowhere', async () => {
  receive('a');
  connection.closed();
  await complete('a');
  assert.deepEqual(network.sent, []);
  assert.equal(memory.usedBytes, 0);
});

test('a node that is not ready answers when it is', () => {
  make({ isHeld: true });
  receive('now1');
  assert.deepEqual(started, []);
  connection.release();
  assert.deepEqual(network.sent, ['now1']);
});

test('draining answers what is in flight, starts nothing more, and closes', async () => {
  receive('a', 'b');
  connection.drain();
  await complete('a');
  assert.deepEqual(network.sent, ['a']);
  assert.deepEqual(started, ['a']);
  assert.equal(network.end, 'closed');
});

test('a connection that is idle for too long is closed, one that waits for an answer is not', async () => {
  receive('a');
  await time.advance(5000);
  assert.equal(network.end, 'open');
  await complete('a');
  await time.advance(999);
  assert.equal(network.end, 'open');
  await time.advance(1001);
  assert.equal(network.end, 'closed');
});

test('what is answered is reported with its times and sizes', async () => {
  receive('pipe1', 'pipe22');
  await time.advance(10);
  await complete('pipe22');
  await time.advance(5);
  assert.deepEqual(answered, []);
  await complete('pipe1');
  const common = { queueMs: 0, localMs: 0, sendMs: 0 };
  assert.deepEqual(answered, [
    { name: 'pipe1', ...common, remoteMs: 15, responseQueueMs: 0, requestBytes: 5, responseBytes: 5 },
    { name: 'pipe22', ...common, remoteMs: 10, responseQueueMs: 5, requestBytes: 6, responseBytes: 6 },
  ]);
  assert.deepEqual(
    { ...traffic },
    { listenerName: 'TEST', accepted: 0, closed: 0, refused: 0, incomingBytes: 11, outgoingBytes: 11 },
  );
});

test('a request that waits behind another is reported with that time', async () => {
  receive('a', 'now1');
  await time.advance(7);
  await complete('a');
  assert.deepEqual(
    answered.map(({ name, queueMs, remoteMs }) => [name, queueMs, remoteMs]),
    [
      ['a', 0, 7],
      ['now1', 7, 0],
    ],
  );
});
