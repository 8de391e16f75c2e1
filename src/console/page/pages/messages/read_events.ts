import { EventParser, type StreamEvent } from '../../format/event_parser.ts';
import { ApiFailure } from '../../state/api_client.ts';

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
