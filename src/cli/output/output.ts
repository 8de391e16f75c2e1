import type { Block } from './blocks.ts';
import { toJson } from './json.ts';
import type { Painter } from './painter.ts';

export const OUTPUT_FORMATS = ['table', 'wide', 'json', 'yaml'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export interface OutputOptions {
  readonly format: OutputFormat;
  readonly paint: Painter;
  readonly write: (text: string | Uint8Array) => Promise<void>;
}

/** Where a command shows its result: to people in blocks, or to programs as data. */
export class Output {
  readonly format: OutputFormat;
  readonly paint: Painter;
  readonly #write: (text: string | Uint8Array) => Promise<void>;

  constructor({ format, paint, write }: OutputOptions) {
    this.format = format;
    this.paint = paint;
    this.#write = write;
  }

  get isForPrograms(): boolean {
    return this.format === 'json' || this.format === 'yaml';
  }

  /**
   * Shows one result.
   * @param data all of it, for programs
   * @param blocks the same for people
   */
  async show(data: unknown, ...blocks: readonly Block[]): Promise<void> {
    await this.#write(`${await this.#render(data, blocks)}\n`);
  }

  async #render(data: unknown, blocks: readonly Block[]): Promise<string> {
    switch (this.format) {
      case 'json':
        return toJson(data, { isIndented: true });
      case 'yaml': {
        const { toYaml } = await import('./yaml.ts');
        return toYaml(data).trimEnd();
      }
      default: {
        const style = { isWide: this.format === 'wide', paint: this.paint };
        return blocks.map(block => block.render(style)).join('\n\n');
      }
    }
  }

  /** Results that come one by one, for programs: a line of JSON each, or a document of YAML. */
  async items<Item>(
    items: readonly Item[],
    { data }: { readonly data: (item: Item) => unknown },
  ): Promise<void> {
    if (items.length === 0) return;
    if (this.format === 'yaml') {
      const { toYaml } = await import('./yaml.ts');
      await this.#write(items.map(item => `---\n${toYaml(data(item))}`).join(''));
    } else {
      await this.#write(items.map(item => `${toJson(data(item))}\n`).join(''));
    }
  }

  /** Text or bytes as they are. */
  async raw(content: string | Uint8Array): Promise<void> {
    await this.#write(content);
  }
}
