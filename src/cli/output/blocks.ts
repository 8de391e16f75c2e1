import type { Painter } from './painter.ts';

/** How a block is shown to people. */
export interface BlockStyle {
  /** Whether there is room for columns that are not always wanted. */
  readonly isWide: boolean;
  readonly paint: Painter;
}

/** A part of what a command shows to people; ends without a newline. */
export interface Block {
  render(style: BlockStyle): string;
}

export type Cell = string | number | bigint | boolean | null | undefined | readonly (number | string)[];

export interface Column<Row> {
  readonly header: string;
  readonly value: (row: Row, paint: Painter) => Cell;
  /** Shown with `-o wide` alone. */
  readonly isWide?: boolean;
  /** For numbers. */
  readonly isRight?: boolean;
  /** Left out when no row has something in it. */
  readonly isOptional?: boolean;
}

const GAP = '   ';
/** Stands where there is nothing. */
const EMPTY = '-';
/** Colours take no room. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour
const COLOURS = /\u001b\[\d+m/g;

const widthOf = (text: string): number => text.replace(COLOURS, '').length;

/** Rows under headers, in columns as wide as what they hold. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { empty }: { readonly empty: string },
): Block {
  return {
    render({ isWide, paint }) {
      if (rows.length === 0) return empty;
      const isEmpty = ({ value }: Column<Row>) => rows.every(row => cellText(value(row, paint)) === EMPTY);
      const shown = columns.filter(
        column => (isWide || column.isWide !== true) && !(column.isOptional === true && isEmpty(column)),
      );
      const lines = [
        shown.map(({ header }) => paint.bold(header)),
        ...rows.map(row => shown.map(({ value }) => cellText(value(row, paint)))),
      ];
      const widths = shown.map((_, index) => Math.max(...lines.map(line => widthOf(line[index]!))));
      return lines
        .map(line =>
          line
            .map((text, index) => {
              const padding = ' '.repeat(widths[index]! - widthOf(text));
              return shown[index]!.isRight === true ? padding + text : text + padding;
            })
            .join(GAP)
            .trimEnd(),
        )
        .join('\n');
    },
  };
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined || cell === '') return EMPTY;
  if (typeof cell === 'object') return cell.length === 0 ? EMPTY : cell.join(',');
  // A line of a table stays one, whatever a name or a value holds.
  return typeof cell === 'string' ? cell.replaceAll(/[\r\n\t]/g, ' ') : String(cell);
}

/** Names with values, under each other. */
export function facts(pairs: readonly (readonly [string, Cell])[]): Block {
  return {
    render({ paint }) {
      const width = Math.max(...pairs.map(([name]) => name.length));
      return pairs
        .map(([name, value]) => `${paint.bold(name.padEnd(width))}${GAP}${cellText(value)}`)
        .join('\n');
    },
  };
}

/** A block under a title. */
export function titled(title: string, block: Block): Block {
  return { render: style => `${style.paint.bold(title)}\n${block.render(style)}` };
}

export function text(content: string): Block {
  return { render: () => content };
}
