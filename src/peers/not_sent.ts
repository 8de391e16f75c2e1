import { Failure } from '../model/failure.ts';

/**
 * The failure of a request of which not a byte was sent: the peer can't have acted on it. After any other failure of
 * a request it may have.
 */
export class NotSent extends Failure {
  static because({ code, message }: Failure): NotSent {
    return new NotSent(code, message);
  }
}
