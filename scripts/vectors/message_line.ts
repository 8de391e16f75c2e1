import { failed } from '../../src/model/failure.ts';
import { decode, encodeToBuffer } from '../../src/protocol/codec.ts';
import { fromJson, type Json, toJson } from '../../src/protocol/json.ts';
import type { Message } from '../../src/protocol/schema.ts';
import { includesVersion } from '../../src/protocol/versions.ts';
import { differentBytes, firstDifference, isHex } from './compare.ts';
import { parseExactJson } from './exact_json.ts';
import { checkStored, storedForm } from './stored_form.ts';

interface MessageLine {
  readonly version: number;
  readonly json: Json;
  readonly bytes: Buffer;
  /** What stands before the message where it is stored, if the line tells. */
  readonly prefix?: Buffer;
  /** Whether the bytes hold tagged fields that the JSON lacks. We skip them, so encoding does not give them. */
  readonly hasUnknownTagged: boolean;
}

/**
 * Checks a line of a vector file: decodes it, compares with its JSON, encodes again and compares the bytes.
 * @param prefix the index's description of what stands before the message where it is stored
 * @returns what is wrong, with us or with the line; undefined when nothing is. Never throws.
 */
export function checkMessageLine(
  message: Message,
  prefix: string | undefined,
  text: string,
): string | undefined {
  let place = '';
  try {
    const line = parseLine(text);
    if (typeof line === 'string') return line;
    place = `version ${line.version}: `;
    const problem = checkCodec(message, line) ?? checkPrefix(message, prefix, line);
    return problem && place + problem;
  } catch (error) {
    return `${place}threw ${String(error)}`;
  }
}

/** The line, or what keeps it from being one. */
function parseLine(text: string): MessageLine | string {
  let parsed: Json;
  try {
    parsed = parseExactJson(text);
  } catch (error) {
    return `the line is no JSON: ${(error as Error).message}`;
  }
  if (typeof parsed !== 'object' || parsed === null) return 'the line is no JSON object';
  const { version, json, hex, prefix, unknownTagged } = parsed as { readonly [key: string]: Json };
  if (typeof version !== 'number' || !Number.isInteger(version)) return 'the line has no version';
  if (json === undefined) return `version ${version}: the line has no json`;
  if (!isHex(hex)) return `version ${version}: the line has no hex of whole bytes`;
  if (prefix !== undefined && !isHex(prefix))
    return `version ${version}: the prefix is no hex of whole bytes`;
  return {
    version,
    json,
    bytes: Buffer.from(hex, 'hex'),
    ...(prefix === undefined ? {} : { prefix: Buffer.from(prefix, 'hex') }),
    hasUnknownTagged: unknownTagged !== undefined,
  };
}

function checkCodec(message: Message, line: MessageLine): string | undefined {
  const { version, json, bytes } = line;
  if (!includesVersion(message.versions, version)) return `we have the versions ${message.versions}`;
  const value = decode(message, version, bytes);
  if (failed(value)) return value.message;
  const difference = firstDifference(json, toJson(message, version, value));
  if (difference !== undefined) return `decoded: ${difference}`;

  const fromValue = encodeToBuffer(message, version, value);
  const fromText = encodeToBuffer(message, version, fromJson(message, json));
  if (!line.hasUnknownTagged) {
    return differentBytes('decoded value', bytes, fromValue) ?? differentBytes('JSON', bytes, fromText);
  }
  const again = decode(message, version, fromValue);
  if (failed(again)) return `encoded without the unknown tagged fields: ${again.message}`;
  return (
    differentBytes('JSON', fromValue, fromText) ?? firstDifference(json, toJson(message, version, again))
  );
}

function checkPrefix(
  message: Message,
  description: string | undefined,
  line: MessageLine,
): string | undefined {
  if (line.prefix === undefined) return undefined;
  if (description === undefined) return 'the line has a prefix, the index describes none';
  const form = storedForm(description);
  if (form === undefined) return `the index's prefix is one that we don't know: ${description}`;
  return checkStored(form, message, { ...line, prefix: line.prefix });
}
