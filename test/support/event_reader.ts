import { until } from './until.ts';

export interface ReceivedEvent {
  readonly event: string;
  readonly data: unknown;
}

/** Reads server-sent events as they come. */
export class EventReader {
  readonly received: ReceivedEvent[] = [];
  readonly #aborting = new AbortController();

  /** @param ask sends the request with the signal that ends it */
  static async open(ask: (signal: AbortSignal) => Response | Promise<Response>): Promise<EventReader> {
    const reader = new EventReader();
    const response = await ask(reader.#aborting.signal);
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    void reader.#read(response.body!).catch(() => {});
    return reader;
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of body) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const fields = new Map(block.split('\n').map(line => [line.slice(0, line.indexOf(':')), line]));
        const data = fields.get('data')?.slice('data: '.length);
        if (data === undefined) continue;
        this.received.push({ event: fields.get('event')!.slice('event: '.length), data: JSON.parse(data) });
      }
    }
  }

  /** The first event of the kind that fits, as soon as it is there. */
  async next<T>(event: string, fits: (data: T) => boolean = () => true): Promise<T> {
    const find = () => this.received.find(each => each.event === event && fits(each.data as T));
    await until(() => find() !== undefined, { what: `an event "${event}"` });
    return find()!.data as T;
  }

  close(): void {
    this.#aborting.abort();
  }
}
