import { Hono } from 'hono';
import type { ConsoleServices } from '../console_services.ts';

/** `/api/v1/events`: what changes in the cluster, as it changes. */
export function eventRoutes({ events }: ConsoleServices): Hono {
  return new Hono().get('/api/v1/events', context => events.open(context.req.raw.signal));
}
