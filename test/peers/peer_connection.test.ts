import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiVersions } from '../../src/messages/18_api_versions.ts';
import { DescribeCluster } from '../../src/messages/60_describe_cluster.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { NotSent } from '../../src/peers/not_sent.ts';
import { PeerClient } from '../../src/peers/peer_client.ts';
import { FrameAssembler } from '../../src/protocol/frame_assembler.ts';
import { decodeRequestBody, decodeRequestHeader, encodeResponse } from '../../src/protocol/framing.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedNetwork } from '../../src/simulation/simulated_network.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

const ENDPOINT = { host: 'old', port: 9092 };
const REQUEST = { includeClusterAuthorizedOperations: false, includeFencedBrokers: false };
const APIS = new Map([ApiVersions, DescribeCluster].map(api => [api.key, api]));

/** A node that knows ApiVersions up to version 2 and DescribeCluster in version 0, and notes what it is asked. */
async function startOldNode() {
  const time = new SimulatedTime();
  const network = new SimulatedNetwork({ time, random: new SeededRandom(1) });
  const asked: string[] = [];
  const sockets = network.host('old').open(new SimulatedClock(time));
  await sockets.listen('old', 9092, connection => {
    const assembler = new FrameAssembler({ leastBytes: 4, mostBytes: 1_000_000 });
    return {
      data(chunk) {
        assembler.add(chunk);
        for (let frame = assembler.next(); frame !== undefined; frame = assembler.next()) {
          assert.ok(!failed(frame));
          const request = decodeRequestHeader(frame, APIS);
          assert.ok(!failed(request));
          const { api, correlationId, version } = request;
          asked.push(`${api.name} ${version}`);
          const isRefused = api === ApiVersions && version > 2;
          if (!isRefused) assert.ok(!failed(decodeRequestBody(api, version, request.body)));
          const body =
            api === ApiVersions
              ? {
                  errorCode: isRefused ? Errors.UNSUPPORTED_VERSION : 0,
                  apiKeys: [
                    { apiKey: ApiVersions.key, minVersion: 0, maxVersion: 2 },
                    { apiKey: DescribeCluster.key, minVersion: 0, maxVersion: 0 },
                  ],
                }
              : { errorCode: 0, errorMessage: null, clusterId: 'old', controllerId: 1, brokers: [] };
          const answer = encodeResponse(api, isRefused ? 0 : version, correlationId, body as never);
          connection.write(answer.chunks);
        }
      },
      drained() {},
      closed() {},
    };
  });
  const clock = new SimulatedClock(time);
  const client = new PeerClient({ network: network.host('client').open(clock), clock, clientId: 'test' });
  return { time, asked, client, network };
}

test('a node that knows only old versions of ApiVersions is asked in the oldest, then in what both know', async () => {
  const { asked, client, time } = await startOldNode();
  const versions: number[] = [];
  const request = (version: number) => {
    versions.push(version);
    return REQUEST;
  };
  const answer = await time.run(client.send(ENDPOINT, DescribeCluster, request, { timeoutMs: 1_000 }));
  assert.ok(!failed(answer), String(answer));
  assert.equal(answer.clusterId, 'old');
  assert.deepEqual(asked, ['ApiVersions 4', 'ApiVersions 0', 'DescribeCluster 0']);
  assert.deepEqual(versions, [0], 'the request is made for the version');
});

test('what never left is told from what may have arrived', async () => {
  const { client, network, time } = await startOldNode();
  const nowhere = { host: 'old', port: 1 };
  const refused = await time.run(client.send(nowhere, DescribeCluster, REQUEST, { timeoutMs: 1_000 }));
  assert.ok(refused instanceof NotSent);
  const options = { timeoutMs: 1_000, minVersion: 5 };
  assert.ok((await time.run(client.send(ENDPOINT, DescribeCluster, REQUEST, options))) instanceof NotSent);
  network.block(['old'], ['client']);
  const lost = await time.run(client.send(ENDPOINT, DescribeCluster, REQUEST, { timeoutMs: 1_000 }));
  assert.ok(failed(lost) && !(lost instanceof NotSent));
  assert.equal(lost.code, Errors.REQUEST_TIMED_OUT);
});

test('a request without a response is sent, and the next one is answered', async () => {
  const { asked, client, time } = await startOldNode();
  assert.equal(
    await time.run(client.post(ENDPOINT, DescribeCluster, REQUEST, { timeoutMs: 1_000 })),
    undefined,
  );
  await time.advance(10);
  assert.equal(asked.at(-1), 'DescribeCluster 0');
  const refused = await time.run(
    client.post({ host: 'old', port: 1 }, DescribeCluster, REQUEST, { timeoutMs: 1_000 }),
  );
  assert.ok(refused instanceof NotSent);
});

test('a connection that is closed while it is opened fails at once, and connecting has a limit of its own', async () => {
  const { client, network, time } = await startOldNode();
  network.block(['old'], ['client']);
  const waiting = client.send(ENDPOINT, DescribeCluster, REQUEST, { timeoutMs: 60_000 });
  await time.advance(100);
  client.close();
  assert.ok((await time.run(waiting, { limitMs: 1 })) instanceof NotSent);
  const startedMs = time.nowMs;
  const options = { timeoutMs: 60_000, connectTimeoutMs: 500 };
  assert.ok(failed(await time.run(client.send(ENDPOINT, DescribeCluster, REQUEST, options))));
  assert.ok(time.nowMs - startedMs <= 500);
});
