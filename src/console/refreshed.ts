import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { Clock } from '../model/ports.ts';
import { Refusal } from './refusal.ts';

export interface RefreshedOptions {
  /** Older than this it is asked for anew, and what is there is given meanwhile. */
  readonly freshMs: number;
  /** Older than this it is not given any more. */
  readonly usableMs: number;
}

/** Something that brokers have to be asked for: asked when it is wanted, once for all who want it, and kept for a while. */
export class Refreshed<T> {
  readonly #clock: Clock;
  readonly #load: () => Promise<T | Failure>;
  readonly #options: RefreshedOptions;
  #value: { readonly value: T; readonly atMs: number } | undefined;
  #loading: Promise<T | Failure> | undefined;

  constructor(clock: Clock, load: () => Promise<T | Failure>, options: RefreshedOptions) {
    this.#clock = clock;
    this.#load = load;
    this.#options = options;
  }

  /** What is known now, which may be old; undefined where nothing is. Has it asked for anew where it is not fresh. */
  peek(): T | undefined {
    if (this.#ageMs > this.#options.freshMs) void this.#refresh();
    return this.#value?.value;
  }

  async get(): Promise<T | Failure> {
    if (this.#ageMs > this.#options.usableMs) return await this.#refresh();
    return this.peek()!;
  }

  get #ageMs(): number {
    return this.#value === undefined ? Infinity : this.#clock.monotonicMs() - this.#value.atMs;
  }

  #refresh(): Promise<T | Failure> {
    this.#loading ??= this.#loadNow();
    return this.#loading;
  }

  async #loadNow(): Promise<T | Failure> {
    try {
      const value = await this.#load();
      if (!failed(value)) this.#value = { value, atMs: this.#clock.monotonicMs() };
      return value;
    } catch (error) {
      // Nobody may wait for it: that the node starts, or ends, is a failure like any other.
      if (error instanceof Refusal) return new Failure(Errors.BROKER_NOT_AVAILABLE, error.message);
      throw error;
    } finally {
      this.#loading = undefined;
    }
  }
}
