import { ERROR_NAMES, type ErrorCode } from './error_codes.ts';
import { MAX_FAILURE_TEXT_LENGTH } from './limits.ts';

/**
 * An error of a client, a peer or a disk, as a value: what a function returns instead of its result. Goes to the
 * client as its code, and with the text where the response has room for one. The text says what happened, to what,
 * and what to do about it.
 */
export class Failure {
  readonly code: ErrorCode;
  readonly message: string;

  constructor(code: ErrorCode, message: string) {
    this.code = code;
    this.message =
      message.length > MAX_FAILURE_TEXT_LENGTH ? `${message.slice(0, MAX_FAILURE_TEXT_LENGTH)}…` : message;
  }

  toString(): string {
    return `${ERROR_NAMES.get(this.code) ?? this.code}: ${this.message}`;
  }
}

/** Tells a result from a {@link Failure}. */
export function failed<T>(result: T | Failure): result is Failure {
  return result instanceof Failure;
}
