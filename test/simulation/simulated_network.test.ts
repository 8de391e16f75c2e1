import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, type ConnectionHandler, NetworkError } from '../../src/model/ports.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import type { SimulatedSockets } from '../../src/simulation/simulated_host.ts';
import type { LinkQuality } from '../../src/simulation/simulated_link.ts';
import { SimulatedNetwork } from '../../src/simulation/simulated_network.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

const PORT = 9092;
const PLAIN: LinkQuality = { latencyMs: 10, jitterMs: 0, bytesPerMs: Infinity, loss: 0 };

/** Notes with their time what a side is told. */
class Side implements ConnectionHandler {
  readonly time: SimulatedTime;
  readonly events: string[] = [];
  receivedBytes = 0;
  connection!: Connection;

  constructor(time: SimulatedTime) {
    this.time = time;
  }

  attach = (connection: Connection): this => {
    this.connection = connection;
    this.note('connected');
    return this;
  };

  note(what: string): void {
    this.events.push(`${Math.round(this.time.nowMs * 100) / 100} ${what}`);
  }

  data(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    this.note(chunk.length < 20 ? chunk.toString() : `${chunk.length} bytes`);
  }

  drained(): void {
    this.note('drained');
  }

  closed(error?: Error): void {
    this.note(`closed ${error instanceof NetworkError ? error.code : ''}`.trim());
  }
}

function createWorld(quality: Partial<LinkQuality> = {}, seed = 1) {
  const time = new SimulatedTime();
  const network = new SimulatedNetwork({
    time,
    random: new SeededRandom(seed),
    quality: { ...PLAIN, ...quality },
  });
  const start = (name: string) => {
    const clock = new SimulatedClock(time);
    return { clock, sockets: network.host(name).open(clock) };
  };
  return { time, network, start, a: start('a'), b: start('b') };
}

async function connect(
  { time }: { time: SimulatedTime },
  from: SimulatedSockets,
  to: SimulatedSockets,
): Promise<{ client: Side; server: Side }> {
  const [client, server] = [new Side(time), new Side(time)];
  const listener = await to.listen('', PORT, server.attach);
  await time.run(from.connect(to.host.name, PORT, 30_000, client.attach));
  await time.runUntil(() => server.connection !== undefined);
  await listener.close();
  return { client, server };
}

test('each packet takes the latency of its way', async () => {
  const world = createWorld();
  const { time, a, b } = world;
  const { client, server } = await connect(world, a.sockets, b.sockets);
  assert.deepEqual([client.events, server.events], [['20 connected'], ['30 connected']]);
  client.connection.write([Buffer.from('request')]);
  await time.runUntil(() => server.receivedBytes > 0);
  server.connection.write([Buffer.from('answer')]);
  await time.runUntil(() => client.receivedBytes > 0);
  client.connection.close();
  await time.advance(100);
  assert.deepEqual(client.events, ['20 connected', '50 answer', '70 closed']);
  assert.deepEqual(server.events, ['30 connected', '40 request', '60 closed']);
  assert.equal(client.connection.remoteHost, 'b');
  assert.equal(server.connection.remoteHost, 'a');
});

test('a slow link is shared by its connections', async () => {
  const world = createWorld({ bytesPerMs: 100, latencyMs: 0 });
  const { time, a, b } = world;
  const first = await connect(world, a.sockets, b.sockets);
  const second = await connect(world, a.sockets, b.sockets);
  const startedMs = time.nowMs;
  first.client.connection.write([Buffer.alloc(10_000)]);
  second.client.connection.write([Buffer.alloc(10_000)]);
  await time.runUntil(() => second.server.receivedBytes === 10_000);
  assert.equal(first.server.receivedBytes, 10_000);
  assert.equal(Math.round(time.nowMs - startedMs), 200);
});

test('a long way bounds what is under way: the rest waits in the writer', async () => {
  const world = createWorld();
  const { time, a, b } = world;
  const { client, server } = await connect(world, a.sockets, b.sockets);
  client.connection.write([Buffer.alloc(1024 * 1024)]);
  assert.equal(client.connection.unsentBytes, 768 * 1024);
  await time.runUntil(() => client.events.some(event => event.endsWith('drained')));
  assert.equal(client.connection.unsentBytes, 0);
  await time.runUntil(() => server.receivedBytes === 1024 * 1024);
});

test('through a partition nothing gets, and what waited comes when it is healed', async () => {
  const world = createWorld();
  const { time, network, a, b } = world;
  const { client, server } = await connect(world, a.sockets, b.sockets);
  network.partition(['a'], ['b']);
  client.connection.write([Buffer.from('during')]);
  server.connection.write([Buffer.from('also')]);
  await time.advance(5_000);
  assert.equal(server.receivedBytes + client.receivedBytes, 0);
  network.heal();
  await time.advance(5_000);
  assert.match(server.events.at(-1)!, /during$/);
  assert.match(client.events.at(-1)!, /also$/);
});

test('a partition in one direction: bytes arrive, and their sender never learns it', async () => {
  const world = createWorld();
  const { time, network, a, b } = world;
  const { client, server } = await connect(world, a.sockets, b.sockets);
  network.block(['b'], ['a']);
  client.connection.write([Buffer.alloc(1_000_000)]);
  server.connection.write([Buffer.from('lost')]);
  await time.advance(60_000);
  assert.equal(server.receivedBytes, 256 * 1024);
  assert.equal(client.receivedBytes, 0);
  assert.ok(client.connection.unsentBytes > 700_000);
  network.heal();
  await time.advance(120_000);
  assert.equal(server.receivedBytes, 1_000_000);
  assert.equal(client.receivedBytes, 4);
});

test('a connection whose bytes get no answer breaks in the end', async () => {
  for (const blocked of [['a', 'b'] as const, ['b', 'a'] as const]) {
    const world = createWorld();
    const { time, network, a, b } = world;
    const { client } = await connect(world, a.sockets, b.sockets);
    network.block([blocked[0]], [blocked[1]]);
    client.connection.write([Buffer.from('hello?')]);
    await time.advance(600_000);
    assert.equal(client.events.length, 1);
    await time.advance(600_000);
    assert.match(client.events.at(-1)!, /closed ETIMEDOUT$/);
  }
});

test('attempts: refused, unanswered, unknown, and repeated when packets are lost', async () => {
  const { time, network, a, b } = createWorld();
  const never = (): never => assert.fail('attached');
  const code = async (name: string, timeoutMs = 5_000): Promise<string> => {
    const startedMs = time.nowMs;
    const error = await time.run(a.sockets.connect(name, PORT, timeoutMs, never).catch(caught => caught));
    assert.ok(error instanceof NetworkError);
    return `${error.code} after ${Math.round(time.nowMs - startedMs)} ms`;
  };
  assert.equal(await code('b'), 'ECONNREFUSED after 20 ms');
  assert.equal(await code('nowhere'), 'ENOTFOUND after 0 ms');
  assert.equal(await code('localhost'), 'ECONNREFUSED after 0 ms');
  network.host('b').powerOff();
  assert.equal(await code('b', 700), 'ETIMEDOUT after 700 ms');
  assert.equal(b.sockets.host.isOn, false);
  const again = network.host('b').open(new SimulatedClock(time));
  const server = new Side(time);
  await again.listen('b', PORT, server.attach);
  network.block(['b'], ['a']);
  const startedMs = time.nowMs;
  const connected = a.sockets.connect('b', PORT, 10_000, () => new Side(time));
  await time.advance(2_500);
  network.heal();
  await time.run(connected);
  assert.equal(time.nowMs - startedMs, 3_020);
  await time.advance(1_000);
  assert.equal(server.events.length, 1);
});

test('only the own machine reaches what listens on its loopback', async () => {
  const { time, a, b } = createWorld();
  await b.sockets.listen('127.0.0.1', PORT, () => new Side(time));
  const connection = await time.run(b.sockets.connect('localhost', PORT, 1_000, () => new Side(time)));
  assert.equal(connection.remotePort, PORT);
  await assert.rejects(time.run(a.sockets.connect('b', PORT, 1_000, () => new Side(time))), /ECONNREFUSED/);
});

test('a process that dies closes its connections and leaves its ports', async () => {
  const world = createWorld();
  const { time, start, a, b } = world;
  const { client, server } = await connect(world, a.sockets, b.sockets);
  server.connection.write([Buffer.from('last')]);
  b.sockets.kill();
  b.clock.stop();
  await time.advance(1_000);
  assert.deepEqual(client.events.slice(1), ['40 last', '40 closed']);
  assert.equal(server.events.length, 1);
  await b.sockets.host.network
    .host('b')
    .open(new SimulatedClock(time))
    .listen('b', PORT, () => new Side(time));
  assert.ok(start('b').sockets.host.listeners.has(PORT));
});

test('a machine without power says nothing; when it is back it knows no connection', async () => {
  const world = createWorld();
  const { time, network, start, a, b } = world;
  const { client, server } = await connect(world, a.sockets, b.sockets);
  network.host('b').powerOff();
  b.clock.stop();
  await time.advance(60_000);
  assert.equal(client.events.length, 1);
  start('b');
  await time.advance(60_000);
  assert.equal(client.events.length, 1);
  client.connection.write([Buffer.from('still there?')]);
  await time.advance(1_000);
  assert.match(client.events.at(-1)!, /closed ECONNRESET$/);
  assert.equal(server.events.length, 1);
});

test('a paused process: its system accepts and keeps bytes, it sees them when it goes on', async () => {
  const world = createWorld();
  const { time, a, b } = world;
  const server = new Side(time);
  await b.sockets.listen('', PORT, server.attach);
  b.clock.pause();
  const client = new Side(time);
  await time.run(a.sockets.connect('b', PORT, 1_000, client.attach));
  client.connection.write([Buffer.alloc(1_000_000)]);
  await time.advance(60_000);
  assert.deepEqual(server.events, []);
  assert.ok(client.connection.unsentBytes > 700_000);
  b.clock.resume();
  await time.runUntil(() => server.receivedBytes === 1_000_000);
});

test('a process that accepts nothing for long gets no more connections', async () => {
  const { time, a, b } = createWorld();
  await b.sockets.listen('', PORT, () => new Side(time));
  b.clock.pause();
  const outcomes: string[] = [];
  for (let count = 0; count < 1_030; count++) {
    const attempt = a.sockets
      .connect('b', PORT, 5_000, () => new Side(time))
      .then(
        () => 'connected',
        (error: NetworkError) => error.code,
      );
    outcomes.push(await time.run(attempt));
    await time.advance(10);
  }
  assert.equal(outcomes.filter(outcome => outcome === 'connected').length, 1_024);
  assert.equal(outcomes.filter(outcome => outcome === 'ETIMEDOUT').length, 6);
});

test('a connection that is accepted when its listener has closed is hung up on', async () => {
  const { time, a, b } = createWorld();
  const listener = await b.sockets.listen('', PORT, () => assert.fail('accepted'));
  const client = new Side(time);
  await time.run(a.sockets.connect('b', PORT, 1_000, client.attach));
  await listener.close();
  await time.advance(1_000);
  assert.match(client.events.at(-1)!, /closed/);
});

test('closing a connection whose peer reads nothing ends, as does one whose peer is gone', async () => {
  const world = createWorld();
  const { time, network, a, b } = world;
  const stuck = await connect(world, a.sockets, b.sockets);
  stuck.server.connection.pause();
  stuck.client.connection.write([Buffer.alloc(1_000_000)]);
  stuck.client.connection.close();
  await time.advance(30_000);
  assert.match(stuck.client.events.at(-1)!, /closed$/);
  const gone = await connect(world, a.sockets, b.sockets);
  network.host('b').powerOff();
  gone.client.connection.close();
  await time.advance(2_000);
  assert.match(gone.client.events.at(-1)!, /closed$/);
});

test('what a dead process still tries does nothing', async () => {
  const world = createWorld();
  const { time, a, b } = world;
  const { client, server } = await connect(world, a.sockets, b.sockets);
  a.sockets.kill();
  a.clock.stop();
  client.connection.write([Buffer.from('zombie')]);
  client.connection.close();
  client.connection.destroy();
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  a.sockets.listen('', 1, client.attach).then(settle, settle);
  a.sockets.connect('b', PORT, 10, client.attach).then(settle, settle);
  await time.advance(10_000);
  assert.equal(settled, false);
  assert.equal(server.receivedBytes, 0);
  assert.equal(client.events.length, 1);
});

/** A busy hour in a bad world, as text. */
async function transcript(seed: number): Promise<string> {
  const world = createWorld({ jitterMs: 20, loss: 0.05, bytesPerMs: 1_000 }, seed);
  const { time, network, start } = world;
  const random = new SeededRandom(seed);
  const names = ['a', 'b', 'c'];
  const processes = new Map([...names.entries()].map(([, name]) => [name, start(name)]));
  const sides: Side[] = [];
  const side = (): Side => {
    const created = new Side(time);
    sides.push(created);
    return created;
  };
  const listen = async (name: string): Promise<void> => {
    await processes.get(name)!.sockets.listen('', PORT, connection => side().attach(connection));
  };
  for (const name of names) await listen(name);
  for (let step = 0; step < 300; step++) {
    const name = names[random.below(3)]!;
    const other = names[random.below(3)]!;
    const process = processes.get(name)!;
    const choice = random.below(20);
    if (choice < 6) {
      process.sockets.connect(other, PORT, 2_000, connection => side().attach(connection)).catch(() => {});
    } else if (choice < 14 && sides.length > 0) {
      sides[random.below(sides.length)]!.connection.write([Buffer.from(random.bytes(random.below(100_000)))]);
    } else if (choice === 14) network.block([name], [other]);
    else if (choice === 15) network.heal();
    else if (choice === 16 && sides.length > 0) sides[random.below(sides.length)]!.connection.close();
    else if (choice === 17) process.clock.pause();
    else if (choice === 18) process.clock.resume();
    else if (choice === 19) {
      if (random.chance(0.5)) process.sockets.kill();
      else network.host(name).powerOff();
      process.clock.stop();
      processes.set(name, start(name));
      await listen(name);
    }
    await time.advance(random.below(2_000));
  }
  return sides.map(({ events }) => events.join('\n')).join('\n\n');
}

test('the same seed gives the same hour, another seed another', async () => {
  const [first, second, other] = [await transcript(1), await transcript(1), await transcript(2)];
  assert.ok(first.length > 3_000, `${first.length} characters`);
  assert.equal(first, second);
  assert.notEqual(first, other);
});

test('what a stalled connection sends comes late, and others are not held up', async () => {
  const world = createWorld();
  const { time, a, b } = world;
  const first = await connect(world, a.sockets, b.sockets);
  a.sockets.stallConnections(time.nowMs + 1_000, () => true);
  const second = await connect(world, a.sockets, b.sockets);
  const startMs = time.nowMs;
  first.client.connection.write([Buffer.from('late')]);
  second.client.connection.write([Buffer.from('soon')]);
  first.server.connection.write([Buffer.from('back')]);
  await time.runUntil(() => first.server.receivedBytes > 0);
  assert.ok(time.nowMs - startMs > 900, `late came after ${time.nowMs - startMs} ms`);
  assert.equal(second.server.events.at(-1), `${startMs + 10} soon`);
  assert.equal(first.client.events.at(-1), `${startMs + 10} back`);
});
