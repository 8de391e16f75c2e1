import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { CommandContext } from './command_context.ts';
import { Misuse } from './exit_codes.ts';

export interface HttpOptions {
  readonly http?: string;
}

const DEFAULT_URL = 'http://127.0.0.1:9080';
const TIMEOUT_MS = 5_000;

/** Where the nodes listen for HTTP, as the user says. */
export function nodeUrls({ terminal }: CommandContext, { http }: HttpOptions): URL[] | Misuse {
  const texts = (http ?? terminal.environment['ODRADEK_HTTP'] ?? DEFAULT_URL).split(',');
  const urls: URL[] = [];
  for (const text of texts.map(each => each.trim()).filter(each => each !== '')) {
    const whole = /^https?:\/\//.test(text) ? text : `http://${text}`;
    if (!URL.canParse(whole))
      return new Misuse(`--http takes addresses as http://host:9080, and "${text}" is none`);
    urls.push(new URL(whole));
  }
  return urls.length > 0 ? urls : new Misuse('--http takes one address or more, as http://host:9080');
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
}

/** Asks one node; undefined for an answer without a body. */
export async function askNode<T>(
  url: URL,
  path: string,
  { body, method = 'GET' }: ApiRequest = {},
): Promise<T | Failure> {
  let response: Response;
  try {
    response = await fetch(new URL(path, url.origin), {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { ...credentialsOf(url), ...(method === 'POST' && { 'content-type': 'application/json' }) },
      ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
    });
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
    const why = cause?.code ?? cause?.message ?? message;
    const text = `Cannot reach ${url.origin}: ${why}: is a node running there with http.listeners? --http names another`;
    return new Failure(Errors.UNKNOWN_SERVER_ERROR, text);
  }
  const content = await response.text();
  let answer: unknown;
  try {
    answer = content === '' ? undefined : JSON.parse(content);
  } catch {
    answer = undefined;
  }
  if (response.ok && (content === '' || answer !== undefined)) return answer as T;
  const { error } = (answer ?? {}) as { error?: string };
  const why = error ?? `it answers ${path} with ${response.status}: is it a node of Odradek?`;
  return new Failure(Errors.UNKNOWN_SERVER_ERROR, `${url.origin}: ${why}`);
}

/** What a node whose console has users is shown (console.auth): the name and the password of the address. */
function credentialsOf({ password, username }: URL): Record<string, string> {
  if (username === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

/** Asks all nodes; the first failure when none answers, else a note about those that do not. */
export async function askNodes<T>(
  context: CommandContext,
  urls: readonly URL[],
  path: string,
): Promise<T[] | Failure> {
  const answers = await Promise.all(urls.map(url => askNode<T>(url, path)));
  const good = answers.filter((answer): answer is Awaited<T> & T => !failed(answer));
  const bad = answers.filter(failed);
  if (good.length === 0) return bad[0]!;
  for (const failure of bad) context.note(`odradek: ${failure.message}`);
  return good;
}
