import type { TextStream } from '../terminal.ts';
import type { Painter } from './painter.ts';

/** A terminal is not written to more often. */
const REDRAW_MS = 100;

/** Tells on a terminal how far a long work is, on one line that is written over; elsewhere it is silent. */
export class Progress {
  readonly #stream: TextStream;
  readonly #paint: Painter;
  #lastMs = -Infinity;
  #isShown = false;

  constructor(stream: TextStream, paint: Painter) {
    this.#stream = stream;
    this.#paint = paint;
  }

  show(text: string): void {
    const nowMs = performance.now();
    if (this.#stream.isTTY !== true || nowMs - this.#lastMs < REDRAW_MS) return;
    this.#lastMs = nowMs;
    this.#isShown = true;
    const width = Math.max(10, (this.#stream.columns ?? 80) - 1);
    this.#stream.write(`\r\u001b[K${this.#paint.dim(text.slice(0, width))}`);
  }

  /** Takes the line away. */
  end(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#lastMs = -Infinity;
    this.#stream.write('\r\u001b[K');
  }
}
