import { type DestinationStream, type Logger as Pino, pino, stdSerializers, stdTimeFunctions } from 'pino';
import type { LogFields, Logger } from '../model/ports.ts';
import { StderrSink } from './stderr_sink.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface NodeLoggerOptions {
  /** The least that is printed. */
  readonly level: LogLevel;
  /** For people instead of for programs; by default when stderr is a terminal. */
  readonly pretty?: boolean;
  /** With colours, if pretty; by default when the terminal has them and NO_COLOR isn't set. */
  readonly colors?: boolean;
  /** Where the lines go; stderr by default. */
  readonly sink?: { write(line: string): void };
}

/** The log of this process: on stderr, a JSON object a line, or on a terminal lines for people. */
export async function createNodeLogger({
  level,
  pretty = process.stderr.isTTY === true,
  colors = process.stderr.isTTY === true && process.stderr.hasColors(),
  sink = new StderrSink(),
}: NodeLoggerOptions): Promise<Logger> {
  const destination = pretty ? await prettySink(sink, colors) : sink;
  return new NodeLogger(createPino(level, destination), LOG_LEVELS.indexOf(level));
}

function createPino(level: LogLevel, destination: DestinationStream): Pino {
  return pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: { error: stdSerializers.err },
    },
    destination,
  );
}

/** Loads what formats for people: only now, since most processes don't log to a terminal. */
async function prettySink(sink: { write(line: string): void }, colors: boolean): Promise<DestinationStream> {
  const { prettyFactory } = await import('pino-pretty');
  const format = prettyFactory({
    colorize: colors,
    messageKey: 'message',
    errorLikeObjectKeys: ['error'],
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  });
  return { write: line => sink.write(format(line)) };
}

class NodeLogger implements Logger {
  readonly #pino: Pino;
  /** Index in {@link LOG_LEVELS} of the least that is printed. */
  readonly #least: number;

  constructor(target: Pino, least: number) {
    this.#pino = target;
    this.#least = least;
  }

  debug(message: string, fields?: LogFields): void {
    if (this.#least <= 0) this.#pino.debug(printable(fields), message);
  }

  info(message: string, fields?: LogFields): void {
    if (this.#least <= 1) this.#pino.info(printable(fields), message);
  }

  warn(message: string, fields?: LogFields): void {
    if (this.#least <= 2) this.#pino.warn(printable(fields), message);
  }

  error(message: string, fields?: LogFields): void {
    this.#pino.error(printable(fields), message);
  }

  with(fields: LogFields): Logger {
    return new NodeLogger(this.#pino.child(printable(fields)), this.#least);
  }
}

/** The fields with each bigint as a number, or as a string where that would round it: JSON has no bigint. */
function printable(fields: LogFields = {}): object {
  let copy: Record<string, unknown> | undefined;
  for (const key in fields) {
    const value = fields[key];
    if (typeof value !== 'bigint') continue;
    copy ??= { ...fields };
    copy[key] = Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  return copy ?? fields;
}
