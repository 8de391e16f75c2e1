/*
 * npx tsx test/handlers/keep_answers.ts HOST PORT > test/fixtures/handlers/kafka_4_3_1.json: asks a node with id 1,
 * auto.create.topics.enable=false, log.initial.task.delay.ms=600000 and nothing in it, and keeps what it answers.
 */
import { NodeNetwork } from '../../src/io/node_network.ts';
import { decodeResponse } from '../../src/protocol/framing.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { ok } from '../support/log_world.ts';
import { TestClient } from '../support/single_node.ts';
import { type Ask, takeAnswers } from './kafka_answers.ts';

const [host = '', port = ''] = process.argv.slice(2);
const network = new NodeNetwork(new SimulatedLogger(new SimulatedClock(new SimulatedTime())));

/** A connection of its own for each question: an answer may be its end. */
const ask: Ask = async (api, version, request) => {
  const client = await TestClient.connect(network, host, Number(port));
  const frame = await client.send(api, version, request, 'test');
  // What Kafka acknowledges it shows a moment later.
  await new Promise(resolve => setTimeout(resolve, 200));
  return frame === undefined ? undefined : ok(decodeResponse(api, version, frame));
};

const answers = await takeAnswers(ask);
const lines = Object.entries(answers).map(
  ([name, each]) => `${JSON.stringify(name)}: ${JSON.stringify(each)}`,
);
console.log(`{\n${lines.join(',\n')}\n}`);
process.exit(0);
