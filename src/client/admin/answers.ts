import { type ErrorCode, Errors, errorText } from '../../model/error_codes.ts';
import { Failure } from '../../model/failure.ts';

/** What became of one of several things that were asked for. */
export interface Outcome {
  readonly name: string;
  /** Undefined when it was done. */
  readonly failure: Failure | undefined;
}

/**
 * The failure that an answer holds, if it holds one.
 * @param what that was not done, as `Cannot …`
 */
export function answeredFailure(
  errorCode: number,
  errorMessage: string | null | undefined,
  what: string,
): Failure | undefined {
  if (errorCode === Errors.NONE) return undefined;
  const code = errorCode as ErrorCode;
  return new Failure(code, `${what}: ${errorMessage || errorText(code)}`);
}

/** For `errorOf`: what makes the client look for the controller again; everything else is for the caller. */
export function notController(codes: readonly number[], what: string): Failure | undefined {
  const isLost = codes.includes(Errors.NOT_CONTROLLER);
  return isLost ? answeredFailure(Errors.NOT_CONTROLLER, undefined, what) : undefined;
}
