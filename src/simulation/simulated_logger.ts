import type { Clock, LogFields, Logger } from '../model/ports.ts';

export interface LogLine {
  /** Monotonic time of the logger's clock. */
  readonly atMs: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

/** Keeps the last log lines in memory: as many as `maxLines`, up to twice that before the oldest are let go. */
export class SimulatedLogger implements Logger {
  readonly #clock: Clock;
  readonly #fields: LogFields;
  readonly #maxLines: number;
  /** Shared by a logger and all that were made {@link with} it; oldest first. */
  readonly #lines: LogLine[];

  constructor(
    clock: Clock,
    { maxLines = 10_000, fields = {}, lines = [] as LogLine[] }: SimulatedLoggerOptions = {},
  ) {
    this.#clock = clock;
    this.#fields = fields;
    this.#maxLines = maxLines;
    this.#lines = lines;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  debug(message: string, fields?: LogFields): void {
    this.#add('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#add('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#add('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#add('error', message, fields);
  }

  with(fields: LogFields): SimulatedLogger {
    return new SimulatedLogger(this.#clock, {
      maxLines: this.#maxLines,
      fields: { ...this.#fields, ...fields },
      lines: this.#lines,
    });
  }

  #add(level: LogLine['level'], message: string, fields: LogFields | undefined): void {
    this.#lines.push({
      atMs: this.#clock.monotonicMs(),
      level,
      message,
      fields: { ...this.#fields, ...fields },
    });
    if (this.#lines.length > 2 * this.#maxLines) this.#lines.splice(0, this.#maxLines);
  }
}

export interface SimulatedLoggerOptions {
  readonly maxLines?: number;
  /** On each line. */
  readonly fields?: LogFields;
  /** Where the lines go; a list of its own by default. */
  readonly lines?: LogLine[];
}
