import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePrincipal } from '../../src/handlers/principal.ts';
import { Produce } from '../../src/messages/00_produce.ts';
import { CreateTopics } from '../../src/messages/19_create_topics.ts';
import { Envelope } from '../../src/messages/58_envelope.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { FRAME_SIZE_BYTES } from '../../src/protocol/codec.ts';
import { decodeResponse, encodeRequest } from '../../src/protocol/framing.ts';
import { ClusterWorld, CONTROLLER_PORT } from '../support/cluster_world.ts';

const ALICE = encodePrincipal('User:alice');
const HOST = Buffer.from([10, 0, 0, 1]);

function embedded(name: string): Buffer {
  const request = {
    topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 1_000,
  };
  return joined(encodeRequest(CreateTopics, 7, { correlationId: 77, clientId: 'alice' }, request).chunks);
}

const joined = (chunks: readonly Uint8Array[]) => Buffer.concat(chunks).subarray(FRAME_SIZE_BYTES);

async function world(): Promise<ClusterWorld> {
  const made = new ClusterWorld({ combined: 2 });
  await made.start();
  return made;
}

test('the request in an envelope is answered as if it had come by itself', async () => {
  const cluster = await world();
  const envelope = { requestData: embedded('enveloped'), requestPrincipal: ALICE, clientHostAddress: HOST };
  const { id } = cluster.active!;
  const answer = await cluster.ask(id, Envelope, envelope, { port: CONTROLLER_PORT });
  assert.equal(answer.errorCode, Errors.NONE);
  assert.equal(answer.responseData!.readInt32BE(0), 77, 'the correlation id is that of the request within');
  const response = decodeResponse(CreateTopics, 7, answer.responseData!);
  assert.ok(!failed(response), String(response));
  assert.equal(response.topics[0]!.errorCode, Errors.NONE);
  assert.ok(cluster.active!.broker!.image.topics.byName('enveloped') !== undefined);
});

test('a node that is not the active controller says so on the envelope', async () => {
  const cluster = await world();
  const other = cluster.all.find(machine => machine !== cluster.active)!;
  const envelope = { requestData: embedded('elsewhere'), requestPrincipal: ALICE, clientHostAddress: HOST };
  const answer = await cluster.ask(other.id, Envelope, envelope, { port: CONTROLLER_PORT });
  assert.deepEqual(answer, { responseData: null, errorCode: Errors.NOT_CONTROLLER });
});

const produce = joined(
  encodeRequest(
    Produce,
    9,
    { correlationId: 1, clientId: '' },
    { transactionalId: null, acks: 1, timeoutMs: 1, topicData: [] },
  ).chunks,
);
const newer = (version: number): Buffer => {
  const bytes = Buffer.from(embedded('newer'));
  bytes.writeInt16BE(version, 2);
  return bytes;
};

const BAD: readonly (readonly [
  what: string,
  change: { requestData?: Buffer; requestPrincipal?: Buffer | null; clientHostAddress?: Buffer },
  errorCode: number,
])[] = [
  ['nothing in it', { requestData: Buffer.alloc(0) }, Errors.INVALID_REQUEST],
  ['an API that nobody decides', { requestData: produce }, Errors.INVALID_REQUEST],
  ['another envelope in it', { requestData: newer(0).fill(58, 1, 2) }, Errors.INVALID_REQUEST],
  ['a version of the future', { requestData: newer(99) }, Errors.UNSUPPORTED_VERSION],
  ['half a request', { requestData: embedded('half').subarray(0, 30) }, Errors.INVALID_REQUEST],
  ['no principal', { requestPrincipal: null }, Errors.PRINCIPAL_DESERIALIZATION_FAILURE],
  [
    'a broken principal',
    { requestPrincipal: Buffer.from([0, 0, 9]) },
    Errors.PRINCIPAL_DESERIALIZATION_FAILURE,
  ],
  ['no address', { clientHostAddress: Buffer.alloc(3) }, Errors.INVALID_REQUEST],
];

test('an envelope that makes no sense is refused, and the connection goes on', async t => {
  const cluster = await world();
  const { id } = cluster.active!;
  for (const [what, change, errorCode] of BAD) {
    await t.test(what, async () => {
      const envelope = {
        requestData: embedded('never'),
        requestPrincipal: ALICE,
        clientHostAddress: HOST,
        ...change,
      };
      const answer = await cluster.ask(id, Envelope, envelope, { port: CONTROLLER_PORT });
      assert.deepEqual(answer, { responseData: null, errorCode });
    });
  }
  assert.ok(cluster.active!.broker!.image.topics.byName('never') === undefined);
});
