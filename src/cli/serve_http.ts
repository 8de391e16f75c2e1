import type { HttpServices } from '../console/http_app.ts';
import { HttpServer } from '../console/http_server.ts';
import { type Failure, failed } from '../model/failure.ts';

export interface ServeHttpOptions extends HttpServices {
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
  const { logger, settings } = services;
  const server = new HttpServer();
  const loadApp = async () => (await import('../console/http_app.ts')).createHttpApp(services);
  for (const address of settings().httpListeners) {
    const listening = await server.listen(address, loadApp);
    if (!failed(listening)) continue;
    if (isConfigured) {
      await server.close();
      return listening;
    }
    logger.warn('This node shows no metrics and no health over HTTP', { reason: listening.message });
  }
  return server;
}
