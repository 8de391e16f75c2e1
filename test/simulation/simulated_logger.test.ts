import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';

test('lines are kept with their time, level and all fields', async () => {
  const time = new SimulatedTime();
  const logger = new SimulatedLogger(new SimulatedClock(time), { fields: { node: 1 } });
  logger.info('started');
  await time.advance(5);
  const room = logger.with({ room: 'log' });
  room.debug('opened', { path: '/data', node: 2 });
  room.warn('odd');
  room.error('broken', { offset: 5n });
  assert.deepEqual(logger.lines, [
    { atMs: 0, level: 'info', message: 'started', fields: { node: 1 } },
    { atMs: 5, level: 'debug', message: 'opened', fields: { node: 2, room: 'log', path: '/data' } },
    { atMs: 5, level: 'warn', message: 'odd', fields: { node: 1, room: 'log' } },
    { atMs: 5, level: 'error', message: 'broken', fields: { node: 1, room: 'log', offset: 5n } },
  ]);
});

test('of very many lines the last are kept', () => {
  const logger = new SimulatedLogger(new SimulatedClock(new SimulatedTime()), { maxLines: 10 });
  const other = logger.with({});
  for (let line = 0; line < 1_000; line++) other.info(`${line}`);
  assert.ok(logger.lines.length >= 10 && logger.lines.length <= 20, `${logger.lines.length}`);
  assert.equal(logger.lines.at(-1)?.message, '999');
});
