import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Errors } from '../../../src/model/error_codes.ts';
import { Failure } from '../../../src/model/failure.ts';
import { compress, decompress } from '../../../src/records/compression/compression.ts';
import { portableLz4 } from '../../../src/records/compression/lz4.ts';
import { portableSnappy } from '../../../src/records/compression/snappy.ts';
import { xxhash32 } from '../../../src/records/compression/xxhash32.ts';
import { CompressionType } from '../../../src/records/record_batch.ts';

const { gzip, snappy, lz4, zstd } = CompressionType;
const MAX_BYTES = 1 << 20;
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const uint32 = (value: number) => {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
};

function assertFails(result: Buffer | Failure, code: number, text: RegExp): void {
  assert.ok(result instanceof Failure);
  assert.equal(result.code, code);
  assert.match(result.message, text);
}

test('xxhash32 gives the published values', () => {
  const values: readonly [string, number][] = [
    ['', 0x02cc5d05],
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ];
  for (const [text, hash] of values) assert.equal(xxhash32(Buffer.from(text)), hash);
});

describe('snappy framing', () => {
  const plain = Buffer.from('what a chunk holds');
  const block = portableSnappy.encode(plain);
  const header = hex('82 534e41505059 00 00000001 00000001');
  const chunk = (bytes: Buffer, length = bytes.length) => {
    const prefix = Buffer.alloc(4);
    prefix.writeInt32BE(length);
    return Buffer.concat([prefix, bytes]);
  };

  const taken: readonly [string, Buffer, number][] = [
    ['no chunks', header, 0],
    ['one chunk', Buffer.concat([header, chunk(block)]), 1],
    ['three chunks', Buffer.concat([header, chunk(block), chunk(block), chunk(block)]), 3],
    ['two streams, one behind the other', Buffer.concat([header, chunk(block), header, chunk(block)]), 2],
    ['any version', Buffer.concat([hex('82534e4150505900 80000000 00000000'), chunk(block)]), 1],
    ['fewer bytes than a length at the end', Buffer.concat([header, chunk(block), hex('000000')]), 1],
    ['a block without framing', block, 1],
  ];
  for (const [what, bytes, times] of taken) {
    test(`takes ${what}`, () => {
      assert.deepEqual(decompress(snappy, bytes, MAX_BYTES), Buffer.concat(new Array(times).fill(plain)));
    });
  }

  const refused: readonly [string, Buffer, RegExp][] = [
    [
      'a chunk longer than the bytes',
      Buffer.concat([header, chunk(block, 0x7fffffff)]),
      /chunk of 2147483647 bytes/,
    ],
    ['a chunk of a negative length', Buffer.concat([header, chunk(block, -1)]), /chunk of -1 bytes/],
    ['a chunk without a block', Buffer.concat([header, chunk(Buffer.alloc(0))]), /no length/],
    [
      'a block that says 4 GB',
      Buffer.concat([header, chunk(hex('ffffffff0f 00 61'))]),
      /says that it holds 4294967295/,
    ],
    ['a block whose length does not end', hex('ffffffffffff'), /no length/],
    ['no bytes', Buffer.alloc(0), /no length/],
  ];
  for (const [what, bytes, text] of refused) {
    test(`refuses ${what}`, () => {
      assertFails(decompress(snappy, bytes, MAX_BYTES), Errors.INVALID_RECORD, text);
    });
  }
});

describe('LZ4 frames', () => {
  const plain = Buffer.from('what a block holds, what a block holds, what a block holds');
  const block = portableLz4.encode(plain);

  interface FrameParts {
    readonly flags?: number;
    readonly blockCode?: number;
    readonly extra?: Buffer;
    readonly body: readonly Buffer[];
  }

  function frame({ flags = 0x60, blockCode = 4, extra = Buffer.alloc(0), body }: FrameParts): Buffer {
    const descriptor = Buffer.concat([Buffer.of(flags, blockCode << 4), extra]);
    const checksum = Buffer.of((xxhash32(descriptor) >>> 8) & 0xff);
    return Buffer.concat([hex('04224d18'), descriptor, checksum, ...body]);
  }
  const END = uint32(0);
  const coded = [uint32(block.length), block];
  const stored = [uint32(0x80000000 + plain.length), plain];
  const size = (bytes: number) => Buffer.concat([uint32(bytes), uint32(0)]);
  // Literals, a match of 16 bytes that begins 20 before, and so in the block before, and the last literals.
  const linked = hex('2c 6162 1400 50 6364656667');
  const first = Buffer.from('0123456789abcdefghij');
  const linkedText = `${first}ab${'23456789abcdefghij'.slice(0, 16)}cdefg`;

  const taken: readonly [string, Buffer, string | Buffer][] = [
    ['a block', frame({ body: [...coded, END] }), plain],
    ['a stored block', frame({ body: [...stored, END] }), plain],
    ['no blocks', frame({ body: [END] }), ''],
    ['blocks of 4 MB', frame({ blockCode: 7, body: [...coded, END] }), plain],
    ['block checksums', frame({ flags: 0x70, body: [...coded, uint32(xxhash32(block)), END] }), plain],
    ['a content size', frame({ flags: 0x68, extra: size(plain.length), body: [...coded, END] }), plain],
    ['a content checksum', frame({ flags: 0x64, body: [...coded, END, uint32(xxhash32(plain))] }), plain],
    [
      'all of them',
      frame({
        flags: 0x7c,
        extra: size(plain.length),
        body: [...stored, uint32(xxhash32(plain)), END, uint32(xxhash32(plain))],
      }),
      plain,
    ],
    [
      'linked blocks',
      frame({
        flags: 0x40,
        body: [uint32(0x80000000 + first.length), first, uint32(linked.length), linked, END],
      }),
      linkedText,
    ],
    ['bytes behind the frame', frame({ body: [...coded, END, hex('ffffffff')] }), plain],
  ];
  for (const [what, bytes, wanted] of taken) {
    test(`takes ${what}`, () => {
      assert.deepEqual(decompress(lz4, bytes, MAX_BYTES), Buffer.from(wanted));
    });
  }

  const badHeader = frame({ body: [END] });
  badHeader[6]! ^= 1;
  const refused: readonly [string, Buffer, RegExp][] = [
    ['other bytes', hex('05224d18 60 40 82 00000000'), /no LZ4 frame/],
    ['a header that fails its checksum', badHeader, /fails its checksum/],
    ['another version', frame({ flags: 0xa0, body: [END] }), /flags/],
    ['a reserved flag', frame({ flags: 0x62, body: [END] }), /flags/],
    ['a block size that does not exist', frame({ blockCode: 3, body: [END] }), /size 3/],
    ['a dictionary', frame({ flags: 0x61, extra: uint32(7), body: [END] }), /dictionary/],
    ['a block longer than the bytes', frame({ body: [uint32(60000), block] }), /block of 60000 bytes/],
    [
      'a block above the frame’s size',
      frame({ body: [uint32(0x10001), Buffer.alloc(0x10001), END] }),
      /block of 65537/,
    ],
    [
      'a block that fails its checksum',
      frame({ flags: 0x70, body: [...coded, uint32(1), END] }),
      /fails its checksum/,
    ],
    ['content of another size', frame({ flags: 0x68, extra: size(5), body: [...coded, END] }), /not the 5/],
    [
      'content that fails its checksum',
      frame({ flags: 0x64, body: [...coded, END, uint32(1)] }),
      /fails its checksum/,
    ],
    [
      'a match into the block before',
      frame({ body: [uint32(0x80000000 + first.length), first, uint32(linked.length), linked, END] }),
      /./,
    ],
  ];
  for (const [what, bytes, text] of refused) {
    test(`refuses ${what}`, () => {
      assertFails(decompress(lz4, bytes, MAX_BYTES), Errors.INVALID_RECORD, text);
    });
  }
});

describe('zstd frames', () => {
  const magic = '28b52ffd';
  const taken: readonly [string, Buffer, string][] = [
    ['an empty frame', hex(`${magic} 20 00 010000`), ''],
    ['a raw block', hex(`${magic} 20 02 110000 6869`), 'hi'],
    ['a block of one byte', hex(`${magic} 20 05 2b0000 61`), 'aaaaa'],
    ['two blocks', hex(`${magic} 20 04 100000 6869 110000 6869`), 'hihi'],
    ['a window instead of a size', hex(`${magic} 00 00 110000 6869`), 'hi'],
    ['two frames', hex(`${magic} 20 02 110000 6869 ${magic} 20 02 110000 6869`), 'hihi'],
    ['a frame to skip', hex(`502a4d18 02000000 ffff ${magic} 20 02 110000 6869`), 'hi'],
  ];
  for (const [what, bytes, wanted] of taken) {
    test(`takes ${what}`, () => {
      assert.deepEqual(decompress(zstd, bytes, MAX_BYTES), Buffer.from(wanted));
    });
  }

  const refused: readonly [string, Buffer][] = [
    ['other bytes', hex('28b52ffe 20 02 110000 6869')],
    ['no bytes', Buffer.alloc(0)],
    ['a reserved bit', hex(`${magic} 28 02 110000 6869`)],
    ['a reserved block', hex(`${magic} 20 02 170000 6869`)],
    ['content of another size', hex(`${magic} 20 03 110000 6869`)],
    ['a window of 2 GB', hex(`${magic} 00 a8 110000 6869`)],
    ['a dictionary', hex(`${magic} 21 07 02 110000 6869`)],
    ['a frame without its last block', hex(`${magic} 20 02 100000 6869`)],
  ];
  for (const [what, bytes] of refused) {
    test(`refuses ${what}`, () => {
      assertFails(decompress(zstd, bytes, MAX_BYTES), Errors.INVALID_RECORD, /can't be decompressed/);
    });
  }
});

describe('compress and decompress', () => {
  const plain = Buffer.from('some bytes that are compressed, some bytes that are compressed');

  for (const [name, type] of Object.entries(CompressionType)) {
    test(`${name}: bytes come back`, () => {
      assert.deepEqual(decompress(type, compress(type, plain), plain.length), plain);
    });

    test(`${name}: garbage is a failure`, { skip: name === 'none' && 'anything is no compression' }, () => {
      assertFails(decompress(type, Buffer.alloc(40, 0xee), MAX_BYTES), Errors.INVALID_RECORD, /can't be/);
    });

    test(`${name}: a kilobyte that would become a gigabyte stops at the limit`, {
      skip: name === 'none' && 'nothing grows',
    }, () => {
      // A bomb by its own rules: of each codec what grows most.
      const bombs: Record<string, Buffer> = {
        gzip: gzipSync(Buffer.alloc(1 << 24)),
        snappy: compress(snappy, Buffer.alloc(1 << 24)),
        lz4: compress(lz4, Buffer.alloc(1 << 24)),
        zstd: hex(`28b52ffd 00 70 ${'02001061'.repeat(8000)} 03001061`),
      };
      const before = process.memoryUsage().arrayBuffers;
      assertFails(decompress(type, bombs[name]!, 100_000), Errors.MESSAGE_TOO_LARGE, /more than the 100000/);
      assert.ok(process.memoryUsage().arrayBuffers - before < 8 << 20);
    });
  }

  test('levels are those of the codec', () => {
    const bytes = Buffer.from(Array.from({ length: 3000 }, (_, index) => index * index).join());
    assert.ok(compress(gzip, bytes, 9).length <= compress(gzip, bytes, 1).length);
    for (const level of [-5, 1, 22]) {
      assert.deepEqual(decompress(zstd, compress(zstd, bytes, level), MAX_BYTES), bytes);
    }
  });

  test('a codec that does not exist is told as such', () => {
    assertFails(decompress(5 as CompressionType, plain, 100), Errors.UNSUPPORTED_COMPRESSION_TYPE, /type 5/);
  });
});
