import type { ConsumedRecord } from '../../client/consumer/consumer.ts';

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as text; undefined where they are no UTF-8. */
export function asText(bytes: Uint8Array): string | undefined {
  try {
    return STRICT.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A record as programs get it. What is no text is in base64, and an `…Encoding` beside it says so. */
export function recordData(record: ConsumedRecord): Record<string, unknown> {
  const { headers, key, offset, partition, timestamp, topic, value } = record;
  return {
    topic,
    partition,
    offset,
    timestamp,
    ...field('key', key),
    ...field('value', value),
    headers: headers.map(header => ({ key: header.key, ...field('value', header.value) })),
  };
}

function field(name: string, bytes: Uint8Array | null): Record<string, unknown> {
  if (bytes === null) return { [name]: null };
  const text = asText(bytes);
  if (text !== undefined) return { [name]: text };
  return { [name]: Buffer.from(bytes).toString('base64'), [`${name}Encoding`]: 'base64' };
}
