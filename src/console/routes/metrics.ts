import { Hono } from 'hono';
import { CONTENT_TYPES, chooseFormat, expose } from '../../monitor/exposition.ts';
import type { HttpServices } from '../console_services.ts';

/** `/metrics`, for Prometheus. A large scrape is made in pieces, and requests of clients go on between them. */
export function metricsRoutes({ monitor, settings }: HttpServices): Hono {
  return new Hono().get('/metrics', context => {
    const format = chooseFormat(context.req.header('accept'));
    const staticLabels = Object.fromEntries(settings().metricsLabels);
    const pieces = expose(monitor.families(), { format, staticLabels });
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise(resolve => setImmediate(resolve));
        const next = pieces.next();
        if (next.done === true) controller.close();
        else controller.enqueue(encoder.encode(next.value));
      },
    });
    return new Response(body, { headers: { 'content-type': CONTENT_TYPES[format] } });
  });
}
