import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Failure, failed } from '../../src/model/failure.ts';
import { FrameAssembler } from '../../src/protocol/frame_assembler.ts';

const LIMITS = { leastBytes: 1, mostBytes: 1000 };

function withSize(frame: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + frame.length);
  bytes.writeInt32BE(frame.length);
  bytes.set(frame, 4);
  return bytes;
}

/** All that `next` gives until more bytes are needed; a failure is the last. */
function drain(assembler: FrameAssembler): (Buffer | Failure)[] {
  const all: (Buffer | Failure)[] = [];
  for (let next = assembler.next(); next !== undefined; next = assembler.next()) {
    all.push(next);
    if (failed(next)) break;
  }
  return all;
}

/** Cuts bytes at the given places, in any order and out of bounds too. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map(place => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const starts = [0, ...ends];
  return starts.map((start, index) => bytes.subarray(start, starts[index + 1]));
}

const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });
const places = fc.array(fc.nat(), { maxLength: 12 });

test('any chunking of any frames gives the same frames', () => {
  fc.assert(
    fc.property(frames, places, fc.boolean(), (wanted, cuts, drainsAtEnd) => {
      const assembler = new FrameAssembler(LIMITS);
      const found: (Buffer | Failure)[] = [];
      const bytes = Buffer.concat(wanted.map(withSize));
      const memory = Buffer.alloc(bytes.length);
      for (const chunk of cut(bytes, cuts)) {
        chunk.copy(memory);
        assembler.add(memory.subarray(0, chunk.length));
        if (!drainsAtEnd) found.push(...drain(assembler));
        assembler.keep();
        memory.fill(0xff);
      }
      found.push(...drain(assembler));
      assert.deepEqual(
        found.map(frame => (failed(frame) ? frame : [...frame])),
        wanted.map(frame => [...frame]),
      );
      assert.equal(assembler.heldBytes, 0);
    }),
  );
});

test('frames before a bad size come out whole, then the failure, again and again', () => {
  fc.assert(
    fc.property(
      frames,
      places,
      fc.constantFrom(-1, -(2 ** 31), 0, 1001, 2 ** 31 - 1),
      (wanted, cuts, size) => {
        const bad = Buffer.alloc(50);
        bad.writeInt32BE(size);
        const assembler = new FrameAssembler(LIMITS);
        for (const chunk of cut(Buffer.concat([...wanted.map(withSize), bad]), cuts)) assembler.add(chunk);
        const found = drain(assembler);
        assert.equal(found.length, wanted.length + 1);
        const failure = found.at(-1);
        assert(failure instanceof Failure);
        assert.match(
          failure.message,
          new RegExp(`^Cannot take a frame of ${size} bytes: 1 to 1000 are allowed`),
        );
        assembler.add(withSize(Buffer.from('later')));
        assert.equal(assembler.next(), failure);
      },
    ),
  );
});

test('a frame that spans chunks has memory of its own size', () => {
  const assembler = new FrameAssembler(LIMITS);
  const chunk = Buffer.concat([
    withSize(Buffer.from('one')),
    withSize(Buffer.from('two')),
    Buffer.from([0, 0]),
  ]);
  assembler.add(chunk);
  for (const text of ['one', 'two']) {
    const frame = assembler.next();
    assert(frame instanceof Buffer);
    assert.equal(frame.toString(), text);
  }
  assert.equal(assembler.next(), undefined);
  assembler.add(Buffer.from([0, 5, 0x74, 0x68, 0x72]));
  assert.equal(assembler.next(), undefined);
  assembler.add(Buffer.from('ee and more').subarray(0, 2));
  const frame = assembler.next();
  assert(frame instanceof Buffer);
  assert.equal(frame.toString(), 'three');
  assert.equal(frame.buffer.byteLength, 5);
});

test('a large frame within a chunk has memory of its own size', () => {
  const assembler = new FrameAssembler({ leastBytes: 1, mostBytes: 100_000 });
  assembler.add(Buffer.concat([withSize(Buffer.alloc(50_000, 'x')), withSize(Buffer.alloc(60_000, 'y'))]));
  for (const [size, fill] of [
    [50_000, 'x'],
    [60_000, 'y'],
  ] as const) {
    const frame = assembler.next();
    assert(frame instanceof Buffer);
    assert(frame.equals(Buffer.alloc(size, fill)));
    assert.equal(frame.buffer.byteLength, size);
  }
});

test('a frame of no bytes where they are allowed', () => {
  const assembler = new FrameAssembler({ leastBytes: 0, mostBytes: 10 });
  assembler.add(Buffer.alloc(4));
  assert.deepEqual(drain(assembler), [Buffer.alloc(0)]);
});

test('limits may change between frames', () => {
  const assembler = new FrameAssembler({ leastBytes: 1, mostBytes: 4 });
  assembler.add(Buffer.concat([withSize(Buffer.alloc(4)), withSize(Buffer.alloc(5))]));
  assert(assembler.next() instanceof Buffer);
  assembler.limits = { leastBytes: 1, mostBytes: 5 };
  assert(assembler.next() instanceof Buffer);
  assembler.add(withSize(Buffer.alloc(6)));
  assert(assembler.next() instanceof Failure);
});

test('what is held is bounded by what came, not by the size', () => {
  const size = 100 * 1024 * 1024;
  const assembler = new FrameAssembler({ leastBytes: 10, mostBytes: size });
  const prefix = Buffer.alloc(4);
  prefix.writeInt32BE(size);
  assembler.add(prefix);
  assert.equal(assembler.next(), undefined);
  assert.equal(assembler.heldBytes, 0);
  let came = 0;
  for (const length of [1, 1, 100, 3000, 1000, 1, 65536, 65536, 1_000_000]) {
    assembler.add(Buffer.alloc(length));
    assert.equal(assembler.next(), undefined);
    came += length;
    assert(assembler.heldBytes <= Math.max(4096, 16 * came), `${assembler.heldBytes} held for ${came}`);
    assert(assembler.heldBytes >= came);
  }
});

test('a large frame of small chunks is whole', () => {
  const wanted = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  const assembler = new FrameAssembler({ leastBytes: 1, mostBytes: wanted.length });
  const bytes = withSize(wanted);
  for (let at = 0; at < bytes.length; at += 100) {
    assembler.add(bytes.subarray(at, at + 100));
    const frame = assembler.next();
    if (at + 100 < bytes.length) assert.equal(frame, undefined);
    else assert.deepEqual(frame, wanted);
  }
});

test('a peer that speaks something else is named', () => {
  const told = (first: Buffer) => {
    const assembler = new FrameAssembler(LIMITS);
    assembler.add(first);
    return String(assembler.next());
  };
  assert.match(told(Buffer.from('GET / HTTP/1.1\r\n')), /seems to speak HTTP$/);
  assert.match(
    told(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00])),
    /seems to speak TLS, this listener does not$/,
  );
  assert.match(told(Buffer.from([0x7f, 0, 0, 0])), /1 to 1000 are allowed$/);
});
