import type { ConsumedRecord } from '../../client/consumer/consumer.ts';
import type { MetadataImage } from '../../controller/image/metadata_image.ts';
import { ConfigResourceType } from '../../settings/config_resource.ts';
import type { Message } from '../api/messages.ts';
import type { MessageForms } from './message_query.ts';
import { PayloadForm } from './payload_forms.ts';
import { sizeOf } from './record_scan.ts';

const HEADERS = new PayloadForm('auto', undefined);
/** Headers of a record that are shown. */
const MAX_HEADERS = 100;
const MAX_HEADER_CHARACTERS = 4_096;

export interface MessageViewOptions {
  readonly forms: MessageForms;
  /** Of a payload's text. */
  readonly maxChars: number;
  readonly timestampType: Message['timestampType'];
}

/** A record as it is shown; what it shows is copied out of what was fetched. */
export function messageView(record: ConsumedRecord, options: MessageViewOptions): Message {
  const { headers, key, leaderEpoch, offset, partition, timestamp, value } = record;
  const { forms, maxChars, timestampType } = options;
  return {
    partition,
    offset: String(offset),
    timestampMs: Number(timestamp),
    timestampType,
    leaderEpoch,
    key: forms.key.view(key, maxChars),
    value: forms.value.view(value, maxChars),
    headers: headers.slice(0, MAX_HEADERS).map(header => ({
      name: header.key,
      value: HEADERS.view(header.value, Math.min(maxChars, MAX_HEADER_CHARACTERS)),
    })),
    sizeBytes: sizeOf(record),
  };
}

/** Who sets the times of a topic's records. */
export function timestampTypeOf(image: MetadataImage, topic: string): Message['timestampType'] {
  const own = image.configs.of({ type: ConfigResourceType.TOPIC, name: topic }).get('message.timestamp.type');
  return own === 'LogAppendTime' ? 'append' : 'create';
}

/** The characters that a message shows. */
export function shownCharacters({ headers, key, value }: Message): number {
  let count = (key?.text.length ?? 0) + (value?.text.length ?? 0);
  for (const header of headers) count += header.name.length + (header.value?.text.length ?? 0);
  return count;
}
