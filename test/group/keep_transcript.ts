/*
 * npx tsx test/group/keep_transcript.ts HOST PORT > test/fixtures/group/kafka_4_3_1.json: tells the transcript to a
 * node with the settings of TRANSCRIPT_SETTINGS and nothing in it, and keeps what it answered and stored.
 */
import { NodeNetwork } from '../../src/io/node_network.ts';
import { decodeResponse } from '../../src/protocol/framing.ts';
import type { Api, MessageInput, MessageOf } from '../../src/protocol/schema.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { ok } from '../support/log_world.ts';
import { TestClient } from '../support/single_node.ts';
import { prepareTranscript, takeTranscript } from './kafka_transcript.ts';

const [host = '', port = ''] = process.argv.slice(2);
const network = new NodeNetwork(new SimulatedLogger(new SimulatedClock(new SimulatedTime())));
const clients = new Map<string, Promise<TestClient>>();

async function say<A extends Api>(
  connection: string,
  api: A,
  version: number,
  request: MessageInput<A['request']>,
) {
  const client = clients.get(connection) ?? TestClient.connect(network, host, Number(port));
  clients.set(connection, client);
  const answer = await (await client).send(api, version, request, 'test');
  return ok(decodeResponse(api, version, answer!)) as MessageOf<A['response']>;
}

const topicId = await prepareTranscript(say);
console.log(JSON.stringify(await takeTranscript(say, topicId), undefined, 1));
process.exit(0);
