import { ApiFailure } from '../../state/api_client.ts';

/** An event of a stream, its data as text. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/**
 * Server-sent events of a request that has a body, which the browser's EventSource can't make. Ends with the stream;
 * an answer that is no stream is thrown.
 */
export async function* readEvents(url: string, options: RequestInit): AsyncGenerator<StreamEvent> {
  const response = await fetch(url, options);
  if (!response.ok || response.body === null) {
    const text = await response.text();
    throw new ApiFailure(response.status, errorIn(text) ?? `The node answered ${response.status}.`);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new EventParser();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield* parser.take(value);
  }
}

function errorIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { error?: string }).error;
  } catch {
    return undefined;
  }
}

/** Cuts the text of a stream into its events, however it comes in. */
export class EventParser {
  #rest = '';

  take(text: string): StreamEvent[] {
    const blocks = (this.#rest + text).split(/\r?\n\r?\n/);
    this.#rest = blocks.pop()!;
    return blocks.map(parseBlock).filter(each => each !== undefined);
  }
}

function parseBlock(block: string): StreamEvent | undefined {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, name, value] = /^(\w+): ?(.*)$/s.exec(line) ?? [];
    if (name === 'event') event = value!;
    else if (name === 'data') data.push(value!);
  }
  return data.length === 0 ? undefined : { event, data: data.join('\n') };
}
