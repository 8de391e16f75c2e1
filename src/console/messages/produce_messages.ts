import type { ProducerRecord } from '../../client/producer/delivery.ts';
import { Producer } from '../../client/producer/producer.ts';
import { failed } from '../../model/failure.ts';
import { asPartitionIndex } from '../../model/ids.ts';
import { CompressionType } from '../../records/record_batch.ts';
import type { Produced } from '../api/messages.ts';
import type { ConsoleNode } from '../console_node.ts';
import { orRefuse, Refusal } from '../refusal.ts';
import { RequestFields } from '../request_fields.ts';
import { decodeText, schemaOf } from './message_query.ts';
import { readRecord } from './read_record.ts';
import { schemaCodec } from './schema_codecs.ts';

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const ENCODINGS = ['text', 'json', 'hex', 'base64', 'avro', 'protobuf'] as const;
const MAX_COPIES = 1_000;
const MAX_HEADERS = 1_000;
const MAX_PARTITION = 1_000_000;
/** People wait. */
const LIMITS = { deliveryTimeoutMs: 15_000, maxBlockMs: 10_000, maxRequestSizeBytes: 128 * 1024 * 1024 };

/** Writes records for people: acknowledged by all in-sync replicas, each once. */
export class MessageWriter {
  readonly #node: ConsoleNode;
  /** One each compression that was asked for. */
  readonly #producers = new Map<CompressionType, Producer>();

  constructor(node: ConsoleNode) {
    this.#node = node;
  }

  async produce(topicName: string, fields: RequestFields): Promise<Produced> {
    const topic = this.#node.topic(topicName);
    const partition = fields.optionalWhole('partition', { least: 0, most: MAX_PARTITION });
    const timestamp = fields.optionalWhole('timestampMs', { least: 0, most: 8.64e15 });
    if (!fields.has('value')) throw new Refusal(400, 'value is missing: null makes a tombstone');
    const record: ProducerRecord = {
      topic: topic.name,
      ...(partition !== undefined && this.#node.partition(topic, partition)),
      key: await inputOf(fields, 'key'),
      value: await inputOf(fields, 'value'),
      headers: await headersOf(fields),
      ...(timestamp !== undefined && { timestamp: BigInt(timestamp) }),
    };
    const count = fields.optionalWhole('count', { least: 1, most: MAX_COPIES }) ?? 1;
    const compression = CompressionType[fields.word('compression', COMPRESSIONS, 'none')];
    return await this.#send(record, count, compression);
  }

  /** Writes a record that is there again: key, value and headers byte for byte, with the time of now. */
  async reproduce(topicName: string, fields: RequestFields): Promise<Produced> {
    const topic = this.#node.topic(topicName);
    const from = this.#node.partition(topic, fields.whole('partition', { least: 0, most: MAX_PARTITION }));
    const goal = this.#node.topic(fields.optionalText('toTopic') ?? topicName);
    const toPartition = fields.optionalWhole('toPartition', { least: 0, most: MAX_PARTITION });
    const { headers, key, value } = await readRecord(this.#node, from, fields.int64('offset'));
    const record = {
      topic: goal.name,
      ...(toPartition !== undefined && this.#node.partition(goal, toPartition)),
      key,
      value,
      headers,
    };
    return await this.#send(record, 1, CompressionType.none);
  }

  async #send(record: ProducerRecord, count: number, compression: CompressionType): Promise<Produced> {
    const producer = this.#producer(compression);
    // Copies without a key and a partition stay together, so that their offsets follow each other.
    const first = orRefuse(await producer.send(record));
    const rest = { ...record, partition: asPartitionIndex(first.partition) };
    const others = await Promise.all(Array.from({ length: count - 1 }, () => producer.send(rest)));
    const failure = others.find(failed);
    if (failure !== undefined) orRefuse(failure);
    return { topic: record.topic, partition: first.partition, offset: String(first.offset), count };
  }

  #producer(compression: CompressionType): Producer {
    let producer = this.#producers.get(compression);
    if (producer === undefined) {
      producer = new Producer(this.#node.client, { ...LIMITS, compression, lingerMs: 0 });
      this.#producers.set(compression, producer);
    }
    return producer;
  }
}

async function inputOf(fields: RequestFields, name: string): Promise<Buffer | null> {
  const input = fields.optionalFields(name);
  if (input === undefined) return null;
  const text = input.text('text', { least: 0, most: 8 * 1024 * 1024 });
  const encoding = input.word('encoding', ENCODINGS, 'text');
  if (encoding !== 'avro' && encoding !== 'protobuf') return decodeText(text, encoding, name);
  const schema = schemaOf(input, 'schema');
  if (schema === undefined)
    throw new Refusal(400, `${name} has the encoding ${encoding}: that needs a schema`);
  const codec = await schemaCodec(encoding, schema);
  try {
    return codec.encode(text);
  } catch (error) {
    throw new Refusal(400, `${name} does not fit its schema: ${(error as Error).message.slice(0, 500)}`);
  }
}

async function headersOf(fields: RequestFields): Promise<NonNullable<ProducerRecord['headers']>> {
  const headers = fields.optionalList('headers', MAX_HEADERS) ?? [];
  return await Promise.all(
    headers.map(async (each, index) => {
      const header = new RequestFields(each, `headers.${index}`);
      return { key: header.text('name', { least: 0 }), value: await inputOf(header, 'value') };
    }),
  );
}
