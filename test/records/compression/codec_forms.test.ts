import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Malformed } from '../../../src/protocol/malformed.ts';
import { TooMuchOutput } from '../../../src/records/compression/bounded_output.ts';
import { CODEC_FORMS, type CodecForm } from './codec_forms.ts';
import { arbitraryBytes, SAMPLES, seededFraction } from './sample_bytes.ts';

const MAX_BYTES = 1 << 20;
/** Around the sizes at which blocks, headers and ways of coding change. */
const LENGTHS = [0, 1, 2, 5, 12, 13, 31, 32, 33, 60, 61, 100, 255, 256, 257, 1023, 1024, 5000, 16383, 16384];
const LONG_LENGTHS = [32768, 65535, 65536, 131071, 131072, 131073, 300000];
const ALL_SAMPLES = Object.entries(SAMPLES).flatMap(([kind, sample]) => {
  const longest = sample(300_000);
  return [...LENGTHS, ...LONG_LENGTHS].map(
    length => [`${length} bytes of ${kind}`, longest.subarray(0, length)] as const,
  );
});

/** What a form makes of bytes from outside: the only ways out that there may be. */
function outcome(form: CodecForm, bytes: Buffer, maxOutputBytes: number): Buffer | 'malformed' | 'too much' {
  try {
    return form.decompress(bytes, maxOutputBytes);
  } catch (error) {
    if (error instanceof Malformed) return 'malformed';
    if (error instanceof TooMuchOutput) return 'too much';
    throw error;
  }
}

for (const [codec, { portable, native }] of Object.entries(CODEC_FORMS)) {
  const forms = Object.entries({ portable, ...(native && { native }) });
  const pairs = forms.flatMap(from => forms.map(to => [from, to] as const));
  describe(`${codec}, portable and native`, () => {
    for (const [[writerName, writer], [readerName, reader]] of pairs) {
      test(`${readerName} reads what ${writerName} writes`, () => {
        for (const [what, bytes] of ALL_SAMPLES) {
          assert.ok(reader.decompress(writer.compress(bytes), MAX_BYTES).equals(bytes), what);
        }
        fc.assert(
          fc.property(arbitraryBytes, bytes =>
            reader.decompress(writer.compress(bytes), MAX_BYTES).equals(bytes),
          ),
          { numRuns: 50 },
        );
      });
    }

    test('native loads', { skip: native === undefined && 'not on this system' }, () => {
      assert.notEqual(native, undefined);
    });

    for (const [name, form] of forms) {
      test(`${name} makes text and zeros smaller, and random bytes hardly larger`, () => {
        assert.ok(form.compress(SAMPLES['text']!(100_000)).length < 60_000);
        assert.ok(form.compress(SAMPLES['zeros']!(100_000)).length < 6_000);
        assert.ok(form.compress(SAMPLES['random']!(100_000)).length < 100_500);
      });

      test(`${name} stops at the limit of its output`, () => {
        for (const length of [1, 1000, 200_000]) {
          const compressed = form.compress(SAMPLES['text']!(length));
          assert.equal((outcome(form, compressed, length) as Buffer).length, length);
          if (length > 1) assert.equal(outcome(form, compressed, length - 1), 'too much');
        }
      });

      test(`${name} takes no bytes that are cut off`, () => {
        const bytes = SAMPLES['text']!(3000);
        const compressed = form.compress(bytes);
        for (let length = 0; length < compressed.length; length++) {
          const result = outcome(form, compressed.subarray(0, length), MAX_BYTES);
          // Snappy's framing ends wherever there is no further chunk; the batch tells how many records it must give.
          const isEmpty = codec === 'snappy' && length >= 16 && length < 20;
          if (isEmpty) assert.equal((result as Buffer).length, 0);
          else assert.notEqual(typeof result, 'object', `${length} of ${compressed.length} bytes`);
        }
      });

      test(`${name} takes changed and random bytes for what they are`, () => {
        const fraction = seededFraction(7);
        const compressed = form.compress(SAMPLES['text']!(2000));
        for (let run = 0; run < 1000; run++) {
          const changed = Buffer.from(compressed);
          for (let change = 0; change < 1 + (run % 3); change++) {
            changed[Math.floor(fraction() ** 3 * changed.length)] = Math.floor(fraction() * 256);
          }
          const result = outcome(form, changed, 10_000);
          if (typeof result === 'object') assert.ok(result.length <= 10_000);
        }
        for (let run = 0; run < 300; run++) outcome(form, SAMPLES['random']!(run), 10_000);
      });
    }

    test('both make the same of changed bytes', { skip: native === undefined && 'no native form' }, () => {
      const fraction = seededFraction(11);
      for (const kind of ['text', 'three symbols']) {
        const compressed = native!.compress(SAMPLES[kind]!(500));
        for (let run = 0; run < 1000; run++) {
          const changed = Buffer.from(compressed);
          changed[Math.floor(fraction() * changed.length)]! ^= 1 << Math.floor(fraction() * 8);
          const wanted = outcome(native!, changed, 100_000);
          const found = outcome(portable, changed, 100_000);
          const what = changed.toString('hex');
          if (typeof found === 'object') assert.deepEqual(found, wanted, what);
          // The format wants streams to be used up to the last bit, which libzstd does not look at in some places.
          else if (codec !== 'zstd') assert.equal(typeof wanted, 'string', what);
        }
      }
    });
  });
}
