import assert from 'node:assert/strict';
import { test } from 'node:test';
import v8 from 'node:v8';
import vm from 'node:vm';
import { MESSAGE_BY_NAME } from '../../scripts/vectors/declarations.ts';
import { readFixture } from '../../scripts/vectors/fixtures.ts';
import { JoinGroup } from '../../src/messages/11_join_group.ts';
import { API_BY_KEY, APIS } from '../../src/messages/apis.ts';
import { METADATA_MESSAGES } from '../../src/messages/records.ts';
import { Failure, failed } from '../../src/model/failure.ts';
import { MAX_STRING_BYTES } from '../../src/model/limits.ts';
import { decode, encodeToBuffer } from '../../src/protocol/codec.ts';
import { decodeRequestBody, decodeRequestHeader, decodeResponse } from '../../src/protocol/framing.ts';
import { requestHeaderVersion, responseHeaderVersion } from '../../src/protocol/headers.ts';
import type { Message, MessageInput } from '../../src/protocol/schema.ts';
import { decodeMetadataRecord, decodeRecordKey, decodeVersioned } from '../../src/protocol/stored.ts';
import { parseVersions } from '../../src/protocol/versions.ts';
import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { mutate } from '../support/mutate.ts';

/*
 * Whatever the bytes are: a decoder gives a value or a Failure, nothing else, soon, and takes no more memory than the
 * bytes justify. Everything here is the same in each run; a failure names the bytes.
 */

interface Sample {
  readonly message: Message;
  readonly version: number;
  readonly bytes: Buffer;
}

const samples = readFixture('messages.jsonl.gz').map((line): Sample => {
  const { name, version, hex } = JSON.parse(line);
  return { message: MESSAGE_BY_NAME.get(name)!, version, bytes: Buffer.from(hex, 'hex') };
});

/** Runs a decoder; whatever it throws names the bytes. */
function survive<T>(what: string, bytes: Buffer, decoder: () => T | Failure): T | Failure {
  try {
    return decoder();
  } catch (error) {
    throw new Error(`${what} of ${bytes.toString('hex')}`, { cause: error });
  }
}

/** Decodes, and encodes what was decoded: a node often answers with what it was asked. */
function decodeAndEcho({ message, version }: Sample, bytes: Buffer): boolean {
  const what = `${message.name} version ${version}`;
  const value = survive(what, bytes, () => decode(message, version, bytes));
  if (failed(value)) return false;
  const echo = survive(`the echo of ${what}`, bytes, () => encodeToBuffer(message, version, value));
  assert(echo instanceof Buffer);
  assert(!failed(decode(message, version, echo)), what);
  return true;
}

test('a message that is cut anywhere is refused', () => {
  const random = new SeededRandom(1);
  for (const sample of samples) {
    const { message, version, bytes } = sample;
    const cuts =
      bytes.length <= 100 ? [...bytes.keys()] : Array.from({ length: 20 }, () => random.below(bytes.length));
    for (const end of cuts) {
      const cut = bytes.subarray(0, end);
      const value = survive(`${message.name} version ${version}`, cut, () => decode(message, version, cut));
      assert(failed(value), `${message.name} version ${version} cut after ${end} bytes`);
    }
  }
});

const DAMAGES = 15;

test('damaged messages', () => {
  let decoded = 0;
  for (const [index, sample] of samples.entries()) {
    const random = new SeededRandom(1000 + index);
    for (let round = 0; round < DAMAGES; round++) {
      if (decodeAndEcho(sample, mutate(sample.bytes, random))) decoded++;
    }
  }
  // The damage must not be such that nothing comes to the decoders' inner parts.
  assert(decoded > samples.length, `${decoded} of ${DAMAGES * samples.length} were still messages`);
});

test('random bytes, for every message and version', () => {
  const random = new SeededRandom(2);
  for (const message of MESSAGE_BY_NAME.values()) {
    const { lowest, highest } = parseVersions(message.versions);
    for (let version = lowest; version <= highest; version++) {
      for (const length of [0, 1, 2, 3, 8, 20, 60, 200]) {
        decodeAndEcho({ message, version, bytes: Buffer.alloc(0) }, Buffer.from(random.bytes(length)));
        decodeAndEcho({ message, version, bytes: Buffer.alloc(0) }, Buffer.alloc(length, length % 2));
      }
    }
  }
});

test('damaged request frames', () => {
  const requests = APIS.flatMap(api =>
    samples.filter(({ message }) => message === api.request).map(sample => ({ api, ...sample })),
  );
  for (const [index, { api, version, bytes }] of requests.entries()) {
    const random = new SeededRandom(200_000 + index);
    const tags = requestHeaderVersion(api, version) === 2 ? [0] : [];
    const header = Buffer.from([0, api.key, 0, version, 0, 0, 0, 1, 0, 2, 0x6d, 0x65, ...tags]);
    const frame = Buffer.concat([header, bytes]);
    assert(answersTo(frame), `${api.name} version ${version}`);
    for (let round = 0; round < 20; round++) answersTo(mutate(frame, random));
  }
});

/** Whether the frame is a request as a whole. */
function answersTo(frame: Buffer): boolean {
  const request = survive('a request header', frame, () => decodeRequestHeader(frame, API_BY_KEY));
  if (failed(request)) return false;
  const { api, version, body } = request;
  return !failed(survive('a request', frame, () => decodeRequestBody(api, version, body)));
}

test('damaged response frames', () => {
  for (const [index, api] of APIS.entries()) {
    const random = new SeededRandom(300_000 + index);
    for (const { version, bytes } of samples.filter(({ message }) => message === api.response)) {
      const header = responseHeaderVersion(api, version) === 1 ? [0, 0, 0, 7, 0] : [0, 0, 0, 7];
      const frame = Buffer.concat([Buffer.from(header), bytes]);
      assert(!failed(decodeResponse(api, version, frame)), `${api.name} version ${version}`);
      for (let round = 0; round < 20; round++) {
        const damaged = mutate(frame, random);
        survive(`${api.name} response`, damaged, () => decodeResponse(api, version, damaged));
      }
    }
  }
});

test('damaged stored messages', () => {
  const records = new Map(METADATA_MESSAGES.map(message => [message.key!, message]));
  for (const [index, { message, version, bytes }] of samples.entries()) {
    if (API_BY_KEY.has(message.key!) && !records.has(message.key!)) continue;
    const random = new SeededRandom(400_000 + index);
    const int16 = Buffer.from([0, version]);
    const frame = Buffer.from([1, message.key ?? 0, version]);
    for (let round = 0; round < 10; round++) {
      const versioned = mutate(Buffer.concat([int16, bytes]), random);
      survive(message.name, versioned, () => decodeVersioned(message, versioned));
      const record = mutate(Buffer.concat([frame, bytes]), random);
      survive('a metadata record', record, () => decodeMetadataRecord(records, record));
      if (message.name.endsWith('Key'))
        survive(message.name, versioned, () => decodeRecordKey(message, versioned));
    }
  }
});

test('a string that is not UTF-8 and would not fit when it is encoded again', () => {
  const withName = (byte: number, length: number) => {
    const size = Buffer.alloc(2);
    size.writeInt16BE(length);
    return Buffer.concat([Buffer.from([0, 0, 0, 1]), size, Buffer.alloc(length, byte)]);
  };
  const { request } = API_BY_KEY.get(3)!;
  const sample = { message: request, version: 1, bytes: Buffer.alloc(0) };
  assert.equal(decodeAndEcho(sample, withName(0x61, MAX_STRING_BYTES)), true);
  assert.equal(decodeAndEcho(sample, withName(0xff, 10_922)), true);
  assert.equal(decodeAndEcho(sample, withName(0xff, 10_923)), false);
});

v8.setFlagsFromString('--expose-gc');
const collectGarbage: () => void = vm.runInNewContext('gc');

function heldMemory(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** What a value takes in memory that `make` makes, the value being alive meanwhile. */
function memoryOf<T>(make: () => T): { value: T; memoryBytes: number } {
  make();
  const before = heldMemory();
  const value = make();
  return { value, memoryBytes: heldMemory() - before };
}

/** Above what 3 bytes on the wire can take at most in memory: a nameless protocol of JoinGroup. */
const MAX_AMPLIFICATION = 70;

/** Messages of the smallest elements there are: each array of the message full of them, and each array in it. */
function* bombs(message: Message, version: number): Generator<Buffer> {
  const count = 4000;
  for (const [name, field] of Object.entries(message.fields)) {
    if (field.kind.type !== 'array') continue;
    const { element } = field.kind;
    if (typeof element === 'string') continue;
    yield encodeToBuffer(message, version, { [name]: Array(count).fill({}) } as MessageInput<Message>);
    for (const [inner, innerField] of Object.entries(element)) {
      if (innerField.kind.type !== 'array' || typeof innerField.kind.element === 'string') continue;
      const value = { [name]: [{ [inner]: Array(count).fill({}) }] };
      yield encodeToBuffer(message, version, value as MessageInput<Message>);
    }
  }
}

test('the memory that tiny elements take is bounded by their bytes', () => {
  const all = APIS.flatMap(({ request }) => {
    const version = parseVersions(request.versions).highest;
    return survivingBombs(request, version).map(frame => ({ request, version, frame }));
  });
  // The fewest bytes for the same number of elements: what amplifies most.
  all.sort((left, right) => left.frame.length - right.frame.length);
  let worst = 0;
  for (const { request, version, frame } of all.slice(0, 8)) {
    const { value, memoryBytes } = memoryOf(() => decode(request, version, frame));
    assert(!failed(value), request.name);
    const amplification = memoryBytes / frame.length;
    assert(amplification < MAX_AMPLIFICATION, `${request.name}: ${frame.length} bytes take ${memoryBytes}`);
    worst = Math.max(worst, amplification);
  }
  assert(worst > 20, `the worst is only ${worst}: these are no bombs`);
});

/** Bombs of a message that has one of its arrays in this version. */
function survivingBombs(message: Message, version: number): Buffer[] {
  const all: Buffer[] = [];
  try {
    all.push(...bombs(message, version));
  } catch {
    // An array of older versions: this version can't carry it.
  }
  return all;
}

test('a large frame of tiny elements is refused before it takes what the machine has', () => {
  const protocols = Array(999_999).fill({ name: '', metadata: Buffer.alloc(0) });
  const input = { groupId: '', sessionTimeoutMs: 0, memberId: '', protocolType: '', protocols };
  const frame = encodeToBuffer(JoinGroup.request, 9, input);
  const { value, memoryBytes } = memoryOf(() => decode(JoinGroup.request, 9, frame));
  assert(value instanceof Failure);
  assert.match(value.message, /arrays that would take more than 134217728 bytes of memory$/);
  assert(memoryBytes < 1_000_000);
});

test('counts and lengths that the bytes do not justify are refused without taking memory', () => {
  const filler = Buffer.alloc(100, 1);
  for (const { request } of APIS) {
    const { lowest, highest } = parseVersions(request.versions);
    for (let version = lowest; version <= highest; version++) {
      decode(request, version, filler);
      for (const claim of ['7fffffff', 'ffffffff07', 'ffffffff0f', '000f4240', 'c0843d']) {
        const frame = Buffer.concat([Buffer.from(claim, 'hex'), filler]);
        const before = process.memoryUsage().heapUsed;
        survive(`${request.name} version ${version}`, frame, () => decode(request, version, frame));
        const taken = process.memoryUsage().heapUsed - before;
        // An array of the size that is claimed takes 8 MB and more.
        assert(taken < 1_000_000, `${request.name} version ${version} takes ${taken} bytes for ${claim}`);
      }
    }
  }
});
