import type { LogFields, Logger } from '../model/ports.ts';

/** Names the log in each of its lines; without the memory of a logger for every log, most of which never say a word. */
export class PartitionLogger implements Logger {
  readonly #logger: Logger;
  readonly #name: string;

  constructor(logger: Logger, name: string) {
    this.#logger = logger;
    this.#name = name;
  }

  debug(message: string, fields?: LogFields): void {
    this.#logger.debug(message, { log: this.#name, ...fields });
  }

  info(message: string, fields?: LogFields): void {
    this.#logger.info(message, { log: this.#name, ...fields });
  }

  warn(message: string, fields?: LogFields): void {
    this.#logger.warn(message, { log: this.#name, ...fields });
  }

  error(message: string, fields?: LogFields): void {
    this.#logger.error(message, { log: this.#name, ...fields });
  }

  with(fields: LogFields): Logger {
    return this.#logger.with({ log: this.#name, ...fields });
  }
}
