import type { Failure } from '../../model/failure.ts';
import type { HttpMessage, MailMessage } from './messages.ts';

export interface MailRoute {
  /** `smtp://user:password@host:587` */
  readonly serverUrl: string;
  readonly from: string;
  readonly to: readonly string[];
}

/** How messages leave the node; a port. Neither call throws, and each ends within some seconds. */
export interface AlertTransport {
  /** @returns why it was not taken: no connection, or an answer that is no success */
  post(message: HttpMessage): Promise<Failure | undefined>;
  mail(message: MailMessage, route: MailRoute): Promise<Failure | undefined>;
}
