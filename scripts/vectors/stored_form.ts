import { failed } from '../../src/model/failure.ts';
import { type Json, toJson } from '../../src/protocol/json.ts';
import type { Message, MessageOf } from '../../src/protocol/schema.ts';
import {
  decodeMetadataRecord,
  decodeRecordKey,
  decodeVersioned,
  encodeMetadataRecord,
  encodeRecordKey,
  encodeVersioned,
  recordTypeOf,
} from '../../src/protocol/stored.ts';
import { differentBytes, firstDifference } from './compare.ts';

export interface StoredLine {
  readonly version: number;
  readonly json: Json;
  readonly bytes: Buffer;
  readonly prefix: Buffer;
  readonly hasUnknownTagged: boolean;
}

type StoredForm = 'versioned' | 'record key' | 'metadata record';

/** The form that the index's description of a prefix means; undefined for one that we don't know. */
export function storedForm(description: string): StoredForm | undefined {
  if (description.startsWith('uvarint frame version')) return 'metadata record';
  if (description.startsWith('int16 apiKey')) return 'record key';
  return description.startsWith('int16 version') ? 'versioned' : undefined;
}

/** Checks that our stored form is the prefix and the message, both ways; what is wrong, in words. */
export function checkStored(form: StoredForm, message: Message, line: StoredLine): string | undefined {
  const stored = Buffer.concat([line.prefix, line.bytes]);
  const value = decodeStored(form, message, stored);
  if (typeof value === 'string') return `in its stored form: ${value}`;
  const difference = firstDifference(line.json, toJson(message, line.version, value));
  if (difference !== undefined) return `in its stored form: ${difference}`;
  if (line.hasUnknownTagged) return undefined;
  const encoded = encodeStored(form, message, line.version, value);
  return differentBytes('value, in its stored form', stored, encoded);
}

function decodeStored(form: StoredForm, message: Message, stored: Buffer): MessageOf<Message> | string {
  switch (form) {
    case 'versioned': {
      const decoded = decodeVersioned(message, stored);
      return failed(decoded) ? decoded.message : decoded.value;
    }
    case 'record key': {
      const type = recordTypeOf(stored);
      if (type !== message.key) return `record type ${type}, not ${message.key}`;
      const decoded = decodeRecordKey(message, stored);
      return failed(decoded) ? decoded.message : decoded;
    }
    case 'metadata record': {
      const decoded = decodeMetadataRecord(new Map([[message.key!, message]]), stored);
      return failed(decoded) ? decoded.message : decoded.value;
    }
  }
}

function encodeStored(
  form: StoredForm,
  message: Message,
  version: number,
  value: MessageOf<Message>,
): Buffer {
  switch (form) {
    case 'versioned':
      return encodeVersioned(message, version, value);
    case 'record key':
      return encodeRecordKey(message, value);
    case 'metadata record':
      return encodeMetadataRecord(message, version, value);
  }
}
