import type { Schema } from '../api/messages.ts';
import { Refusal } from '../refusal.ts';
import { exactJson, quoteLargeNumbers } from './json_text.ts';

/** Makes bytes JSON text, and JSON text bytes. Each throws an error that says what does not fit. */
export interface SchemaCodec {
  decode(bytes: Uint8Array): string;
  encode(json: string): Buffer;
}

const MAX_SCHEMA_CHARACTERS = 256 * 1024;

/**
 * The codec of a schema; its library is loaded with the first.
 * @throws {Refusal} 400 when the schema is none
 */
export async function schemaCodec(form: 'avro' | 'protobuf', schema: Schema): Promise<SchemaCodec> {
  if (schema.text.length > MAX_SCHEMA_CHARACTERS) {
    throw new Refusal(413, `A schema may have ${MAX_SCHEMA_CHARACTERS} characters`);
  }
  const { framing = 'none' } = schema;
  try {
    const codec = form === 'avro' ? await avroCodec(schema) : await protobufCodec(schema);
    if (framing === 'none') return codec;
    return {
      decode: bytes => codec.decode(withoutFrame(bytes, form)),
      encode: () => {
        throw new Error('what a schema registry numbers can not be written: the number is not known here');
      },
    };
  } catch (error) {
    throw new Refusal(
      400,
      `The schema is no ${form === 'avro' ? 'Avro' : 'Protobuf'}: ${(error as Error).message}`,
    );
  }
}

async function avroCodec({ text }: Schema): Promise<SchemaCodec> {
  const { default: avro } = await import('avsc');
  const long = avro.types.LongType.__with({
    fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
    toBuffer: (value: bigint) => {
      const buffer = Buffer.alloc(8);
      buffer.writeBigInt64LE(value);
      return buffer;
    },
    fromJSON: (value: string | number) => BigInt(value),
    toJSON: (value: bigint) => value,
    isValid: (value: unknown) => typeof value === 'bigint',
    compare: (left: bigint, right: bigint) => (left < right ? -1 : left > right ? 1 : 0),
  });
  const type = avro.Type.forSchema(JSON.parse(text), { registry: { long }, wrapUnions: true });
  return {
    decode: bytes => exactJson(type.fromBuffer(Buffer.from(bytes))),
    encode: json => type.toBuffer(type.fromString(quoteLargeNumbers(json))),
  };
}

const PROTOBUF_AS_JSON = { longs: String, enums: String, bytes: String, defaults: true, oneofs: false };

async function protobufCodec({ messageType, text }: Schema): Promise<SchemaCodec> {
  const { default: protobuf } = await import('protobufjs');
  const { root } = protobuf.parse(text, { keepCase: true });
  root.resolveAll();
  const first = (within: { readonly nestedArray: readonly unknown[] }): string | undefined => {
    for (const each of within.nestedArray) {
      if (each instanceof protobuf.Type) return each.fullName;
      const found = each instanceof protobuf.Namespace ? first(each) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const name = messageType ?? first(root);
  if (name === undefined) throw new Error('there is no message in it');
  const type = root.lookupType(name);
  return {
    decode: bytes => JSON.stringify(type.toObject(type.decode(bytes), PROTOBUF_AS_JSON)),
    encode: json => {
      const fields = JSON.parse(quoteLargeNumbers(json)) as Record<string, unknown>;
      const problem = Object.keys(fields).find(name => type.fields[name] === undefined);
      if (problem !== undefined) throw new Error(`${type.name} has no field "${problem}"`);
      return Buffer.from(type.encode(type.fromObject(fields)).finish());
    },
  };
}

const ID_BYTES = 5;

/** Behind the magic byte and the id of a schema registry; and behind the indexes that say which message it is. */
function withoutFrame(bytes: Uint8Array, form: 'avro' | 'protobuf'): Uint8Array {
  if (bytes.length < ID_BYTES || bytes[0] !== 0) {
    throw new Error('it does not begin with the byte 0 and the id of a schema, as a schema registry has it');
  }
  if (form === 'avro') return bytes.subarray(ID_BYTES);
  let at = ID_BYTES;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('it ends within the indexes of its message');
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new Error('the indexes of its message are no numbers');
  };
  for (let left = varint(); left > 0; left--) varint();
  return bytes.subarray(at);
}
