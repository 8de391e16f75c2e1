import { type Pair, parseLines } from 'dot-properties';

export interface PropertyLine {
  readonly key: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Reads the pairs of a file in the format of java.util.Properties, in their order. */
export function parsePropertiesFile(text: string): readonly PropertyLine[] {
  const source = text.replace(/^\uFEFF/, '');
  const pairs: PropertyLine[] = [];
  let line = 1;
  let position = 0;
  for (const node of parseLines(source, true)) {
    if (node.type !== 'PAIR') continue;
    const { key, value, range } = node as Required<Pair>;
    for (; position < range[0]; position++) if (source[position] === '\n') line++;
    pairs.push({ key, value, line });
  }
  return pairs;
}
