import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Page } from '../../api/common.ts';
import { get, problemOf, type Query } from './api_client.ts';
import type { EventKind } from './live.ts';
import { after, repeat } from './resource.ts';

const CHUNK_ROWS = 200;

export interface PagedList<T> {
  /** Rows in all; undefined before the first answer. */
  readonly total: number | undefined;
  readonly problem: string | undefined;
  /** Undefined while it is asked for. */
  row(at: number): T | undefined;
  /** Asks for the rows of a range that are not there. */
  seen(first: number, end: number): void;
  reload(): void;
}

interface Options {
  readonly query: Query;
  readonly everyMs?: number;
  readonly on?: readonly EventKind[];
}

interface Loaded<T> {
  readonly total: number | undefined;
  /** By the number of the chunk. */
  readonly chunks: ReadonlyMap<number, readonly T[]>;
  readonly problem: string | undefined;
}

/** A list of any length, sorted and filtered by the node: only the parts that are looked at come here. */
export function usePagedList<T>(path: string, { query, everyMs, on }: Options): PagedList<T> {
  const key = JSON.stringify(query);
  const [loaded, setLoaded] = useState<Loaded<T>>({
    total: undefined,
    chunks: new Map(),
    problem: undefined,
  });
  const state = useRef({ key, asked: new Set<number>(), range: { first: 0, end: 1 } });

  const ask = useCallback(
    async (chunk: number, isFresh: boolean) => {
      const of = state.current;
      if (of.asked.has(chunk) && !isFresh) return;
      of.asked.add(chunk);
      try {
        const page = await get<Page<T>>(path, { ...query, offset: chunk * CHUNK_ROWS, limit: CHUNK_ROWS });
        if (state.current !== of) return;
        setLoaded(before => ({
          total: page.total,
          chunks: new Map([...before.chunks, [chunk, page.items]]),
          problem: undefined,
        }));
      } catch (error) {
        if (state.current !== of) return;
        of.asked.delete(chunk);
        setLoaded(before => ({ ...before, problem: problemOf(error) }));
      }
    },
    [path, key],
  );
  const askSeen = useCallback(
    (isFresh: boolean) => {
      const { first, end } = state.current.range;
      for (let chunk = Math.floor(first / CHUNK_ROWS); chunk * CHUNK_ROWS < end; chunk++)
        void ask(chunk, isFresh);
    },
    [ask],
  );

  useEffect(() => {
    // What was shown stays until the first rows of the new order are there.
    state.current = { key, asked: new Set(), range: state.current.range };
    const of = state.current;
    void get<Page<T>>(path, { ...query, offset: 0, limit: CHUNK_ROWS }).then(
      page => {
        if (state.current !== of) return;
        of.asked.add(0);
        setLoaded({ total: page.total, chunks: new Map([[0, page.items]]), problem: undefined });
        askSeen(false);
      },
      error => {
        if (state.current === of) setLoaded(before => ({ ...before, problem: problemOf(error) }));
      },
    );
  }, [path, key]);
  const refresh = useCallback(() => {
    const { first, end } = state.current.range;
    const isSeen = (chunk: number) => chunk * CHUNK_ROWS < end && (chunk + 1) * CHUNK_ROWS > first;
    state.current.asked = new Set([...state.current.asked].filter(isSeen));
    setLoaded(before => ({
      ...before,
      chunks: new Map([...before.chunks].filter(([chunk]) => isSeen(chunk))),
    }));
    askSeen(true);
  }, [askSeen]);
  useEffect(() => repeat(refresh, everyMs), [refresh, everyMs]);
  useEffect(() => after(on, refresh), [refresh, on?.join()]);

  const seen = useCallback(
    (first: number, end: number) => {
      state.current.range = { first, end };
      askSeen(false);
    },
    [askSeen],
  );
  return {
    total: loaded.total,
    problem: loaded.problem,
    row: at => loaded.chunks.get(Math.floor(at / CHUNK_ROWS))?.[at % CHUNK_ROWS],
    seen,
    reload: refresh,
  };
}

/** A value once it has been the same for a moment: for what somebody writes. */
export function useSettled<T>(value: T, afterMs = 180): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
