import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Broker, ReplicaMap, ReplicaMapRow } from '../../../api/cluster.ts';
import { Badge } from '../../components/badge.tsx';
import { counted, formatCount } from '../../format/numbers.ts';
import { shownTheme } from '../../state/preferences.ts';
import { linkTo, navigate } from '../../state/route.ts';
import { useStore } from '../../state/store.ts';
import { type BrokerCells, type CellGrid, cellsOf, gridFor } from './replica_cells.ts';

interface ReplicaMapProps {
  readonly map: ReplicaMap;
  readonly brokers: readonly Broker[];
}

/**
 * A block a broker, and in each the same partitions at the same places: what moves when a broker dies is seen to
 * move. The cell under the pointer, or that the arrows have reached, is marked in all blocks.
 */
export function ReplicaMapView({ map, brokers }: ReplicaMapProps) {
  const fencedIds = brokers.filter(({ isFenced }) => isFenced).map(({ id }) => id);
  const fenced = fencedIds.join();
  const blocks = useMemo(() => cellsOf(map, new Set(fencedIds)), [map, fenced]);
  const [marked, setMarked] = useState<number | undefined>(undefined);
  const row = marked === undefined ? undefined : map.partitions[marked];
  const open = () => {
    if (row !== undefined) navigate(linkTo(['topics', row.topic]));
  };
  return (
    <div>
      <div class="map">
        {blocks.map(block => (
          <BrokerBlock
            key={block.broker}
            block={block}
            broker={brokers.find(({ id }) => id === block.broker)}
            marked={marked}
            onMark={setMarked}
            onOpen={open}
          />
        ))}
      </div>
      <div class="map-legend">
        <span>
          <i class="swatch leader" /> leader
        </span>
        <span>
          <i class="swatch follower" /> in sync
        </span>
        <span>
          <i class="swatch behind" /> not in sync
        </span>
        <span>
          <i class="swatch gone" /> broker gone
        </span>
        <output aria-live="polite">
          {row === undefined
            ? `${counted(map.total, 'partition')}: each at the same place in every block`
            : told(row)}
        </output>
      </div>
    </div>
  );
}

function told({ topic, partition, leader, replicas, isr }: ReplicaMapRow): string {
  const led = leader < 0 ? 'no leader' : `leader ${leader}`;
  return `${topic}-${partition}: ${led}, replicas ${replicas.join(', ')}, in sync ${isr.join(', ') || 'none'}`;
}

interface BrokerBlockProps {
  readonly block: BrokerCells;
  readonly broker: Broker | undefined;
  readonly marked: number | undefined;
  onMark(at: number | undefined): void;
  onOpen(): void;
}

function BrokerBlock({ block, broker, marked, onMark, onOpen }: BrokerBlockProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useStore(shownTheme);
  const width = useWidth(canvas);
  const count = block.cells.length;
  const grid = gridFor(count, width);
  useLayoutEffect(() => draw(canvas.current!, block, grid, marked), [block, theme, width, marked]);

  const cellAt = (event: PointerEvent) => {
    const { left, top } = canvas.current!.getBoundingClientRect();
    const column = Math.floor((event.clientX - left) / grid.size);
    const at = Math.floor((event.clientY - top) / grid.size) * grid.columns + column;
    return column < grid.columns && at >= 0 && at < count ? at : undefined;
  };
  const onKey = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: grid.columns,
      ArrowUp: -grid.columns,
    };
    const step = steps[event.key];
    if (step !== undefined)
      onMark(Math.max(0, Math.min(count - 1, marked === undefined ? 0 : marked + step)));
    else if (event.key === 'Enter') onOpen();
    else if (event.key === 'Escape') onMark(undefined);
    else return;
    event.preventDefault();
  };
  const figures = `leads ${formatCount(block.leads)} · in sync ${formatCount(block.inSync)}`;
  return (
    <div class="map-broker">
      <div class="map-broker-head">
        <h3>Broker {block.broker}</h3>
        <BrokerBadges broker={broker} />
        <span class="map-broker-figures muted small">
          {figures}
          {block.behind > 0 && (
            <>
              {' · '}
              <strong>{formatCount(block.behind)} not in sync</strong>
            </>
          )}
        </span>
      </div>
      <div
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes the keys
        tabIndex={0}
        aria-label={`Replicas of broker ${block.broker}: ${figures}, ${formatCount(block.behind)} not in sync. Arrows go through the partitions, Enter opens the topic.`}
        onPointerMove={event => onMark(cellAt(event))}
        onPointerLeave={() => onMark(undefined)}
        onClick={onOpen}
        onKeyDown={onKey}
        onBlur={() => onMark(undefined)}
      >
        <canvas ref={canvas} />
      </div>
    </div>
  );
}

export function BrokerBadges({ broker }: { broker: Broker | undefined }) {
  if (broker === undefined) return <Badge tone="bad">not registered</Badge>;
  return (
    <>
      {broker.isController && <Badge tone="accent">quorum leader</Badge>}
      {broker.isFenced && <Badge tone="bad">gone</Badge>}
      {broker.isInControlledShutdown && !broker.isFenced && <Badge tone="warn">shutting down</Badge>}
      {broker.rack !== null && <Badge isPlain>{broker.rack}</Badge>}
    </>
  );
}

/** In pixels of CSS; a usual one before it was measured. */
function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(300);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** By {@link Cell}. */
const COLORS = ['none', 'leader', 'follower', 'behind', 'gone'].map(name => `--replica-${name}`);

function draw(
  canvas: HTMLCanvasElement,
  block: BrokerCells,
  grid: CellGrid,
  marked: number | undefined,
): void {
  const { size, columns, rows } = grid;
  const scale = devicePixelRatio;
  const height = rows * size;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(canvas.clientWidth * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d')!;
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const colors = COLORS.map(name => style.getPropertyValue(name).trim());
  const gap = size > 7 ? 2 : 1;
  for (const [at, cell] of block.cells.entries()) {
    context.fillStyle = colors[cell]!;
    context.fillRect((at % columns) * size, Math.floor(at / columns) * size, size - gap, size - gap);
  }
  if (marked === undefined) return;
  context.strokeStyle = style.getPropertyValue('--text').trim();
  context.lineWidth = 2;
  const left = (marked % columns) * size;
  context.strokeRect(left - 1, Math.floor(marked / columns) * size - 1, size - gap + 2, size - gap + 2);
}
