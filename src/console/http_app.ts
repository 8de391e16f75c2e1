import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from '../model/ports.ts';
import type { Monitor } from '../monitor/monitor.ts';
import type { BrokerSettings } from '../settings/broker_settings.ts';
import { guard } from './guard.ts';
import { alertRoutes } from './routes/alerts.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { pageRoutes } from './routes/page.ts';

/** What the routes serve. */
export interface HttpServices {
  readonly monitor: Monitor;
  readonly logger: Logger;
  readonly settings: () => BrokerSettings;
  /** Where the built page of the console is, when that is not where the build puts it. */
  readonly pageFolder?: string | undefined;
}

/** All that a node serves over HTTP: one group of routes a file of routes/. */
export function createHttpApp(services: HttpServices): Hono {
  const app = new Hono();
  app.onError((error, context) => {
    if (error instanceof HTTPException) return context.json({ error: error.message }, error.status);
    services.logger.error('An HTTP request failed unexpectedly', { path: context.req.path, error });
    return context.json({ error: 'Something unexpected happened: the log of the node says what' }, 500);
  });
  app.notFound(context =>
    context.json(
      { error: `There is nothing at ${context.req.path}: try /console/, /metrics or /api/v1/health` },
      404,
    ),
  );
  app.use(guard());
  app.route('/', metricsRoutes(services));
  app.route('/', healthRoutes(services));
  app.route('/', alertRoutes(services));
  app.route('/', pageRoutes({ folder: services.pageFolder }));
  return app;
}
