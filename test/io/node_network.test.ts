import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import os from 'node:os';
import { mock, test } from 'node:test';
import { mergeSmallChunks } from '../../src/io/node_connection.ts';
import { NodeNetwork } from '../../src/io/node_network.ts';
import { type Connection, type ConnectionHandler, NetworkError } from '../../src/model/ports.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

const logger = new SimulatedLogger(new SimulatedClock(new SimulatedTime()));
const network = new NodeNetwork(logger);

test('small neighbours are copied together, large chunks are passed on as they are', () => {
  const large = Buffer.alloc(4_096, 'L');
  const small = (text: string): Buffer => Buffer.from(text);
  const cases: [Buffer[], string[]][] = [
    [[], []],
    [[Buffer.alloc(0), Buffer.alloc(0)], []],
    [[small('a')], ['a']],
    [[small('a'), Buffer.alloc(0), small('b'), small('c')], ['abc']],
    [
      [small('a'), large, small('b'), small('c'), large, large],
      ['a', 'L', 'bc', 'L', 'L'],
    ],
  ];
  for (const [chunks, expected] of cases) {
    const merged = mergeSmallChunks(chunks);
    assert.deepEqual(
      merged.map(chunk => (chunk === large ? 'L' : Buffer.from(chunk).toString())),
      expected,
    );
  }
});

/** A listener of the port under test, and a plain socket that is connected to it. */
async function connectPlainSocket(options: net.SocketConstructorOpts, handler: Partial<ConnectionHandler>) {
  let accepted: Connection | undefined;
  const listener = await network.listen('127.0.0.1', 0, connection => {
    accepted = connection;
    return { data() {}, drained() {}, closed() {}, ...handler };
  });
  const socket = new net.Socket(options);
  socket.connect(listener.port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  while (accepted === undefined) await new Promise(setImmediate);
  await listener.close();
  return { socket, connection: accepted };
}

test('a peer that never closes its side does not hold a closed connection', async () => {
  let isClosed = false;
  const ended = new Promise<Error | undefined>(resolve => {
    void connectPlainSocket(
      { allowHalfOpen: true },
      {
        closed: error => {
          isClosed = true;
          resolve(error);
        },
      },
    ).then(async ({ socket, connection }) => {
      socket.resume();
      connection.write([Buffer.from('last words')]);
      connection.close();
      await once(socket, 'end');
      assert.equal(isClosed, false);
    });
  });
  assert.equal(await ended, undefined);
});

test('a peer that reads nothing does not hold a closed connection', async () => {
  const { setTimeout: original } = net.Socket.prototype;
  const quick = mock.method(
    net.Socket.prototype,
    'setTimeout',
    function (this: net.Socket, timeoutMs: number, callback?: () => void) {
      return original.call(this, timeoutMs / 100, callback);
    },
  );
  try {
    await new Promise<void>(resolve => {
      void connectPlainSocket({}, { closed: () => resolve() }).then(({ socket, connection }) => {
        socket.pause();
        connection.write([Buffer.alloc(50_000_000)]);
        connection.close();
        assert.ok(connection.unsentBytes > 0);
      });
    });
  } finally {
    quick.mock.restore();
  }
});

test('a connection that breaks says how', async () => {
  const { promise, resolve } = deferred<Error | undefined>();
  const { socket } = await connectPlainSocket({}, { closed: resolve });
  socket.resetAndDestroy();
  const error = await promise;
  assert.ok(error instanceof NetworkError);
  assert.equal(error.code, 'ECONNRESET');
  assert.match(error.message, /^The connection to 127\.0\.0\.1:\d+ broke: ECONNRESET$/);
});

test('a server that does not answer is given up in time', async () => {
  const silent = mock.method(net, 'connect', () => new net.Socket());
  try {
    await assert.rejects(
      network.connect('::1', 9092, 20, () => assert.fail('attached')),
      error =>
        error instanceof NetworkError && error.code === 'ETIMEDOUT' && error.message.includes('[::1]:9092'),
    );
  } finally {
    silent.mock.restore();
  }
});

test('a port that is none is the caller’s mistake', async () => {
  const attach = (): never => assert.fail('attached');
  const isMistake = (error: unknown): boolean => !(error instanceof NetworkError);
  await assert.rejects(network.connect('127.0.0.1', 70_000, 20, attach), isMistake);
  await assert.rejects(network.listen('127.0.0.1', 70_000, attach), isMistake);
});

test('failing to accept is logged once, and the listener goes on', async () => {
  const created = mock.method(net, 'createServer');
  const listener = await network.listen('127.0.0.1', 0, () => ({ data() {}, drained() {}, closed() {} }));
  created.mock.restore();
  const server = created.mock.calls[0]!.result as net.Server;
  const before = logger.lines.length;
  for (let count = 0; count < 1_000; count++) {
    server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  }
  assert.equal(logger.lines.length, before + 1);
  const connection = await network.connect('127.0.0.1', listener.port, 1_000, () => ({
    data() {},
    drained() {},
    closed() {},
  }));
  connection.destroy();
  await listener.close();
});

const hasIpv6 = Object.values(os.networkInterfaces()).some(addresses =>
  addresses?.some(({ address }) => address === '::1'),
);

test('all addresses, of both families', { skip: hasIpv6 ? false : 'no IPv6 here' }, async () => {
  const remotes: string[] = [];
  const listener = await network.listen('', 0, connection => {
    remotes.push(connection.remoteHost);
    connection.close();
    return { data() {}, drained() {}, closed() {} };
  });
  for (const host of ['127.0.0.1', '::1', 'localhost']) {
    const { promise, resolve } = deferred<void>();
    await network.connect(host, listener.port, 1_000, () => ({
      data() {},
      drained() {},
      closed: () => resolve(),
    }));
    await promise;
  }
  assert.deepEqual(remotes.slice(0, 2), ['127.0.0.1', '::1']);
  await listener.close();
});

function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>(settle => {
    resolve = settle;
  });
  return { promise, resolve };
}
