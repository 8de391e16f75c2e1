import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import type { AlertTransport, MailRoute } from '../monitor/alerts/alert_transport.ts';
import type { HttpMessage, MailMessage } from '../monitor/alerts/messages.ts';

const TIMEOUT_MS = 10_000;
/** Of an answer that refuses, what is quoted. */
const MAX_QUOTED_LENGTH = 200;

/** Sends alerts from this machine: by HTTP, and by mail. */
export class NodeAlertTransport implements AlertTransport {
  async post({ url, body }: HttpMessage): Promise<Failure | undefined> {
    // The path of a webhook may be its secret.
    const place = placeOf(url);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'odradek' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = (await response.text()).slice(0, MAX_QUOTED_LENGTH);
      if (response.ok) return undefined;
      return failure(`${place} answered ${response.status}${text === '' ? '' : `: ${text}`}`);
    } catch (error) {
      const { message, cause } = error as Error & { cause?: Error };
      return failure(`${place} can not be reached: ${cause?.message || message}`);
    }
  }

  async mail(
    { subject, text }: MailMessage,
    { serverUrl, from, to }: MailRoute,
  ): Promise<Failure | undefined> {
    // Loaded with the first mail: most nodes send none.
    const { createTransport } = await import('nodemailer');
    const place = placeOf(serverUrl);
    try {
      const server = createTransport(serverUrl, {
        from,
        connectionTimeout: TIMEOUT_MS,
        greetingTimeout: TIMEOUT_MS,
        socketTimeout: TIMEOUT_MS,
      } as never);
      await server.sendMail({ from, to: [...to], subject, text });
      server.close();
      return undefined;
    } catch (error) {
      return failure(`${place} did not take the mail: ${(error as Error).message}`);
    }
  }
}

function failure(text: string): Failure {
  return new Failure(Errors.NETWORK_EXCEPTION, text);
}

function placeOf(url: string): string {
  try {
    const { protocol, host } = new URL(url);
    return `${protocol}//${host}`;
  } catch {
    return 'the address';
  }
}
