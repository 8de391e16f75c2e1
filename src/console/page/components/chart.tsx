import { useEffect, useRef, useState } from 'preact/hooks';
import UPlot from 'uplot';
import { shownTheme } from '../state/preferences.ts';
import { useStore } from '../state/store.ts';

export interface ChartSeries {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Which of the colours `--series-1` to `--series-6`; by its place without it. */
  readonly color?: number;
}

interface ChartProps {
  readonly label: string;
  readonly timesMs: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly height?: number;
  /** Lines of the grid at powers of two: for bytes. */
  readonly isBinary?: boolean;
  format(value: number | null | undefined): string;
}

const COLORS = 6;
const BINARY_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);

/** Lines over the last hour. What is under the pointer, or else the latest, is in the legend. */
export function Chart({ label, timesMs, series, height = 150, isBinary = false, format }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const theme = useStore(shownTheme);
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const shape = series.map(each => `${each.label}:${each.color ?? ''}`).join();

  useEffect(() => {
    const element = place.current!;
    const options = optionsFor({ element, series, height, isBinary, format, onPoint: setPointed });
    const made = new UPlot(options, dataOf(timesMs, series), element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [theme, shape, height]);
  useEffect(() => plot.current?.setData(dataOf(timesMs, series)), [timesMs, series]);

  const at = pointed ?? lastWithValue(series);
  return (
    <figure>
      <div
        class="chart"
        ref={place}
        style={{ height: `${height}px` }}
        role="img"
        aria-label={`${label}: ${spoken(series, at, format)}`}
      />
      <figcaption class="chart-legend">
        {series.map((each, index) => (
          <span key={each.label}>
            <svg viewBox="0 0 10 10" aria-hidden="true">
              <rect width="10" height="10" rx="2" fill={`var(--series-${colorOf(each, index)})`} />
            </svg>
            {each.label} <b>{format(each.values[at])}</b>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function colorOf({ color }: ChartSeries, index: number): number {
  return ((color ?? index) % COLORS) + 1;
}

function dataOf(timesMs: readonly number[], series: readonly ChartSeries[]): UPlot.AlignedData {
  return [timesMs.map(timeMs => timeMs / 1000), ...series.map(({ values }) => [...values])];
}

function lastWithValue(series: readonly ChartSeries[]): number {
  const last = (values: ChartSeries['values']) => values.findLastIndex(value => value !== null);
  return Math.max(0, ...series.map(({ values }) => last(values)));
}

function spoken(series: readonly ChartSeries[], at: number, format: ChartProps['format']): string {
  return series.map(({ label, values }) => `${label} ${format(values[at])}`).join(', ');
}

function optionsFor(parts: {
  readonly element: HTMLElement;
  readonly series: readonly ChartSeries[];
  readonly height: number;
  readonly isBinary: boolean;
  format(value: number | null | undefined): string;
  onPoint(index: number | undefined): void;
}): UPlot.Options {
  const { element, series, height, isBinary, format, onPoint } = parts;
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color('--text-muted'),
    font: `11px ${color('--sans')}`,
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: Math.max(element.clientWidth, 60),
    height,
    legend: { show: false },
    padding: [10, 6, 0, 0],
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, max) => [0, Math.max(max ?? 0, Number.MIN_VALUE) * 1.12 || 1] } },
    axes: [
      { ...axis, size: 26, space: 70, values: (_, splits) => splits.map(clockTime) },
      {
        ...axis,
        size: 72,
        space: 30,
        ...(isBinary && { incrs: BINARY_STEPS }),
        values: (_, splits) => splits.map(value => format(value)),
      },
    ],
    series: [
      {},
      ...series.map((each, index) => ({
        label: each.label,
        stroke: color(`--series-${colorOf(each, index)}`),
        width: 1.6,
        points: { show: false },
      })),
    ],
    hooks: { setCursor: [plot => onPoint(plot.cursor.idx ?? undefined)] },
  };
}

function clockTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}`;
}
