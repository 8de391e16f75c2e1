import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';

/** What the program's exit code says. */
export const ExitCode = {
  ok: 0,
  /** It could not be done. */
  failed: 1,
  /** What was asked for makes no sense. */
  misused: 2,
  /** It was looked at, and it is not well. */
  unhealthy: 10,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The user asked for what makes no sense; the text says what does. */
export class Misuse extends Failure {
  constructor(message: string) {
    super(Errors.INVALID_REQUEST, message);
  }
}
