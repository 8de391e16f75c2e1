import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** Of CSS; the columns without one share what is left. */
  readonly width?: string;
  readonly isNumber?: boolean;
  /** Left out on a narrow screen. */
  readonly isWide?: boolean;
  /** Left out on all but a wide screen. */
  readonly isExtra?: boolean;
  readonly isSortable?: boolean;
  /** Long text in several lines: a table with such a column is always drawn whole. */
  readonly isWrapped?: boolean;
  cell(row: Row): ComponentChildren;
}

export interface Sort {
  readonly key: string;
  readonly order: 'asc' | 'desc';
}

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly count: number;
  /** Undefined for a row that is still asked for. */
  row(at: number): Row | undefined;
  readonly sort?: Sort;
  onSort?(sort: Sort): void;
  /** What Enter and a click on a row do. */
  onOpen?(row: Row): void;
  /** Told which rows are seen. */
  onSeen?(first: number, end: number): void;
}

/** As `--row-height` has it. */
const ROW_HEIGHT = 36;
const OVERSCAN = 12;
/** Shorter tables are drawn whole. */
const WHOLE_BELOW = 120;

/**
 * A table of any length: of a long one only the rows near what is seen are there. One stop of Tab; arrows, Home, End and
 * Page Up and Down go through its rows, Enter opens one.
 */
export function Table<Row>(props: TableProps<Row>) {
  const { label, columns, count, row, sort, onSort, onOpen, onSeen } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const [active, setActive] = useState(0);
  const isWhole = count < WHOLE_BELOW || columns.some(({ isWrapped }) => isWrapped === true);
  const { first, end } = useSeenRows(body, { count, isWhole, onSeen });
  const wanted = useRef<number | undefined>(undefined);

  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const element = body.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`);
    if (element === null || element === undefined) return;
    wanted.current = undefined;
    element.focus({ preventScroll: true });
  });

  const goTo = (to: number) => {
    const at = Math.max(0, Math.min(count - 1, to));
    wanted.current = at;
    setActive(at);
    scrollTo(body.current!, at);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (target.dataset['row'] === undefined) return;
    const step = stepOf(event.key, Number(target.dataset['row']), count);
    if (step !== undefined) {
      event.preventDefault();
      goTo(step);
    } else if (event.key === 'Enter') {
      const opened = row(Number(target.dataset['row']));
      if (opened !== undefined) onOpen?.(opened);
    }
  };
  const rows = Array.from({ length: end - first }, (_, index) => first + index);
  const tabStop = active >= first && active < end ? active : first;
  return (
    <table
      class="table"
      aria-label={label}
      aria-rowcount={count + 1}
      role={onOpen === undefined ? 'table' : 'grid'}
    >
      <colgroup>
        {columns.map(column => (
          <col key={column.key} class={classOf(column)} style={widthOf(column)} />
        ))}
      </colgroup>
      <thead>
        <tr aria-rowindex={1}>
          {columns.map(column => (
            <HeadCell key={column.key} column={column} sort={sort} onSort={onSort} />
          ))}
        </tr>
      </thead>
      <tbody ref={body} onKeyDown={onOpen === undefined ? undefined : onKeyDown}>
        <Spacer rows={first} columns={columns.length} />
        {rows.map(at => {
          const shown = row(at);
          return (
            <tr
              // By its place: the focus stays where it is when the row is loaded.
              key={at}
              aria-rowindex={at + 2}
              data-row={at}
              tabIndex={onOpen === undefined ? undefined : at === tabStop ? 0 : -1}
              onFocus={() => setActive(at)}
              onClick={event => {
                if (onOpen === undefined || shown === undefined) return;
                if ((event.target as HTMLElement).closest('a, button, input') === null) onOpen(shown);
              }}
            >
              {columns.map(column => (
                <td key={column.key} class={classOf(column)}>
                  {shown === undefined ? <span class="muted">…</span> : column.cell(shown)}
                </td>
              ))}
            </tr>
          );
        })}
        <Spacer rows={count - end} columns={columns.length} />
      </tbody>
    </table>
  );
}

function HeadCell<Row>(props: {
  readonly column: Column<Row>;
  readonly sort: Sort | undefined;
  readonly onSort: ((sort: Sort) => void) | undefined;
}) {
  const { column, sort, onSort } = props;
  const isSorted = sort?.key === column.key;
  if (column.isSortable !== true || onSort === undefined) {
    return (
      <th scope="col" class={classOf(column)}>
        {column.title}
      </th>
    );
  }
  const arrow = isSorted && (
    <span class="arrow" aria-hidden="true">
      {sort.order === 'asc' ? '↑' : '↓'}
    </span>
  );
  const next = isSorted ? (sort.order === 'asc' ? 'desc' : 'asc') : column.isNumber === true ? 'desc' : 'asc';
  return (
    <th
      scope="col"
      class={classOf(column)}
      aria-sort={isSorted ? (sort.order === 'asc' ? 'ascending' : 'descending') : 'none'}
    >
      <button type="button" onClick={() => onSort({ key: column.key, order: next })}>
        {column.isNumber === true && arrow}
        {column.title}
        {column.isNumber !== true && arrow}
      </button>
    </th>
  );
}

function Spacer({ rows, columns }: { rows: number; columns: number }) {
  if (rows <= 0) return null;
  return (
    <tr class="spacer">
      <td colSpan={columns} style={{ height: `${rows * ROW_HEIGHT}px` }} />
    </tr>
  );
}

function classOf<Row>({ isNumber, isWide, isExtra, isWrapped }: Column<Row>): string | undefined {
  const classes = [isNumber && 'number', isWide && 'wide', isExtra && 'extra', isWrapped && 'wrapped']
    .filter(Boolean)
    .join(' ');
  return classes === '' ? undefined : classes;
}

function widthOf<Row>({ width }: Column<Row>) {
  return width === undefined ? undefined : { width };
}

function stepOf(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return at + 1;
    case 'ArrowUp':
      return at - 1;
    case 'PageDown':
      return at + 15;
    case 'PageUp':
      return at - 15;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}

function scrollerOf(element: HTMLElement): HTMLElement {
  return element.closest<HTMLElement>('.dialog-body, .scroller, .main') ?? document.documentElement;
}

function scrollTo(body: HTMLElement, at: number): void {
  const scroller = scrollerOf(body);
  const view = scroller.getBoundingClientRect();
  const top = body.getBoundingClientRect().top - view.top + at * ROW_HEIGHT;
  const headHeight = 44;
  if (top < headHeight) scroller.scrollTop += top - headHeight;
  else if (top + ROW_HEIGHT > view.height) scroller.scrollTop += top + ROW_HEIGHT - view.height + 8;
}

interface SeenOptions {
  readonly count: number;
  readonly isWhole: boolean;
  readonly onSeen: ((first: number, end: number) => void) | undefined;
}

/** Which rows are near what is seen. */
function useSeenRows(
  body: { readonly current: HTMLTableSectionElement | null },
  { count, isWhole, onSeen }: SeenOptions,
): { readonly first: number; readonly end: number } {
  const [range, setRange] = useState({ first: 0, end: Math.min(count, WHOLE_BELOW) });
  useLayoutEffect(() => {
    if (isWhole) {
      onSeen?.(0, count);
      return;
    }
    const element = body.current!;
    const scroller = scrollerOf(element);
    const look = () => {
      const view = scroller.getBoundingClientRect();
      const top = view.top - element.getBoundingClientRect().top;
      const firstSeen = Math.floor(top / ROW_HEIGHT);
      const endSeen = Math.ceil((top + view.height) / ROW_HEIGHT);
      const first = Math.max(0, Math.min(count - 1, firstSeen) - OVERSCAN);
      const end = Math.min(count, Math.max(1, endSeen) + OVERSCAN);
      // A little further than what was drawn is drawn with the next step: not each pixel draws anew.
      setRange(before => {
        const isNear =
          before.first <= Math.max(0, firstSeen) &&
          before.end >= Math.min(count, endSeen) &&
          before.end <= count &&
          Math.abs(before.first - first) < OVERSCAN / 2 &&
          Math.abs(before.end - end) < OVERSCAN / 2;
        return isNear ? before : { first, end };
      });
      onSeen?.(first, end);
    };
    look();
    scroller.addEventListener('scroll', look, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(scroller);
    return () => {
      scroller.removeEventListener('scroll', look);
      observer.disconnect();
    };
  }, [count, isWhole, onSeen]);
  return isWhole
    ? { first: 0, end: count }
    : { first: Math.min(range.first, count), end: Math.min(range.end, count) };
}
