/** An event of a stream, its data as text. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
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
