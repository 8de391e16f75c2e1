import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errors } from '../../../src/model/error_codes.ts';
import { Failure } from '../../../src/model/failure.ts';
import type { Evaluation } from '../../../src/monitor/alerts/alert.ts';
import { AlertPipeline } from '../../../src/monitor/alerts/alert_pipeline.ts';
import type { AlertTransport } from '../../../src/monitor/alerts/alert_transport.ts';
import { Sinks } from '../../../src/monitor/alerts/sinks.ts';
import { type AlertMemory, decodeMemory, encodeMemory } from '../../../src/monitor/alerts/stored_state.ts';
import { type Configuration, loadConfiguration } from '../../../src/settings/configuration.ts';
import { SimulatedClock } from '../../../src/simulation/simulated_clock.ts';
import { SimulatedLogger } from '../../../src/simulation/simulated_logger.ts';
import { SimulatedTime } from '../../../src/simulation/simulated_time.ts';

const SETTINGS = { groupWaitMs: 1000, groupIntervalMs: 10_000, repeatIntervalMs: 3_600_000 };

/** One receiver for all controllers of a cluster: what it was told, by when. */
class Receiver implements AlertTransport {
  readonly told: string[] = [];
  isDead = false;

  async post({ url, body }: { url: string; body: unknown }): Promise<Failure | undefined> {
    if (this.isDead) return new Failure(Errors.NETWORK_EXCEPTION, 'dead');
    const alerts = (url.endsWith('/api/v2/alerts') ? body : (body as { alerts: unknown }).alerts) as {
      status?: string;
      labels: Record<string, string>;
      startsAt: string;
    }[];
    const shown = alerts.map(
      each => `${each.labels['broker']} ${each.status ?? 'posted'} since ${each.startsAt.slice(17, 19)}`,
    );
    this.told.push(shown.join(', '));
    return undefined;
  }

  async mail(): Promise<undefined> {
    return undefined;
  }
}

class Controller {
  readonly pipeline: AlertPipeline;
  readonly sinks: Sinks;

  constructor(clock: SimulatedClock, transport: AlertTransport, setting = 'alerts.webhook.urls=http://hook') {
    const configuration = loadConfiguration({ hostname: 'h', overrides: [setting] }) as Configuration;
    const { settings } = configuration;
    const logger = new SimulatedLogger(clock);
    this.sinks = new Sinks({ settings, transport, clock, logger, clusterId: () => 'c1' });
    this.pipeline = new AlertPipeline({ source: 'cluster', sinks: () => this.sinks });
  }
}

const down = (...brokers: number[]): Evaluation => ({
  name: 'BrokerDown',
  severity: 'critical',
  forMs: 5000,
  keepFiringForMs: 0,
  findings: brokers.map(broker => ({
    labels: { broker: String(broker) },
    value: 1,
    summary: `Broker ${broker} is not alive.`,
    command: 'odradek broker list',
  })),
});

/** Looks every second, for so many of them. */
async function run(
  { pipeline }: Controller,
  world: { time: SimulatedTime; clock: SimulatedClock },
  { seconds, found }: { seconds: number; found: readonly number[] },
): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    pipeline.step(world.clock.nowMs(), [down(...found)], { silences: [], settings: SETTINGS });
    await world.time.advance(1000);
  }
}

function world() {
  const time = new SimulatedTime();
  return { time, clock: new SimulatedClock(time) };
}

/** As it goes through the metadata. */
const moved = (memory: AlertMemory): AlertMemory => decodeMemory(encodeMemory(memory))!;

test('a controller that moves leaves no gap and no duplicate, whenever it moves', async () => {
  for (let moveAt = 1; moveAt < 30; moveAt++) {
    const at = world();
    const receiver = new Receiver();
    const first = new Controller(at.clock, receiver);
    const second = new Controller(at.clock, receiver);
    const phase = async (seconds: number, found: readonly number[], from: number) => {
      for (let second_ = from; second_ < from + seconds; second_++) {
        if (second_ === moveAt) second.pipeline.restore(moved(first.pipeline.memory));
        await run(second_ < moveAt ? first : second, at, { seconds: 1, found });
      }
    };
    await phase(20, [3], 0);
    await phase(20, [], 20);
    assert.equal(receiver.told.length, 2, `moved after ${moveAt} s: ${receiver.told.join(' | ')}`);
    assert.match(receiver.told[0]!, /^3 firing since 00$/, `moved after ${moveAt} s`);
    assert.match(receiver.told[1]!, /^3 resolved since 00$/, `moved after ${moveAt} s`);
  }
});

test('what a sink that works has not taken is told by the next controller', async () => {
  const at = world();
  const receiver = new Receiver();
  const first = new Controller(at.clock, receiver);
  receiver.isDead = true;
  await run(first, at, { seconds: 7, found: [3] });
  const { memory } = first.pipeline;
  assert.deepEqual(memory.told, []);
  first.sinks.close();
  receiver.isDead = false;
  const second = new Controller(at.clock, receiver);
  second.pipeline.restore(moved(memory));
  await run(second, at, { seconds: 3, found: [3] });
  assert.deepEqual(receiver.told, ['3 firing since 00']);
});

test('a dead sink keeps nobody from anything, and is told of', async () => {
  const at = world();
  const receiver = new Receiver();
  receiver.isDead = true;
  const controller = new Controller(at.clock, receiver);
  await run(controller, at, { seconds: 60, found: [3] });
  const [status] = controller.sinks.statuses;
  assert.equal(status!.failure, 'dead');
  assert.equal(status!.waiting, 1);
  assert.equal(controller.pipeline.alerts[0]!.state, 'firing');
  assert.equal(controller.pipeline.memory.told.length, 1, 'it counts as told once the sink is dead');
});

test('Alertmanager is told when something changes, and every minute', async () => {
  const at = world();
  const receiver = new Receiver();
  const controller = new Controller(at.clock, receiver, 'alerts.alertmanager.urls=http://am:9093/');
  await run(controller, at, { seconds: 130, found: [3] });
  assert.deepEqual(receiver.told, ['3 posted since 00', '3 posted since 00', '3 posted since 00']);
  await run(controller, at, { seconds: 2, found: [] });
  assert.equal(receiver.told.length, 4);
});

test('the memory of many alerts fits into a setting, and those that fire come first', () => {
  const at = world();
  const { pipeline } = new Controller(at.clock, new Receiver());
  const findings = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);
  pipeline.step(0, [down(...findings(0, 150))], { silences: [], settings: SETTINGS });
  pipeline.step(5000, [down(...findings(0, 200))], { silences: [], settings: SETTINGS });
  const text = encodeMemory(pipeline.memory);
  assert.ok(text.length <= 32_000, String(text.length));
  const { alerts } = decodeMemory(text)!;
  assert.equal(alerts.filter(({ state }) => state === 'firing').length, 150);
});

test('what is no memory is none', () => {
  for (const text of ['', 'rubbish', encodeMemory({ alerts: [], told: [] }).slice(3)])
    assert.equal(decodeMemory(text), undefined);
});
