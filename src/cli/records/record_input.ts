import type { ProducerRecord } from '../../client/producer/delivery.ts';
import { failed } from '../../model/failure.ts';
import { asPartitionIndex } from '../../model/ids.ts';
import { Misuse } from '../exit_codes.ts';

/** How much may come without a delimiter: no broker takes a record larger by far. */
const MAX_PIECE_BYTES = 256 * 1024 * 1024;

/** Splits a stream of bytes at a delimiter; what is behind the last one is a piece too, if it is not empty. */
export async function* splitStream(
  chunks: AsyncIterable<Buffer | string>,
  delimiter: Buffer,
): AsyncGenerator<Buffer | Misuse> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    // Where the delimiter may begin: what was looked at before has none.
    let from = Math.max(0, rest.length - delimiter.length + 1);
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    let start = 0;
    for (;;) {
      const at = rest.indexOf(delimiter, from);
      if (at < 0) break;
      yield rest.subarray(start, at);
      start = at + delimiter.length;
      from = start;
    }
    rest = rest.subarray(start);
    if (rest.length > MAX_PIECE_BYTES) {
      yield new Misuse(
        `There is no delimiter within ${MAX_PIECE_BYTES} bytes of the input: -D says what it is`,
      );
      return;
    }
  }
  if (rest.length > 0) yield rest;
}

/** What all records of an input have in common. */
export interface InputOptions {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly keyDelimiter: Buffer | undefined;
  readonly partition: number | undefined;
  readonly headers: readonly { readonly key: string; readonly value: Buffer }[];
  readonly timestamp: bigint | undefined;
  /** Whether an empty value is a tombstone. */
  readonly areEmptyNull: boolean;
}

/** The record of one piece of the input. */
export function pieceToRecord(piece: Buffer, options: InputOptions): ProducerRecord | Misuse {
  const { areEmptyNull, headers, keyDelimiter, partition, timestamp, topic } = options;
  let [key, value]: [Buffer | null, Buffer | null] = [options.key, piece];
  if (keyDelimiter !== undefined) {
    const at = piece.indexOf(keyDelimiter);
    if (at < 0) {
      return new Misuse(`"${piece.subarray(0, 80)}" has no "${keyDelimiter}" between key and value (-K)`);
    }
    key = piece.subarray(0, at);
    value = piece.subarray(at + keyDelimiter.length);
  }
  if (areEmptyNull && value.length === 0) value = null;
  return {
    topic,
    key,
    value,
    headers,
    ...(partition !== undefined && { partition: asPartitionIndex(partition) }),
    ...(timestamp !== undefined && { timestamp }),
  };
}

/** A record in the JSON that `consume -o json` writes; what it leaves out is as for all records. */
export function jsonToRecord(piece: Buffer, options: InputOptions): ProducerRecord | Misuse {
  let json: unknown;
  try {
    json = JSON.parse(piece.toString());
  } catch (error) {
    return new Misuse(`"${piece.subarray(0, 80)}" is no JSON: ${(error as Error).message}`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return new Misuse(`"${piece.subarray(0, 80)}" is no object with key and value`);
  }
  const fields = json as Record<string, unknown>;
  const key = 'key' in fields ? bytesOf(fields, 'key') : options.key;
  const value = bytesOf(fields, 'value');
  const headers = 'headers' in fields ? headersOf(fields['headers']) : options.headers;
  for (const problem of [key, value, headers]) if (failed(problem)) return problem;
  const { partition, timestamp, topic } = options;
  const time =
    timestamp ??
    (typeof fields['timestamp'] === 'number' ? BigInt(Math.trunc(fields['timestamp'])) : undefined);
  return {
    topic,
    key: key as Buffer | null,
    value: value as Buffer | null,
    headers: headers as InputOptions['headers'],
    ...(partition !== undefined && { partition: asPartitionIndex(partition) }),
    ...(time !== undefined && { timestamp: time }),
  };
}

function bytesOf(fields: Record<string, unknown>, name: string): Buffer | null | Misuse {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') return Buffer.from(JSON.stringify(value));
  return Buffer.from(value, fields[`${name}Encoding`] === 'base64' ? 'base64' : 'utf8');
}

function headersOf(value: unknown): { key: string; value: Buffer | null }[] | Misuse {
  if (!Array.isArray(value)) return new Misuse('headers must be a list of objects with key and value');
  const headers: { key: string; value: Buffer | null }[] = [];
  for (const each of value as unknown[]) {
    const fields = (typeof each === 'object' && each !== null ? each : {}) as Record<string, unknown>;
    const bytes = bytesOf(fields, 'value');
    if (typeof fields['key'] !== 'string' || failed(bytes))
      return new Misuse('a header must have a key of text');
    headers.push({ key: fields['key'], value: bytes });
  }
  return headers;
}
