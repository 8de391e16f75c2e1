import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createNodeLogger, type NodeLoggerOptions } from '../../src/io/node_logger.ts';
import { DiskError } from '../../src/model/ports.ts';

async function createLogger(options: Partial<NodeLoggerOptions>) {
  const lines: string[] = [];
  const sink = { write: (line: string) => void lines.push(line) };
  const logger = await createNodeLogger({ level: 'debug', pretty: false, colors: false, sink, ...options });
  return { logger, lines, parsed: () => lines.map(line => JSON.parse(line)) };
}

test('a line is one JSON object with level, time, message and the fields', async () => {
  const { logger, lines, parsed } = await createLogger({});
  logger.info('started', { nodeId: 1, offset: 12n, far: 2n ** 62n, roles: ['broker'], nothing: undefined });
  assert.match(lines[0]!, /^\{.*\}\n$/);
  const { time, ...rest } = parsed()[0];
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 10_000);
  assert.deepEqual(rest, {
    level: 'info',
    message: 'started',
    nodeId: 1,
    offset: 12,
    far: '4611686018427387904',
    roles: ['broker'],
  });
});

test('fields that can’t be JSON still make a line', async () => {
  const { logger, parsed } = await createLogger({});
  const circle: Record<string, unknown> = { offsets: [5n] };
  circle['self'] = circle;
  logger.warn('odd', { circle, bytes: new Map(), call: () => 1 });
  assert.equal(parsed()[0].message, 'odd');
  assert.deepEqual(parsed()[0].circle.offsets, [5]);
});

test('errors are told with their stack and code', async () => {
  const { logger, parsed } = await createLogger({});
  logger.error('broken', { error: new DiskError('EIO', '/data', 'Cannot read') });
  const [{ error }] = parsed();
  assert.deepEqual(
    [error.type, error.message, error.code, error.path],
    ['DiskError', 'Cannot read', 'EIO', '/data'],
  );
  assert.match(error.stack, /node_logger\.test/);
});

test('levels below the chosen one are not printed', async () => {
  const { logger, parsed } = await createLogger({ level: 'warn' });
  const child = logger.with({ room: 'log' });
  for (const each of [logger, child]) {
    each.debug('no');
    each.info('no');
    each.warn('yes');
    each.error('yes');
  }
  assert.deepEqual(
    parsed().map(({ message, level, room }) => [message, level, room]),
    [
      ['yes', 'warn', undefined],
      ['yes', 'error', undefined],
      ['yes', 'warn', 'log'],
      ['yes', 'error', 'log'],
    ],
  );
});

test('fields of a logger are on each of its lines', async () => {
  const { logger, parsed } = await createLogger({});
  logger.with({ nodeId: 1n, room: 'log' }).with({ topic: 't' }).info('rolled', { room: 'other' });
  const [{ nodeId, topic, room }] = parsed();
  assert.deepEqual([nodeId, topic, room], [1, 't', 'other']);
});

test('for people a line is text, with colours only where they are wanted', async () => {
  const plain = await createLogger({ pretty: true });
  plain.logger.info('started', { nodeId: 1, offset: 5n });
  assert.match(
    plain.lines.join(''),
    /^\[\d\d:\d\d:\d\d\.\d\d\d\] INFO: started \{"nodeId":1,"offset":5\}\n$/,
  );
  const colored = await createLogger({ pretty: true, colors: true });
  colored.logger.info('started');
  assert.ok(colored.lines[0]!.includes('\u001b['));
});

/** Runs `code` with the logger's module as `io`; stderr goes to `stderr`. */
function run(code: string, stderr: 'pipe' | number): Promise<{ status: number | null; text: string }> {
  const url = pathToFileURL(path.resolve('src/io/node_logger.ts')).href;
  const source = `import * as io from '${url}'; const logger = await io.createNodeLogger({ level: 'info' }); ${code}`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source], {
    stdio: ['ignore', 'ignore', stderr],
  });
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', chunk => {
    text += chunk;
  });
  return new Promise(resolve => child.on('close', status => resolve({ status, text })));
}

test('the last lines before the end of the process are there, all of them', async () => {
  const lines = 20_000;
  const piped = await run(
    `for (let line = 0; line < ${lines}; line++) logger.info('line', { line }); process.exit(3);`,
    'pipe',
  );
  assert.equal(piped.status, 3);
  const rows = piped.text.trimEnd().split('\n');
  assert.equal(rows.length, lines);
  assert.equal(JSON.parse(rows.at(-1)!).line, lines - 1);
});

test('a log that can’t be written does not stop the process', {
  skip: !fs.existsSync('/dev/full'),
}, async () => {
  const full = fs.openSync('/dev/full', 'w');
  const { status } = await run(`logger.info('lost'); logger.error('lost'); process.exit(4);`, full);
  fs.closeSync(full);
  assert.equal(status, 4);
  const target = path.join(os.tmpdir(), `odradek-log-${process.pid}`);
  const closed = fs.openSync(target, 'w');
  const reader = fs.openSync(target, 'r');
  fs.closeSync(closed);
  // Opened for reading only: each write fails.
  assert.equal((await run(`logger.info('lost'); process.exit(5);`, reader)).status, 5);
  fs.closeSync(reader);
  fs.rmSync(target);
});
