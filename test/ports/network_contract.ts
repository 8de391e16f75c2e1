import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Connection,
  type ConnectionHandler,
  type Listener,
  type Network,
  NetworkError,
} from '../../src/model/ports.ts';

/** A network under test: two nodes on it. */
export interface NetworkUnderTest {
  readonly server: Network;
  readonly client: Network;
  /** Where the server listens, and where the client finds it. */
  readonly host: string;
  /** An address that the server doesn't have. */
  readonly foreignHost: string;
  run<T>(promise: Promise<T>): Promise<T>;
  /** Waits until `condition` holds. */
  until(condition: () => boolean): Promise<void>;
  /** Lets what can happen happen. */
  settle(): Promise<void>;
}

/** Writes down what a connection is told. */
class Recorder implements ConnectionHandler {
  readonly received: Buffer[] = [];
  receivedBytes = 0;
  drainedCount = 0;
  closedCount = 0;
  error: Error | undefined;
  connection!: Connection;
  onData: (chunk: Buffer) => void = () => {};

  attach = (connection: Connection): this => {
    this.connection = connection;
    return this;
  };

  data(chunk: Buffer): void {
    assert.equal(this.closedCount, 0, 'data after closed');
    assert.ok(chunk.length > 0);
    this.received.push(Buffer.from(chunk));
    this.receivedBytes += chunk.length;
    this.onData(chunk);
  }

  drained(): void {
    assert.equal(this.connection.unsentBytes, 0);
    this.drainedCount++;
  }

  closed(error?: Error): void {
    this.closedCount++;
    this.error = error;
  }

  get text(): string {
    return Buffer.concat(this.received).toString();
  }
}

interface Pair {
  readonly server: Recorder;
  readonly client: Recorder;
  readonly listener: Listener;
}

/** What every Network does, simulated or real. */
export function testNetwork(name: string, create: () => NetworkUnderTest): void {
  const contract = (what: string, body: (under: NetworkUnderTest) => Promise<void>): void => {
    test(`${name}: ${what}`, async () => {
      const open: { destroy(): void }[] = [];
      const listeners: Listener[] = [];
      const { server, client, ...rest } = create();
      const track = (network: Network): Network => ({
        listen: async (host, port, accept) => {
          const listener = await network.listen(host, port, connection => {
            open.push(connection);
            return accept(connection);
          });
          listeners.push(listener);
          return listener;
        },
        connect: async (host, port, timeoutMs, attach) => {
          const connection = await network.connect(host, port, timeoutMs, attach);
          open.push(connection);
          return connection;
        },
      });
      const under = { server: track(server), client: track(client), ...rest };
      try {
        await body(under);
      } finally {
        for (const connection of open) connection.destroy();
        await rest.run(Promise.all(listeners.map(listener => listener.close())));
        await rest.settle();
      }
    });
  };

  const connect = async (under: NetworkUnderTest): Promise<Pair> => {
    const server = new Recorder();
    const client = new Recorder();
    const listener = await under.run(under.server.listen(under.host, 0, server.attach));
    const connection = await under.run(under.client.connect(under.host, listener.port, 5_000, client.attach));
    assert.equal(connection, client.connection, 'the handler was attached first');
    await under.until(() => server.connection !== undefined);
    return { server, client, listener };
  };

  contract('bytes go both ways, in order', async under => {
    const { server, client, listener } = await connect(under);
    assert.ok(listener.port > 0);
    assert.equal(client.connection.remotePort, listener.port);
    assert.ok(server.connection.remotePort > 0);
    assert.notEqual(server.connection.remoteHost, '');
    client.connection.write([Buffer.from('one '), Buffer.alloc(0), Buffer.from('two ')]);
    client.connection.write([]);
    client.connection.write([Buffer.from('three')]);
    server.connection.write([Buffer.from('answer')]);
    await under.until(() => server.receivedBytes === 13 && client.receivedBytes === 6);
    assert.equal(server.text, 'one two three');
    assert.equal(client.text, 'answer');
    assert.equal(client.connection.unsentBytes, 0);
    assert.equal(client.drainedCount, 0);
  });

  contract('chunks of all sizes arrive whole', async under => {
    const { server, client } = await connect(under);
    const sizes = [1, 4_095, 4_096, 4_097, 0, 10, 20, 30, 200_000, 5, 1_000_000, 3, 3, 70_000];
    const chunks = sizes.map((size, index) => Buffer.alloc(size, `${index} chunk `));
    for (let size = 0; size < 3_000; size++) chunks.push(Buffer.alloc(size % 50, `${size}`));
    const whole = Buffer.concat(chunks);
    client.connection.write(chunks);
    await under.until(() => server.receivedBytes === whole.length);
    assert.ok(Buffer.concat(server.received).equals(whole));
  });

  contract('a paused reader slows the writer down, and drained tells when it may go on', async under => {
    const { server, client } = await connect(under);
    server.connection.pause();
    const chunk = Buffer.alloc(1_000_000, 'x');
    for (let count = 0; count < 20; count++) client.connection.write([chunk]);
    await under.settle();
    assert.ok(client.connection.unsentBytes > 4_000_000, `${client.connection.unsentBytes} unsent`);
    assert.ok(server.received.length <= 1, 'at most one more chunk');
    assert.equal(client.drainedCount, 0);
    server.connection.resume();
    await under.until(() => server.receivedBytes === 20_000_000);
    await under.until(() => client.drainedCount === 1);
    assert.equal(client.connection.unsentBytes, 0);
    client.connection.write([Buffer.from('y')]);
    await under.until(() => server.receivedBytes === 20_000_001);
    assert.equal(client.drainedCount, 1);
  });

  contract('pausing from within data', async under => {
    const { server, client } = await connect(under);
    let chunksWhilePaused = 0;
    let isPaused = false;
    server.onData = () => {
      if (isPaused) chunksWhilePaused++;
      isPaused = true;
      server.connection.pause();
    };
    client.connection.write([Buffer.alloc(500_000, 'x')]);
    await under.until(() => isPaused);
    while (server.receivedBytes < 500_000) {
      await under.settle();
      isPaused = false;
      server.connection.resume();
      await under.until(() => isPaused);
    }
    assert.equal(chunksWhilePaused, 0);
  });

  contract('what was sent may be changed', async under => {
    const { server, client } = await connect(under);
    const chunk = Buffer.alloc(100_000, 'a');
    client.connection.write([chunk]);
    await under.until(() => server.receivedBytes === 100_000 && client.connection.unsentBytes === 0);
    chunk.fill('b');
    client.connection.write([chunk]);
    await under.until(() => server.receivedBytes === 200_000);
    const all = Buffer.concat(server.received);
    assert.ok(all.subarray(0, 100_000).every(byte => byte === 97));
    assert.ok(all.subarray(100_000).every(byte => byte === 98));
  });

  contract('close sends what was written, then ends both sides', async under => {
    const { server, client } = await connect(under);
    client.connection.write([Buffer.alloc(3_000_000, 'x')]);
    client.connection.close();
    client.connection.close();
    client.connection.write([Buffer.from('too late')]);
    await under.until(() => server.closedCount === 1 && client.closedCount === 1);
    assert.equal(server.receivedBytes, 3_000_000);
    assert.equal(server.error, undefined);
    assert.equal(client.error, undefined);
    server.connection.write([Buffer.from('nobody is there')]);
    server.connection.close();
    server.connection.destroy();
    await under.settle();
    assert.equal(server.closedCount, 1);
    assert.equal(client.closedCount, 1);
    assert.equal(server.connection.unsentBytes, 0);
  });

  contract('after close nothing is received', async under => {
    const { server, client } = await connect(under);
    client.connection.close();
    server.connection.write([Buffer.from('late')]);
    await under.until(() => server.closedCount === 1 && client.closedCount === 1);
    assert.equal(client.receivedBytes, 0);
  });

  contract(
    'an answer that was written before the close arrives, even when the peer goes on sending',
    async under => {
      const { server, client } = await connect(under);
      server.onData = () => {
        server.connection.write([Buffer.from('refused')]);
        server.connection.close();
      };
      client.connection.write([Buffer.from('request')]);
      for (let count = 0; count < 50; count++) client.connection.write([Buffer.alloc(10_000)]);
      await under.until(() => client.closedCount === 1);
      assert.equal(client.text, 'refused');
    },
  );

  contract('destroy ends at once', async under => {
    const { server, client } = await connect(under);
    server.connection.pause();
    client.connection.write([Buffer.alloc(20_000_000, 'x')]);
    client.connection.destroy();
    client.connection.destroy();
    assert.equal(client.closedCount, 0, 'not from within destroy');
    await under.until(() => client.closedCount === 1);
    assert.equal(client.error, undefined);
    assert.equal(client.connection.unsentBytes, 0);
    server.connection.resume();
    await under.until(() => server.closedCount === 1);
    assert.ok(server.receivedBytes < 20_000_000);
    client.connection.write([Buffer.from('x')]);
    client.connection.close();
    await under.settle();
    assert.equal(client.closedCount, 1);
  });

  contract('destroy from within data', async under => {
    const { server, client } = await connect(under);
    server.onData = () => server.connection.destroy();
    client.connection.write([Buffer.alloc(1_000_000)]);
    await under.until(() => server.closedCount === 1);
    assert.equal(server.received.length, 1);
    await under.until(() => client.closedCount === 1);
  });

  contract('nobody listens', async under => {
    const listener = await under.run(under.server.listen(under.host, 0, () => new Recorder()));
    await under.run(listener.close());
    const attempt = under.client.connect(under.host, listener.port, 5_000, () => assert.fail('attached'));
    await assert.rejects(
      under.run(attempt),
      isNetworkError('ECONNREFUSED', `${under.host}:${listener.port}`),
    );
  });

  contract('a closed listener keeps its connections', async under => {
    const { server, client, listener } = await connect(under);
    await under.run(listener.close());
    await under.run(listener.close());
    client.connection.write([Buffer.from('still')]);
    await under.until(() => server.text === 'still');
    const attempt = under.client.connect(under.host, listener.port, 5_000, client.attach);
    await assert.rejects(
      under.run(attempt),
      isNetworkError('ECONNREFUSED', `${under.host}:${listener.port}`),
    );
    const again = await under.run(under.server.listen(under.host, listener.port, () => new Recorder()));
    assert.equal(again.port, listener.port);
  });

  contract('addresses that can’t be had', async under => {
    const { listener } = await connect(under);
    await assert.rejects(
      under.run(under.server.listen(under.host, listener.port, () => new Recorder())),
      isNetworkError('EADDRINUSE', `${under.host}:${listener.port}`),
    );
    await assert.rejects(
      under.run(under.server.listen(under.foreignHost, 0, () => new Recorder())),
      isNetworkError('EADDRNOTAVAIL', under.foreignHost),
    );
  });

  contract('many connections at once', async under => {
    let echoed = 0;
    const listener = await under.run(
      under.server.listen(under.host, 0, connection => ({
        data: chunk => connection.write([Buffer.from(chunk)]),
        drained: () => {},
        closed: () => echoed++,
      })),
    );
    const clients = Array.from({ length: 100 }, () => new Recorder());
    await under.run(
      Promise.all(
        clients.map(client => under.client.connect(under.host, listener.port, 5_000, client.attach)),
      ),
    );
    for (const [index, client] of clients.entries()) client.connection.write([Buffer.from(`from ${index}`)]);
    await under.until(() => clients.every((client, index) => client.text === `from ${index}`));
    for (const client of clients) client.connection.close();
    await under.until(() => echoed === 100);
  });
}

function isNetworkError(code: string, where: string): (error: unknown) => boolean {
  return error => {
    assert.ok(error instanceof NetworkError, String(error));
    assert.equal(error.code, code);
    assert.ok(error.message.includes(where), error.message);
    return true;
  };
}
