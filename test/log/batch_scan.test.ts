import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ScanResult, scanBatches, scanHeadersNow } from '../../src/log/batch_scan.ts';
import { LogFile } from '../../src/log/open_files.ts';
import { ERROR_NAMES } from '../../src/model/error_codes.ts';
import { failed } from '../../src/model/failure.ts';
import { asOffset, offsetAfter } from '../../src/model/ids.ts';
import { RecordBatch } from '../../src/records/record_batch.ts';
import { append, batchOf, LOG_DIRECTORY, LogWorld, NOW, ok, shown } from '../support/log_world.ts';

const CHUNK = 4 * 1024 * 1024;

/** Batches of about these sizes, one after the other. */
function batches(sizes: readonly number[]): Buffer[] {
  return sizes.map((size, index) => {
    const buffer = batchOf('a', { valueBytes: Math.max(20, size - 90) });
    new RecordBatch(buffer).baseOffset = asOffset(BigInt(index));
    return buffer;
  });
}

async function scan(
  content: Buffer,
  verify = true,
): Promise<{ found: [number, number][]; result: ScanResult }> {
  const world = new LogWorld({ readMs: 0 });
  world.disk.makeDirectory(LOG_DIRECTORY);
  world.put('x.log', content);
  const file = new LogFile(world.services.files, `${LOG_DIRECTORY}/x.log`, () => {});
  const found: [number, number][] = [];
  const range = { from: 0, to: content.length, minOffset: asOffset(0n), endOffset: asOffset(1000n) };
  const result = await world.run(
    scanBatches(file, range, { verify }, ({ batch, position, sizeBytes }) => {
      found.push([position, sizeBytes]);
      assert.equal(batch.baseOffset, BigInt(found.length - 1));
    }),
  );
  return { found, result };
}

test('batches are found wherever they lie in the pieces that are read', async () => {
  // The first batch ends around the end of the first piece, to the byte.
  for (let end = CHUNK - 70; end <= CHUNK + 5; end += 5) {
    const first = batches([end])[0]!.length;
    const parts = batches([end - (first - end), 200, 5000, 61]);
    const content = Buffer.concat(parts);
    const { found, result } = await scan(content);
    assert.deepEqual(
      found.map(([, size]) => size),
      parts.map(part => part.length),
    );
    assert.deepEqual(result, { endPosition: content.length, nextOffset: 4n, problem: undefined });
  }
});

test('a batch that is larger than what is put together is verified all the same', async () => {
  const parts = batches([300, 18 * 1024 * 1024, 300]);
  const content = Buffer.concat(parts);
  assert.equal((await scan(content)).result.problem, undefined);
  assert.equal((await scan(content)).found.length, 3);
  for (const at of [parts[0]!.length + 22, parts[0]!.length + 5_000_000, content.length - 301]) {
    const damaged = Buffer.from(content);
    damaged[at]! ^= 4;
    const { result } = await scan(damaged);
    assert.deepEqual([result.endPosition, result.nextOffset], [parts[0]!.length, 1n], `byte ${at}`);
    assert.match(result.problem!, /checksum|no batch/);
    if (at > parts[0]!.length + 61) assert.equal((await scan(damaged, false)).result.problem, undefined);
  }
});

test('a length that no file could hold takes no memory', async () => {
  const content = Buffer.concat(batches([300, 300]));
  const second = content.length / 2;
  content.writeInt32BE(0x7fffffff - 12, second + 8);
  const { result } = await scan(content);
  assert.deepEqual([result.endPosition, result.problem], [second, 'the last batch is cut off']);
});

test('headers are found without reading what is between them', () => {
  const world = new LogWorld();
  world.disk.makeDirectory(LOG_DIRECTORY);
  const parts = batches([100, 100, 500_000, 100, 40_000, 16_384, 70]);
  world.put('x.log', Buffer.concat(parts));
  const file = new LogFile(world.services.files, `${LOG_DIRECTORY}/x.log`, () => {});
  let readBytes = 0;
  world.device.faults = ({ kind, length }) => {
    if (kind === 'read') readBytes += length;
    return undefined;
  };
  const sizes: number[] = [];
  let last = 0;
  const range = {
    from: 0,
    to: Buffer.concat(parts).length,
    minOffset: asOffset(0n),
    endOffset: asOffset(1000n),
  };
  const result = scanHeadersNow(file, range, (_, __, position) => {
    if (position > 0) sizes.push(position - last);
    last = position;
    return true;
  });
  assert.deepEqual(
    sizes,
    parts.slice(0, -1).map(part => part.length),
  );
  assert.equal(result.problem, undefined);
  assert.ok(readBytes < 100_000);
});

test('whatever becomes of its files, a log that is opened holds nothing but what was written, in its order', async () => {
  const world = new LogWorld();
  const config = { segmentBytes: 1500, indexIntervalBytes: 200 };
  const log = await world.open({ config });
  for (let index = 0; index < 25; index++) {
    append(log, batchOf(`${index}`, { valueBytes: 100 }));
    await world.durable(log);
  }
  const written = shown(await world.batches(log));
  ok(await world.run(log.close()));
  const files = world.names().map(name => ({ name, content: world.content(name) }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          file: fc.nat(files.length - 1),
          at: fc.double({ min: 0, max: 1, noNaN: true }),
          bytes: fc.uint8Array({ minLength: 1, maxLength: 20 }),
          kind: fc.constantFrom('write', 'cut', 'grow', 'remove'),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      fc.boolean(),
      async (damages, isClean) => {
        world.kill();
        for (const name of world.names()) world.disk.remove(`${LOG_DIRECTORY}/${name}`);
        for (const { name, content } of files) world.put(name, content);
        for (const { file, at, bytes, kind } of damages) {
          const { name, content } = files[file]!;
          const position = Math.floor(at * content.length);
          if (kind === 'remove' && !name.endsWith('.log')) world.disk.remove(`${LOG_DIRECTORY}/${name}`);
          else if (kind === 'cut') world.put(name, content.subarray(0, position));
          else if (kind === 'grow') world.put(name, Buffer.concat([content, bytes]));
          else
            world.put(
              name,
              Buffer.concat([
                content.subarray(0, position),
                bytes,
                content.subarray(position + bytes.length),
              ]),
            );
        }
        const again = await world.open({ config, isClean });
        if (isClean) {
          // Below a clean end nothing is verified: damage there shows when it is read, and the log goes on.
          for (let offset = again.logStartOffset; offset < again.endOffset; offset = offsetAfter(offset, 1)) {
            const read = await world.run(
              Promise.resolve(again.read(offset, { maxBytes: 1, upTo: again.endOffset, minOneBatch: true })),
            );
            if (failed(read)) assert.equal(ERROR_NAMES.get(read.code), 'CORRUPT_MESSAGE');
          }
          await world.run(again.offsetForTimestamp(NOW));
          append(again, batchOf('next'));
          ok(await world.run(again.close()));
          assert.deepEqual(world.diskErrors, []);
          return;
        }
        const left = shown(await world.batches(again));
        // A segment that is shorter than it was on the disk looks like one that was compacted: those behind it stay.
        assert.deepEqual(
          left,
          written.filter(batch => left.includes(batch)),
        );
        append(again, batchOf('next'));
        await world.durable(again);
      },
    ),
    { numRuns: 200 },
  );
});
