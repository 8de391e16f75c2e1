import { Hono } from 'hono';
import type { HttpServices } from '../console_services.ts';

/**
 * `/health/live`: the process works; it never depends on others. `/health/ready`: clients may be sent here, or why not.
 * `/api/v1/health`: the state of the cluster as this node knows it.
 */
export function healthRoutes({ monitor }: HttpServices): Hono {
  return new Hono()
    .get('/health/live', context => context.json({ status: 'live' }))
    .get('/health/ready', context => {
      const { isReady, reasons } = monitor.readiness();
      return context.json({ status: isReady ? 'ready' : 'not ready', reasons }, isReady ? 200 : 503);
    })
    .get('/api/v1/health', context => {
      const health = monitor.clusterHealth();
      if (health !== undefined) return context.json(health);
      return context.json({ error: monitor.readiness().reasons[0] ?? 'the node is starting' }, 503);
    });
}
