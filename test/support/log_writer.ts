/*
 * node --import tsx test/support/log_writer.ts DIRECTORY: appends to the log there until it is killed, and says on each
 * line up to which offset it was told that everything is durable.
 */
import fs from 'node:fs';
import { append, batchOf, from, ok } from './log_world.ts';
import { openRealLog } from './real_log.ts';

const log = await openRealLog(process.argv[2]!, { config: { segmentBytes: 200_000 } });
let sequence = Number(log.endOffset);
log.onDurable(offset => fs.writeSync(1, `${offset}\n`));
for (;;) {
  for (let index = 0; index < 20; index++, sequence++) {
    append(
      log,
      batchOf(`<${sequence}>`, { valueBytes: 100 + ((sequence * 37) % 900), ...from(7n, sequence) }),
    );
  }
  ok(await log.awaitDurable(log.endOffset));
  if (sequence % 5000 === 0) await log.checkpoint();
}
