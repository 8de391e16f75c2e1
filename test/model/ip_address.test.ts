import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressBytes, addressText } from '../../src/model/ip_address.ts';

const ADDRESSES: readonly (readonly [text: string, hex: string])[] = [
  ['127.0.0.1', '7f000001'],
  ['255.0.10.7', 'ff000a07'],
  ['::ffff:10.0.0.1', '0a000001'],
  ['::1', '00000000000000000000000000000001'],
  ['::', '00000000000000000000000000000000'],
  ['2001:db8::ff00:42:8329', '20010db8000000000000ff0000428329'],
  ['fe80::1%eth0', 'fe800000000000000000000000000001'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
];

for (const [text, hex] of ADDRESSES) {
  test(`${text} has the bytes ${hex}`, () => {
    assert.equal(addressBytes(text)?.toString('hex'), hex);
    const again = addressBytes(addressText(Buffer.from(hex, 'hex'))!);
    assert.equal(again?.toString('hex'), hex);
  });
}

for (const text of [
  '',
  'node1',
  '1.2.3',
  '1.2.3.256',
  '1:2',
  '1::2::3',
  '1:2:3:4:5:6:7:8:9',
  'g::1',
  '1:2:3:4:5:6:7::8',
]) {
  test(`"${text}" is no address`, () => {
    assert.equal(addressBytes(text), undefined);
  });
}

test('bytes of another length are no address', () => {
  assert.equal(addressText(Buffer.alloc(5)), undefined);
});
