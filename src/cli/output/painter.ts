import { styleText } from 'node:util';
import type { TextStream } from '../terminal.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours text, where colours are wanted. */
export interface Painter {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warning(text: string): string;
  bad(text: string): string;
}

function painter(paint: (style: Style, text: string) => string): Painter {
  return {
    bold: text => paint('bold', text),
    dim: text => paint('dim', text),
    good: text => paint('green', text),
    warning: text => paint('yellow', text),
    bad: text => paint('red', text),
  };
}

const PLAIN = painter((_, text) => text);
const COLOURED = painter((style, text) => styleText(style, text));

/** Colours for a terminal alone, unless the user wants none (https://no-color.org). */
export function painterFor(stream: TextStream, environment: NodeJS.ProcessEnv): Painter {
  const isWanted = stream.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  return isWanted || environment['FORCE_COLOR'] === '1' ? COLOURED : PLAIN;
}
