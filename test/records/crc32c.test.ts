import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32c, isNativeCrc32c, portableCrc32c } from '../../src/records/crc32c.ts';

test('both forms give the published values', () => {
  const values: readonly [Buffer, number][] = [
    [Buffer.alloc(0), 0],
    [Buffer.from('123456789'), 0xe3069283],
    [Buffer.alloc(32), 0x8a9136aa],
    [Buffer.alloc(32, 0xff), 0x62a8ab43],
    [Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
  ];
  for (const [bytes, checksum] of values) {
    assert.equal(crc32c(bytes), checksum);
    assert.equal(portableCrc32c(bytes), checksum);
  }
});

test('native and portable agree, in one piece and in two', {
  skip: !isNativeCrc32c && 'no native form',
}, () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
      const whole = crc32c(bytes);
      const [one, two] = [bytes.subarray(0, cut), bytes.subarray(cut)];
      return (
        portableCrc32c(bytes) === whole &&
        portableCrc32c(two, portableCrc32c(one)) === whole &&
        crc32c(two, crc32c(one)) === whole
      );
    }),
  );
});
