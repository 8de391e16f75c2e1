import type { ApiError } from '../../api/common.ts';
import { Store } from './store.ts';

/** A request that was refused, or got no answer. */
export class ApiFailure extends Error {
  /** 0: no answer came. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Counts the answers that asked for a login: a session has ended. */
export const loginsWanted = new Store(0);

/** The address of a path of the API, of the node that the page is from. */
export function apiUrl(path: string, query: Query = {}): string {
  const url = new URL(`../api/v1/${path}`, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return await request<T>(apiUrl(path, query), { ...(signal !== undefined && { signal }) });
}

export async function send<T>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  return await request<T>(apiUrl(path), {
    method,
    ...(signal !== undefined && { signal }),
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function request<T>(url: string, options: RequestInit): Promise<T> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, options);
    text = await response.text();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiFailure(
      0,
      'This node does not answer: it has ended, or the network is cut. The page goes on trying.',
    );
  }
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
  if (response.status === 401) loginsWanted.set(loginsWanted.value + 1);
  throw new ApiFailure(
    response.status,
    textOf(text) ?? `The node answered ${response.status} ${response.statusText}.`,
  );
}

function textOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as Partial<ApiError>).error;
  } catch {
    return undefined;
  }
}

/** What to show of something that was thrown. */
export function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
