import { decodeMetadataRecord } from '../../controller/metadata_record.ts';
import { GROUP_MESSAGES, TRANSACTION_MESSAGES } from '../../messages/records.ts';
import { failed } from '../../model/failure.ts';
import type { Message } from '../../protocol/schema.ts';
import { decodeRecordKey, decodeVersioned, recordTypeOf } from '../../protocol/stored.ts';
import type { Record as LogRecord } from '../../records/record.ts';

/** What the records of the cluster's own topics are. */
export type StoredKind = 'cluster-metadata' | 'offsets' | 'transaction-log';
export const STORED_KINDS: readonly StoredKind[] = ['cluster-metadata', 'offsets', 'transaction-log'];

const TOPICS: readonly (readonly [string, StoredKind])[] = [
  ['__cluster_metadata-', 'cluster-metadata'],
  ['__consumer_offsets-', 'offsets'],
  ['__transaction_state-', 'transaction-log'],
];

/** What the records of a file are, by the directory that it is in; undefined for those of a user's topic. */
export function kindOfPath(path: string): StoredKind | undefined {
  return TOPICS.find(([directory]) => path.includes(directory))?.[1];
}

/** A record of the cluster's own topics in words; what can't be decoded says why. */
export function decodeStored(kind: StoredKind, record: LogRecord): { readonly [field: string]: unknown } {
  if (kind === 'cluster-metadata') {
    if (record.value === null) return { error: 'a record without a value' };
    const decoded = decodeMetadataRecord(record.value);
    if (failed(decoded)) return { error: decoded.message };
    const { type, value } = decoded as { readonly type: string; readonly value: unknown };
    return { type, value };
  }
  return decodeKeyed(kind === 'offsets' ? GROUP_MESSAGES : TRANSACTION_MESSAGES, record);
}

/** Keys say what a record is; the lists have key and value of each type behind one another. */
function decodeKeyed(messages: readonly Message[], { key, value }: LogRecord): { [field: string]: unknown } {
  const type = key === null ? undefined : recordTypeOf(key);
  const at = messages.findIndex(({ key: recordType, name }) => recordType === type && name.endsWith('Key'));
  const [keyMessage, valueMessage] = [messages[at], messages[at + 1]];
  if (key === null || keyMessage === undefined || valueMessage === undefined) {
    return { error: `a record of the unknown type ${type ?? '(no key)'}` };
  }
  const decodedKey = decodeRecordKey(keyMessage, key);
  const name = keyMessage.name.replace(/Key$/, '');
  if (failed(decodedKey)) return { type: name, error: decodedKey.message };
  if (value === null) return { type: name, key: decodedKey, value: null };
  const decodedValue = decodeVersioned(valueMessage, value);
  if (failed(decodedValue)) return { type: name, key: decodedKey, error: decodedValue.message };
  return { type: name, version: decodedValue.version, key: decodedKey, value: decodedValue.value };
}
