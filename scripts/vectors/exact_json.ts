import type { Json } from '../../src/protocol/json.ts';

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG_INTEGER = /^-?\d{16,}$/;
/** The one key of the objects that stand for long integers while `JSON.parse` runs; no field has such a name. */
const MARK = '\0integer';

/**
 * `JSON.parse` that keeps integers of 16 digits and more exact, as bigints; smaller ones stay numbers.
 * @throws {SyntaxError} as `JSON.parse` does
 */
export function parseExactJson(text: string): Json {
  const marked = text.replace(STRING_OR_NUMBER, token =>
    LONG_INTEGER.test(token) ? `{${JSON.stringify(MARK)}:"${token}"}` : token,
  );
  return JSON.parse(marked, (_key, value) => {
    const digits = typeof value === 'object' && value !== null ? value[MARK] : undefined;
    return digits === undefined ? value : BigInt(digits);
  });
}
