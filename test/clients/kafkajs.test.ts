import { test } from 'node:test';
import { cases } from '../../conformance/kafkajs/cases.ts';
import type { Scenario } from '../../conformance/support/program.ts';
import { type NodeProcess, Workplace } from '../support/node_process.ts';

// What it says of errors that are wanted is of no interest.
process.env['KAFKAJS_LOG_LEVEL'] = 'NOTHING';

const place = await Workplace.make();
let listeners: Readonly<Record<string, string>> = { PLAINTEXT: '127.0.0.1:0', CONTROLLER: '127.0.0.1:0' };
let node: NodeProcess = await start();

/** Starts the node on the ports that it had before. */
async function start(): Promise<NodeProcess> {
  const started = place.serve([
    `listeners=${Object.entries(listeners).map(([name, at]) => `${name}://${at}`)}`,
    `log.dirs=${place.path('data')}`,
    'auto.create.topics.enable=false',
    'group.initial.rebalance.delay.ms=0',
  ]);
  ({ listeners } = await started.ready());
  return started;
}

for (const [name, run] of Object.entries(cases)) {
  test(`kafkajs: ${name}`, { timeout: 120_000 }, async () => {
    const scenario: Scenario = {
      bootstrap: listeners['PLAINTEXT']!,
      name: suffix => `${name}-${suffix}`,
      async restartNode() {
        await node.kill();
        node = await start();
      },
    };
    await run(scenario);
  });
}
