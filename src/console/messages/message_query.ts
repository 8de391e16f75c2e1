import type { IsolationLevel } from '../../client/list_offsets.ts';
import { partitionOfKey } from '../../client/producer/partitioner.ts';
import type { TopicPartition } from '../../client/topic_partition.ts';
import { MAX_SCAN_MESSAGES } from '../../model/limits.ts';
import { parseTime } from '../../monitor/alerts/rfc3339.ts';
import type { Encoding, FormChoice, Schema } from '../api/messages.ts';
import type { ConsoleNode } from '../console_node.ts';
import { Refusal } from '../refusal.ts';
import type { RequestFields } from '../request_fields.ts';
import { isJson, PayloadForm } from './payload_forms.ts';
import { type RecordFilter, recordFilter } from './record_filter.ts';
import { schemaCodec } from './schema_codecs.ts';

/** A place in a partition, as a request names it. */
export type Place =
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  | { readonly kind: 'offset'; readonly offset: bigint }
  | { readonly kind: 'beforeEnd'; readonly count: bigint }
  | { readonly kind: 'time'; readonly timestampMs: bigint };

/** What records a request wants, and how they are shown. */
export interface MessageRequest {
  readonly partitions: readonly TopicPartition[];
  readonly from: Place;
  readonly until: Place | undefined;
  readonly cursor: string | undefined;
  readonly limit: number;
  readonly maxChars: number;
  /** How long a partition without an answer is waited for. */
  readonly patienceMs: number;
  readonly isolationLevel: IsolationLevel;
  readonly filter: RecordFilter;
  readonly forms: MessageForms;
}

export interface MessageForms {
  readonly key: PayloadForm;
  readonly value: PayloadForm;
}

const ENCODINGS = ['text', 'json', 'hex', 'base64'] as const;
const FORMS = ['auto', ...ENCODINGS, 'avro', 'protobuf'] as const;
const MAX_PARTITIONS = 10_000;
const MAX_KEY_CHARACTERS = 100_000;
const DEFAULT_CHARACTERS = 4_096;

export interface QueryLimits {
  /** Records of one answer. */
  readonly mostRecords: number;
  readonly records: number;
  readonly patienceMs: number;
}

/** Of a step: who waits for it sees what the others have, and that one is missing. */
export const STEP_LIMITS: QueryLimits = { mostRecords: MAX_SCAN_MESSAGES, records: 50, patienceMs: 1_500 };

/** @throws {Refusal} for what is not a query */
export async function messageRequest(
  node: ConsoleNode,
  topicName: string,
  fields: RequestFields,
  limits: QueryLimits = STEP_LIMITS,
): Promise<MessageRequest> {
  const topic = node.topic(topicName);
  const keyText = fields.optionalText('key', MAX_KEY_CHARACTERS);
  const encoding = fields.word('keyEncoding', ENCODINGS, 'text');
  const key = keyText === undefined ? undefined : decodeText(keyText, encoding, 'key');
  const forms = await messageForms(fields);
  const wanted = fields.optionalWholes('partitions', MAX_PARTITIONS);
  const ofKey = key === undefined ? undefined : [partitionOfKey(key, topic.partitions.length)];
  const chosen = wanted ?? ofKey ?? [...topic.partitions.keys()];
  return {
    partitions: [...new Set(chosen)].map(index => node.partition(topic, index)),
    from: parsePlace('from', fields.optionalText('from') ?? '-50'),
    until: fields.has('until') ? parsePlace('until', fields.text('until')) : undefined,
    cursor: fields.optionalText('cursor', MAX_KEY_CHARACTERS),
    limit: fields.optionalWhole('limit', { least: 1, most: limits.mostRecords }) ?? limits.records,
    maxChars: fields.optionalWhole('maxChars', { least: 16, most: 65_536 }) ?? DEFAULT_CHARACTERS,
    patienceMs: limits.patienceMs,
    isolationLevel: fields.flag('isCommittedOnly') ? 'read_committed' : 'read_uncommitted',
    filter: await recordFilter(fields, key, forms),
    forms,
  };
}

export async function messageForms(fields: RequestFields): Promise<MessageForms> {
  const form = async (name: 'key' | 'value') => {
    const choice = fields.word(`${name}Form`, FORMS, 'auto');
    return await payloadForm(choice, schemaOf(fields, `${name}Schema`), name);
  };
  return { key: await form('key'), value: await form('value') };
}

async function payloadForm(
  choice: FormChoice,
  schema: Schema | undefined,
  name: string,
): Promise<PayloadForm> {
  if (choice !== 'avro' && choice !== 'protobuf') return new PayloadForm(choice, undefined);
  if (schema !== undefined) return new PayloadForm(choice, await schemaCodec(choice, schema));
  throw new Refusal(400, `${name}Form is ${choice}: that needs a schema in ${name}Schema, in a POST`);
}

export function schemaOf(fields: RequestFields, name: string): Schema | undefined {
  const schema = fields.optionalFields(name);
  if (schema === undefined) return undefined;
  const messageType = schema.optionalText('messageType');
  return {
    text: schema.text('text', { most: 1_000_000 }),
    ...(messageType !== undefined && messageType !== '' && { messageType }),
    framing: schema.word('framing', ['none', 'confluent'], 'none'),
  };
}

/** @throws {Refusal} when the text is not in that encoding */
export function decodeText(text: string, encoding: Encoding, name: string): Buffer {
  switch (encoding) {
    case 'json':
      if (!isJson(text)) throw new Refusal(400, `${name} is no JSON`);
      return Buffer.from(text);
    case 'text':
      return Buffer.from(text);
    case 'hex':
      if (!/^([0-9a-fA-F]{2})*$/.test(text)) throw new Refusal(400, `${name} is no hex: two digits a byte`);
      return Buffer.from(text, 'hex');
    case 'base64':
      if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) throw new Refusal(400, `${name} is no base64`);
      return Buffer.from(text, 'base64');
  }
}

function parsePlace(name: string, text: string): Place {
  if (text === 'start') return { kind: 'start' };
  if (text === 'end') return { kind: 'end' };
  if (/^\d{1,19}$/.test(text)) return { kind: 'offset', offset: BigInt(text) };
  if (/^-\d{1,19}$/.test(text)) return { kind: 'beforeEnd', count: -BigInt(text) };
  const time = text.startsWith('@') ? text.slice(1) : '';
  const timestampMs = /^\d{1,16}$/.test(time) ? Number(time) : parseTime(time);
  if (timestampMs !== undefined) return { kind: 'time', timestampMs: BigInt(timestampMs) };
  throw new Refusal(
    400,
    `${name} is "${text.slice(0, 50)}": it must be start, end, an offset, -N for N before the end, or a time as @1767225600000 or @2026-01-01T00:00:00Z`,
  );
}
