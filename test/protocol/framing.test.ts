import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Produce } from '../../src/messages/00_produce.ts';
import { Metadata } from '../../src/messages/03_metadata.ts';
import { ApiVersions } from '../../src/messages/18_api_versions.ts';
import { API_BY_KEY } from '../../src/messages/apis.ts';
import { Errors } from '../../src/model/error_codes.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import {
  correlationIdOf,
  decodeRequestBody,
  decodeRequestHeader,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from '../../src/protocol/framing.ts';
import type { Encoded } from '../../src/protocol/writer.ts';

const ASK = { includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false };
const CLIENT = { correlationId: 0x01020304, clientId: 'me' };

/** The frame without its size, which must be right. */
function frameOf({ chunks, sizeBytes }: Encoded): Buffer {
  const bytes = Buffer.concat(chunks);
  assert.equal(bytes.length, sizeBytes);
  assert.equal(bytes.readInt32BE(0), bytes.length - 4);
  return bytes.subarray(4);
}

function headerOf(hex: string) {
  return decodeRequestHeader(Buffer.from(hex.replaceAll(' ', ''), 'hex'), API_BY_KEY);
}

test('requests are headers and bodies, in the header version of their version', () => {
  const old = frameOf(encodeRequest(Metadata, 8, CLIENT, { ...ASK, topics: null }));
  assert.equal(old.toString('hex'), '0003 0008 01020304 0002 6d65 ffffffff 01 00 00'.replaceAll(' ', ''));
  const flexible = frameOf(encodeRequest(Metadata, 9, CLIENT, { ...ASK, topics: null }));
  assert.equal(
    flexible.toString('hex'),
    '0003 0009 01020304 0002 6d65 00 00 01 00 00 00'.replaceAll(' ', ''),
  );
  for (const frame of [old, flexible]) {
    const request = decodeRequestHeader(frame, API_BY_KEY);
    assert(!failed(request));
    assert.equal(request.api, Metadata);
    assert.equal(request.correlationId, CLIENT.correlationId);
    assert.equal(request.clientId, 'me');
    const body = decodeRequestBody(Metadata, request.version, request.body);
    assert(!failed(body));
    assert.equal(body.topics, null);
    assert.equal(body.allowAutoTopicCreation, true);
  }
});

test('no client id is an empty one', () => {
  const request = headerOf('0003 0008 00000001 ffff');
  assert(!failed(request));
  assert.equal(request.clientId, '');
  assert.equal(request.body.length, 0);
});

test('payloads are in the frame by reference', () => {
  const payload = Buffer.from('not really a batch');
  const topicData = [{ name: 'topic', partitionData: [{ index: 0, records: [payload] }] }];
  const encoded = encodeRequest(Produce, 9, CLIENT, { acks: -1, timeoutMs: 1000, topicData });
  assert(encoded.chunks.includes(payload));
  const request = decodeRequestHeader(frameOf(encoded), API_BY_KEY);
  assert(!failed(request));
  const body = decodeRequestBody(Produce, 9, request.body);
  assert(!failed(body));
  assert.deepEqual(body.topicData[0]?.partitionData[0]?.records, [payload]);
});

test('an unknown version of ApiVersions is told with all that the answer needs', () => {
  const request = headerOf('0012 7fff 0000002a 0002 6d65 00');
  assert(!failed(request));
  assert.equal(request.api, ApiVersions);
  assert.equal(request.version, 32767);
  assert.equal(request.correlationId, 42);
  const body = decodeRequestBody(ApiVersions, request.version, request.body);
  assert(body instanceof Failure);
  assert.equal(body.code, Errors.UNSUPPORTED_VERSION);
  const answer = frameOf(
    encodeResponse(ApiVersions, 0, request.correlationId, {
      errorCode: Errors.UNSUPPORTED_VERSION,
      apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }],
    }),
  );
  assert.equal(answer.toString('hex'), '0000002a 0023 00000001 0012 0000 0004'.replaceAll(' ', ''));
});

test('the response header of ApiVersions is never flexible', () => {
  const frame = frameOf(encodeResponse(ApiVersions, 3, 1, { errorCode: 0, apiKeys: [] }));
  assert.equal(frame.toString('hex'), '00000001 0000 01 00000000 00'.replaceAll(' ', ''));
});

test('responses: by correlation id, then by what was asked', () => {
  const value = { throttleTimeMs: 5, responses: [] };
  const frame = frameOf(encodeResponse(Produce, 9, 77, value));
  assert.equal(correlationIdOf(frame), 77);
  const decoded = decodeResponse(Produce, 9, frame);
  assert(!failed(decoded));
  assert.equal(decoded.throttleTimeMs, 5);
  assert.equal(correlationIdOf(frame.subarray(0, 3)), undefined);
  const failure = decodeResponse(Produce, 9, frame.subarray(0, 6));
  assert(failure instanceof Failure);
  assert.match(failure.message, /^Cannot decode ProduceResponse version 9: /);
});

test('bytes behind a body are ignored, as Kafka does', () => {
  const frame = Buffer.concat([
    frameOf(encodeRequest(Metadata, 1, CLIENT, { ...ASK, topics: [] })),
    Buffer.from('more'),
  ]);
  const request = decodeRequestHeader(frame, API_BY_KEY);
  assert(!failed(request));
  assert(!failed(decodeRequestBody(Metadata, 1, request.body)));
});

for (const [what, hex, message] of [
  ['nothing', '', /a request of 0 bytes/],
  ['less than a header', '0003 0008 00000001 00', /a request of 9 bytes/],
  ['an unknown key', '03e7 0000 00000001 ffff', /no API with key 999/],
  ['a negative key', 'ffff 0000 00000001 ffff', /no API with key -1/],
  ['a removed key', '0004 0000 00000001 ffff', /no API with key 4/],
  [
    'a client id beyond the frame',
    '0003 0008 00000001 0005 6d65',
    /header of Metadata version 8: 5 bytes wanted/,
  ],
  ['a flexible header without tags', '0003 0009 00000001 0002 6d65', /header of Metadata version 9: /],
  ['20 million tagged fields', '0003 0009 00000001 0000 80dac409 00', /header of .*: 20000000 tagged fields/],
] as const) {
  test(`a header that is ${what} is refused`, () => {
    const failure = headerOf(hex);
    assert(failure instanceof Failure);
    assert.equal(failure.code, Errors.INVALID_REQUEST);
    assert.match(failure.message, message);
  });
}

test('a body of an unknown version is refused by its version, garbage as such', () => {
  const unknown = decodeRequestBody(Metadata, 99, Buffer.alloc(0));
  assert(unknown instanceof Failure);
  assert.equal(unknown.code, Errors.UNSUPPORTED_VERSION);
  const garbage = decodeRequestBody(Metadata, 9, Buffer.from('ffffffff', 'hex'));
  assert(garbage instanceof Failure);
  assert.equal(garbage.code, Errors.INVALID_REQUEST);
});
