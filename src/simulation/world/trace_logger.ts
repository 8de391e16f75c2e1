import type { LogFields, Logger } from '../../model/ports.ts';
import type { WorldTrace } from './world_trace.ts';

/** The log of a process goes into the transcript of the world. */
export class TraceLogger implements Logger {
  readonly #trace: WorldTrace;
  readonly #who: string;
  readonly #fields: LogFields | undefined;

  constructor(trace: WorldTrace, who: string, fields?: LogFields) {
    this.#trace = trace;
    this.#who = who;
    this.#fields = fields;
  }

  debug(message: string, fields?: LogFields): void {
    this.#note(message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#note(message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#note(`warning: ${message}`, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#note(`error: ${message}`, fields);
  }

  with(fields: LogFields): TraceLogger {
    return new TraceLogger(this.#trace, this.#who, { ...this.#fields, ...fields });
  }

  #note(message: string, fields: LogFields | undefined): void {
    this.#trace.note(
      this.#who,
      message,
      this.#fields === undefined ? fields : { ...this.#fields, ...fields },
    );
  }
}
