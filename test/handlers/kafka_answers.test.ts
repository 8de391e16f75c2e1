import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { Errors } from '../../src/model/error_codes.ts';
import { SingleNode } from '../support/single_node.ts';
import { type Answers, type Ask, takeAnswers } from './kafka_answers.ts';

/* Made by keep_answers.ts from Apache Kafka 4.3.1. */
const KEPT = new URL('../fixtures/handlers/kafka_4_3_1.json', import.meta.url);

/** Where this node answers otherwise than Kafka 4.3.1, and why. */
const ACCEPTED: Readonly<Record<string, string>> = {
  'dc broker keys': 'node.id and process.roles have defaults here: a node starts without any settings',
  'dq other': 'the leader of a partition that is none is -1, not broker 0',
  'dq part 1': 'the same',
  'iac dup resource': 'one answer for a resource that is there twice, not two',
};

interface Result {
  readonly answers: Answers;
  /** Errors that came without a text where the response has room for one. */
  readonly silent: readonly string[];
}

async function ourAnswers(): Promise<Result> {
  const node = await SingleNode.start();
  const silent: string[] = [];
  let count = 0;
  const ask: Ask = async (api, version, request) => {
    // Kafka gives nothing to those whose connection it ends.
    const answer = await node.ask(`connection ${count++}`, api, version, request).catch(() => undefined);
    if (hasSilentError(answer)) silent.push(`${api.name} ${version}: ${JSON.stringify(answer, withBigints)}`);
    return answer;
  };
  const answers = await node.time.run(takeAnswers(ask), { limitMs: 600_000 });
  await node.stop();
  return { answers, silent };
}

const withBigints = (_key: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);

function hasSilentError(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasSilentError);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return false;
  const { errorCode, errorMessage } = value as { errorCode?: number; errorMessage?: string | null };
  if (errorMessage === null && errorCode !== undefined && errorCode !== Errors.NONE) return true;
  return Object.values(value).some(hasSilentError);
}

/** What the list has that Kafka 4.3.1 does not know is left out: newer settings, our own, and newer versions. */
function withoutNewer(ours: unknown, kafkas: unknown): unknown {
  if (Array.isArray(ours) && Array.isArray(kafkas)) {
    const known = new Map(kafkas.map(each => [each?.name, each]));
    const isNamed = kafkas.length > 0 && kafkas.every(each => typeof each?.name === 'string');
    if (!isNamed) return ours.map((each, index) => withoutNewer(each, kafkas[index]));
    return ours.filter(each => known.has(each.name)).map(each => withoutNewer(each, known.get(each.name)));
  }
  if (typeof ours !== 'object' || ours === null || typeof kafkas !== 'object' || kafkas === null) return ours;
  const entries = Object.entries(ours).map(([key, each]) => [
    key,
    withoutNewer(each, (kafkas as Record<string, unknown>)[key]),
  ]);
  return Object.fromEntries(entries);
}

function differenceOf(ours: unknown, expected: unknown): string | undefined {
  try {
    assert.deepEqual(ours, expected);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test('a client is told what Kafka tells it, and every error says what is wrong', async () => {
  const kafkas = JSON.parse(fs.readFileSync(KEPT, 'utf8')) as Answers;
  const { answers, silent } = await ourAnswers();
  assert.deepEqual(Object.keys(answers), Object.keys(kafkas), 'the answers are kept again');
  const wrong: string[] = [];
  for (const [question, expected] of Object.entries(kafkas)) {
    const ours = withoutNewer(answers[question], expected);
    const difference = differenceOf(ours, expected);
    if (question in ACCEPTED) assert.ok(difference !== undefined, `${question} is no different any more`);
    else if (difference !== undefined) wrong.push(`${question}: ${difference}`);
  }
  assert.equal(wrong.length, 0, `\n${wrong.join('\n\n')}`);
  assert.deepEqual(silent, []);
});
