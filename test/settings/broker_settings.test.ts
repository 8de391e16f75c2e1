import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BrokerSettings, resolveBrokerSettings } from '../../src/settings/broker_settings.ts';

function resolve(properties: Record<string, string>) {
  return resolveBrokerSettings(new Map(Object.entries(properties)), 'host.example');
}

/** The settings, of which nothing may be wrong. */
function settings(properties: Record<string, string>): BrokerSettings {
  const { settings, problems } = resolve(properties);
  assert.deepEqual(
    problems.map(problem => problem.text),
    [],
  );
  return settings;
}

const addresses = (listeners: readonly { name: string; host: string; port: number }[]) =>
  listeners.map(({ name, host, port }) => `${name}://${host}:${port}`);

const CLUSTERED = {
  'process.roles': 'broker,controller',
  'node.id': '2',
  'controller.quorum.voters': '1@a:9093,2@b:9093,3@c:9093',
  listeners: 'PLAINTEXT://b:9092,CONTROLLER://b:9093',
};

test('with nothing configured a node is a cluster of its own on loopback', () => {
  const node = settings({});
  assert.equal(node.nodeId, 1);
  assert.deepEqual(node.roles, ['broker', 'controller']);
  assert.deepEqual(addresses(node.listeners), ['PLAINTEXT://127.0.0.1:9092', 'CONTROLLER://127.0.0.1:9093']);
  assert.deepEqual(node.quorumVoters, [{ nodeId: 1, host: '127.0.0.1', port: 9093 }]);
  assert.deepEqual(node.logDirs, ['./data']);
  assert.equal(node.metadataLogDir, './data');
  assert.equal(node.brokerHeartbeatIntervalMs, 400);
  assert.equal(node.brokerSessionTimeoutMs, 2000);
});

test('a node that is told only its id or listeners is still its own quorum', () => {
  assert.deepEqual(settings({ 'node.id': '7' }).quorumVoters, [{ nodeId: 7, host: '127.0.0.1', port: 9093 }]);
  const moved = settings({ listeners: 'PLAINTEXT://:0,CONTROLLER://[::1]:19093' });
  assert.deepEqual(moved.quorumVoters, [{ nodeId: 1, host: '::1', port: 19_093 }]);
  assert.deepEqual(addresses(moved.advertisedListeners), ['PLAINTEXT://host.example:0']);
});

test('broker.id stands for node.id', () => {
  assert.equal(settings({ 'broker.id': '4' }).nodeId, 4);
  assert.equal(settings({ 'broker.id': '-1' }).nodeId, 1);
});

test('listeners of a node in a cluster', () => {
  const node = settings({
    ...CLUSTERED,
    'listener.security.protocol.map': 'INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT',
    listeners: 'inside://0.0.0.0:9094,OUTSIDE://[::]:9092,CONTROLLER://0.0.0.0:9093',
    'advertised.listeners': 'INSIDE://b.internal:9094,OUTSIDE://b.example:39092',
    'inter.broker.listener.name': 'inside',
    'listener.name.outside.max.connections': '10',
  });
  assert.equal(node.interBrokerListenerName, 'INSIDE');
  assert.deepEqual(addresses(node.advertisedListeners), [
    'INSIDE://b.internal:9094',
    'OUTSIDE://b.example:39092',
  ]);
  assert.deepEqual(addresses(node.advertisedControllerListeners), ['CONTROLLER://b:9093']);
  assert.deepEqual(
    node.listeners.map(listener => listener.maxConnections),
    [Infinity, 10, Infinity],
  );
});

test('a node of one role', () => {
  const broker = settings({
    ...CLUSTERED,
    'process.roles': 'broker',
    'node.id': '4',
    listeners: 'PLAINTEXT://b:9092',
  });
  assert.deepEqual(broker.advertisedControllerListeners, []);
  assert.deepEqual(broker.controllerListenerNames, ['CONTROLLER']);
  const controller = settings({
    ...CLUSTERED,
    'process.roles': 'controller',
    listeners: 'CONTROLLER://b:9093',
  });
  assert.deepEqual(controller.advertisedListeners, []);
  const alone = settings({
    'process.roles': 'broker',
    'controller.quorum.bootstrap.servers': 'a:9093,[::1]:9',
  });
  assert.deepEqual(addresses(alone.listeners), ['PLAINTEXT://127.0.0.1:9092']);
  assert.deepEqual(alone.quorumBootstrapServers, [
    { host: 'a', port: 9093 },
    { host: '::1', port: 9 },
  ]);
});

test('directories', () => {
  const node = settings({ 'log.dirs': '/a, /b', 'log.dir': '/c', 'cordoned.log.dirs': '*' });
  assert.deepEqual(node.logDirs, ['/a', '/b']);
  assert.deepEqual(node.cordonedLogDirs, ['/a', '/b']);
  assert.equal(node.metadataLogDir, '/a');
  assert.equal(settings({ 'log.dir': '/c', 'metadata.log.dir': '/m' }).metadataLogDir, '/m');
});

/** Settings that do not go, with a part of what is said of them. */
const WRONG: Record<string, [Record<string, string>, RegExp]> = {
  'a number that is none': [
    { 'num.partitions': 'x' },
    /num.partitions=x .* whole number from 1 to 2147483647/,
  ],
  'an empty number': [{ 'num.partitions': '' }, /num.partitions= is not allowed/],
  'a number out of range': [{ 'log.segment.bytes': '5' }, /whole number from 1048576 to 2147483647/],
  'a number of too many bits': [{ 'offsets.topic.replication.factor': '40000' }, /from 1 to 32767/],
  'a long of too many bits': [{ 'log.retention.bytes': '9223372036854775808' }, /whole number of 64 bits/],
  'a boolean that is none': [{ 'delete.topic.enable': 'yes' }, /true or false/],
  'a word that is unknown': [
    { 'compression.type': 'Gzip' },
    /one of uncompressed, zstd, lz4, snappy, gzip, producer/,
  ],
  'a role that is unknown': [{ 'process.roles': 'broker,zookeeper' }, /a list of broker, controller/],
  'an empty list': [{ 'log.dirs': '' }, /log.dirs= .* not empty/],
  'an empty part of a list': [{ 'log.dirs': '/a,,/b' }, /log.dirs=\/a,,\/b/],
  'a listener without a port': [{ listeners: 'PLAINTEXT://localhost' }, /NAME:\/\/host:port/],
  'a port above 65535': [{ listeners: 'PLAINTEXT://:65536,CONTROLLER://:1' }, /up to 65535/],
  'a voter without an id': [{ ...CLUSTERED, 'controller.quorum.voters': 'a:9093' }, /id@host:port/],
  'a voter twice': [{ ...CLUSTERED, 'controller.quorum.voters': '2@a:1,2@b:2' }, /each id once/],
  'an authorizer': [{ 'authorizer.class.name': 'a.b.C' }, /empty, since there is no authorizer yet/],
  'two ids': [{ 'node.id': '1', 'broker.id': '2' }, /node.id=1 and broker.id=2 name the same thing/],
  'no voters': [{ 'process.roles': 'broker,controller' }, /must say where the controllers are/],
  "a controller's listener with a name that is none": [
    { 'controller.listener.names': 'a b' },
    /a list of listeners' names/,
  ],
  'voters that are none': [{ 'controller.quorum.voters': '' }, /must say where the controllers are/],
  'listeners of a node on its own without one for the quorum': [
    { listeners: 'PLAINTEXT://:9092' },
    /^controller.listener.names names CONTROLLER, which is no listener: add CONTROLLER:\/\/host:port/,
  ],
  'a controller that is no voter': [
    { ...CLUSTERED, 'node.id': '4' },
    /must name this controller, node.id=4: it has 1, 2, 3/,
  ],
  'a broker that is a voter': [
    { ...CLUSTERED, 'process.roles': 'broker', listeners: 'PLAINTEXT://b:9092' },
    /names node.id=2, whose process.roles do not include controller/,
  ],
  'a broker that listens for the quorum': [
    { ...CLUSTERED, 'process.roles': 'broker', 'node.id': '4' },
    /with process.roles=broker, listeners must hold no listener of controller.listener.names: CONTROLLER is one/,
  ],
  'a controller that listens for clients': [
    { ...CLUSTERED, 'process.roles': 'controller' },
    /with process.roles=controller, listeners must hold .* only: PLAINTEXT is none/,
  ],
  'no listener for the quorum': [
    { ...CLUSTERED, listeners: 'PLAINTEXT://b:9092' },
    /names CONTROLLER, which is no listener: add CONTROLLER:\/\/host:port to listeners/,
  ],
  'no listener for clients': [
    { ...CLUSTERED, listeners: 'CONTROLLER://b:9093' },
    /a broker needs a listener that is not one of controller.listener.names/,
  ],
  'a listener name twice': [
    { ...CLUSTERED, listeners: 'PLAINTEXT://b:1,PLAINTEXT://b:2,CONTROLLER://b:3' },
    /listeners has the name PLAINTEXT twice/,
  ],
  'a port twice': [
    { ...CLUSTERED, listeners: 'PLAINTEXT://b:1,CONTROLLER://b:1' },
    /listeners PLAINTEXT and CONTROLLER have the same port 1/,
  ],
  'a listener without a protocol': [
    { ...CLUSTERED, listeners: 'EXTERNAL://b:1,CONTROLLER://b:2' },
    /listeners names the listener EXTERNAL, .* add EXTERNAL:PLAINTEXT to listener.security.protocol.map/,
  ],
  'a protocol that is unknown': [{ 'listener.security.protocol.map': 'A:TLS' }, /one of PLAINTEXT, SSL/],
  'a protocol that is not supported': [
    {
      ...CLUSTERED,
      listeners: 'SSL://b:9092,PLAINTEXT://b:1,CONTROLLER://b:2',
      'listener.security.protocol.map': 'SSL:SSL,CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    },
    /the listener SSL is to speak SSL, which is not supported yet: only PLAINTEXT is/,
  ],
  'an address that nobody can reach': [
    { ...CLUSTERED, listeners: 'PLAINTEXT://0.0.0.0:9092,CONTROLLER://b:9093' },
    /PLAINTEXT would be advertised as 0.0.0.0:9092, where nobody can reach it: set advertised.listeners/,
  ],
  'an advertised listener that is none': [
    {
      ...CLUSTERED,
      'listener.security.protocol.map': 'X:PLAINTEXT,PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'advertised.listeners': 'PLAINTEXT://b:1,X://b:2',
    },
    /advertised.listeners names X, which is no listener/,
  ],
  'a listener between brokers that is not advertised': [
    {
      ...CLUSTERED,
      listeners: 'A://b:1,CONTROLLER://b:2',
      'listener.security.protocol.map': 'A:PLAINTEXT,CONTROLLER:PLAINTEXT',
    },
    /talk to each other over PLAINTEXT, which is not advertised: set inter.broker.listener.name to one of A/,
  ],
  'the listener between brokers said twice': [
    {
      ...CLUSTERED,
      'inter.broker.listener.name': 'PLAINTEXT',
      'security.inter.broker.protocol': 'PLAINTEXT',
    },
    /set only one of them/,
  ],
  'a broker that joins the quorum': [
    {
      ...CLUSTERED,
      'process.roles': 'broker',
      'node.id': '4',
      listeners: 'PLAINTEXT://b:1',
      'controller.quorum.auto.join.enable': 'true',
    },
    /auto.join.enable=true is for nodes whose process.roles include controller/,
  ],
  'no retention at all': [{ 'log.retention.ms': '0' }, /must be 1 or more, or -1 to keep all/],
  'a roll at once': [{ 'log.roll.ms': '0' }, /log.roll.ms=0 must be 1 or more/],
  'a wait above the timeout': [
    { 'replica.fetch.wait.max.ms': '31000' },
    /replica.fetch.wait.max.ms=31000 must not be above replica.socket.timeout.ms=30000/,
  ],
  'bounds of groups the wrong way round': [
    { 'group.consumer.min.session.timeout.ms': '46000' },
    /group.consumer.min.session.timeout.ms=46000 must not be above group.consumer.session.timeout.ms=45000/,
  ],
  'a session as short as a heartbeat': [
    { 'group.share.session.timeout.ms': '5000', 'group.share.min.session.timeout.ms': '1' },
    /group.share.heartbeat.interval.ms=5000 must be below group.share.session.timeout.ms=5000/,
  ],
  'a queue below one request': [
    { 'queued.max.request.bytes': '5' },
    /must be -1 or at least socket.request.max.bytes=104857600/,
  ],
  'nobody let in': [{ 'max.connections.per.ip': '0' }, /lets nobody in/],
  'a delay as long as the idle time': [
    { 'connections.max.idle.ms': '100' },
    /must be below connections.max.idle.ms=100/,
  ],
  'little memory to compact': [{ 'log.cleaner.dedupe.buffer.size': '1048576' }, /above 1048576/],
  'a cordoned directory that is none': [{ 'cordoned.log.dirs': '/x' }, /cordoned.log.dirs names \/x/],
};

for (const [name, [properties, expected]] of Object.entries(WRONG)) {
  test(`does not go: ${name}`, () => {
    const texts = resolve(properties).problems.map(problem => problem.text);
    assert.ok(
      texts.some(text => expected.test(text)),
      `${JSON.stringify(texts)} says nothing like ${expected}`,
    );
  });
}

test('everything that is wrong is said at once, and nothing that only follows from it', () => {
  const { problems } = resolve({ ...CLUSTERED, 'num.partitions': '0', 'node.id': 'x', 'log.roll.ms': '-1' });
  assert.deepEqual(
    problems.map(problem => problem.keys[0]),
    ['node.id', 'num.partitions', 'log.roll.ms'],
  );
});
