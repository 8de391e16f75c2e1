import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { SingleNode } from '../support/single_node.ts';
import { prepareTranscript, type Say, TRANSCRIPT_SETTINGS, takeTranscript } from './kafka_transcript.ts';

/* Made by keep_transcript.ts from Apache Kafka 4.3.1. */
const KEPT = new URL('../fixtures/group/kafka_4_3_1.json', import.meta.url);

test('clients of groups are told what Kafka tells them, and the same records are stored', async () => {
  const node = await SingleNode.start(TRANSCRIPT_SETTINGS);
  const say: Say = (connection, api, version, request) => node.ask(connection, api, version, request);
  const taken = async () => takeTranscript(say, await prepareTranscript(say));
  const ours = await node.time.run(taken(), { limitMs: 120_000 });
  const kafkas = JSON.parse(fs.readFileSync(KEPT, 'utf8'));
  assert.deepEqual(ours.lines, kafkas.lines);
  assert.deepEqual(ours.records, kafkas.records);
  await node.stop();
});
