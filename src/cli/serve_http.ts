import type { HttpServices } from '../console/console_services.ts';
import { HttpServer } from '../console/http_server.ts';
import { type Failure, failed } from '../model/failure.ts';

export interface ServeHttpOptions extends Omit<HttpServices, 'httpAddresses'> {
  /** Whether the addresses are the operator's: one that can't be had ends the start then. */
  readonly isConfigured: boolean;
}

/**
 * Serves HTTP where `http.listeners` says. Where nobody said it, many nodes of one machine may want the same default:
 * those behind the first go on without.
 */
export async function serveHttp({
  isConfigured,
  ...services
}: ServeHttpOptions): Promise<HttpServer | Failure> {
  const { ports, settings } = services;
  const server = new HttpServer();
  const httpAddresses = () => server.addresses;
  const loadApp = async () =>
    (await import('../console/http_app.ts')).createHttpApp({ ...services, httpAddresses });
  for (const address of settings().httpListeners) {
    const listening = await server.listen(address, loadApp);
    if (!failed(listening)) continue;
    if (isConfigured) {
      await server.close();
      return listening;
    }
    ports.logger.warn('This node shows no metrics and no health over HTTP', { reason: listening.message });
  }
  return server;
}
