/** A piece of JSON text, with what it is for its colour. */
export interface JsonToken {
  readonly kind: 'key' | 'string' | 'number' | 'word' | 'mark' | 'space';
  readonly text: string;
}

const TOKEN = /\s+|"(?:[^"\\]|\\.)*"?|-?\d[\d.eE+-]*|[A-Za-z]+|[[\]{},:]|./gsu;
/** Deeper text is not moved further in: it would leave the screen. */
const MAX_INDENT = 40;

/**
 * JSON text laid out in lines. It is never parsed to values, so that every digit of a number stays as it is, keys
 * that come twice stay both, and text that was cut is shown as far as it goes.
 */
export function prettyJson(text: string): JsonToken[] {
  const tokens: JsonToken[] = [];
  let depth = 0;
  const push = (kind: JsonToken['kind'], part: string) => tokens.push({ kind, text: part });
  const newLine = () => push('space', `\n${'  '.repeat(Math.min(depth, MAX_INDENT))}`);
  const parts = (text.match(TOKEN) ?? []).filter(part => !/^\s+$/.test(part));
  for (const [at, part] of parts.entries()) {
    const next = parts[at + 1];
    if (part === '{' || part === '[') {
      push('mark', part);
      if (next === '}' || next === ']') continue;
      depth++;
      newLine();
    } else if (part === '}' || part === ']') {
      const before = parts[at - 1];
      if (before !== '{' && before !== '[') {
        depth = Math.max(0, depth - 1);
        newLine();
      }
      push('mark', part);
    } else if (part === ',') {
      push('mark', part);
      newLine();
    } else if (part === ':') push('mark', ': ');
    else if (part.startsWith('"')) push(next === ':' ? 'key' : 'string', part);
    else push(/^-?\d/.test(part) ? 'number' : 'word', part);
  }
  return tokens;
}
