import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiFailure, get, problemOf, type Query } from './api_client.ts';
import { type EventKind, liveStream } from './live.ts';

export interface Resource<T> {
  /** What came last; stays while the next is asked for, and when that fails. */
  readonly data: T | undefined;
  /** Why the last attempt failed. */
  readonly problem: string | undefined;
  /** Of the failure: 404 for what is not there. */
  readonly status: number | undefined;
  reload(): void;
}

export interface ResourceOptions {
  readonly query?: Query;
  /** Asks again after so long, while somebody looks. */
  readonly everyMs?: number;
  /** Asks again after these events, those that come together once. */
  readonly on?: readonly EventKind[];
}

const TOGETHER_MS = 80;

interface Answer<T> {
  readonly url: string;
  readonly data: T | undefined;
  readonly problem: string | undefined;
  readonly status: number | undefined;
}

/** What a path of the API says, kept up to date. Without a path nothing is asked. */
export function useResource<T>(path: string | undefined, options: ResourceOptions = {}): Resource<T> {
  const { query, everyMs, on } = options;
  const url = path === undefined ? '' : `${path}?${JSON.stringify(query ?? {})}`;
  const [answer, setAnswer] = useState<Answer<T>>({
    url,
    data: undefined,
    problem: undefined,
    status: undefined,
  });
  const asking = useRef<AbortController | undefined>(undefined);

  const load = useCallback(async () => {
    if (path === undefined) return;
    asking.current?.abort();
    const controller = new AbortController();
    asking.current = controller;
    try {
      const data = await get<T>(path, query, controller.signal);
      if (asking.current === controller) setAnswer({ url, data, problem: undefined, status: undefined });
    } catch (error) {
      if (asking.current !== controller || controller.signal.aborted) return;
      const status = error instanceof ApiFailure ? error.status : undefined;
      setAnswer(before => ({
        url,
        data: before.url === url && status !== 404 ? before.data : undefined,
        problem: problemOf(error),
        status,
      }));
    }
  }, [url]);

  useEffect(() => {
    void load();
    return () => {
      asking.current?.abort();
      asking.current = undefined;
    };
  }, [load]);
  useEffect(() => repeat(load, everyMs), [load, everyMs]);
  useEffect(() => after(on, load), [load, on?.join()]);

  const isCurrent = answer.url === url;
  return {
    data: isCurrent ? answer.data : undefined,
    problem: isCurrent ? answer.problem : undefined,
    status: isCurrent ? answer.status : undefined,
    reload: () => void load(),
  };
}

/** Calls it every so often while the page is seen. */
export function repeat(call: () => unknown, everyMs: number | undefined): () => void {
  if (everyMs === undefined) return () => {};
  const timer = setInterval(() => {
    if (!document.hidden) call();
  }, everyMs);
  const onSeen = () => {
    if (!document.hidden) call();
  };
  document.addEventListener('visibilitychange', onSeen);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', onSeen);
  };
}

/** Calls it after events of some kinds, and after a new connection. */
export function after(kinds: readonly EventKind[] | undefined, call: () => unknown): () => void {
  if (kinds === undefined) return () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = liveStream.listen(({ event }) => {
    if (event !== 'snapshot' && !kinds.includes(event)) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      call();
    }, TOGETHER_MS);
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}
