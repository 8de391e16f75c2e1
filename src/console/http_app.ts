import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { MAX_API_BODY_BYTES } from '../model/limits.ts';
import { consoleServices, type HttpServices } from './console_services.ts';
import { guard } from './guard.ts';
import { Refusal } from './refusal.ts';
import { alertRoutes } from './routes/alerts.ts';
import { clusterRoutes } from './routes/cluster.ts';
import { eventRoutes } from './routes/events.ts';
import { groupRoutes } from './routes/groups.ts';
import { healthRoutes } from './routes/health.ts';
import { historyRoutes } from './routes/history.ts';
import { messageRoutes } from './routes/messages.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { pageRoutes } from './routes/page.ts';
import { sessionRoutes } from './routes/session.ts';
import { settingRoutes } from './routes/settings.ts';
import { topicRoutes } from './routes/topics.ts';
import { securityHeaders } from './security_headers.ts';

export type { HttpServices } from './console_services.ts';

/** All that a node serves over HTTP: one group of routes a file of routes/. */
export function createHttpApp(services: HttpServices): Hono {
  const app = new Hono();
  const shared = consoleServices(services);
  app.onError((error, context) => {
    if (error instanceof Refusal) return context.json(error.body, error.status as 400, error.headers);
    if (error instanceof HTTPException) return context.json({ error: error.message }, error.status);
    services.ports.logger.error('An HTTP request failed unexpectedly', { path: context.req.path, error });
    return context.json({ error: 'Something unexpected happened: the log of the node says what' }, 500);
  });
  app.notFound(context =>
    context.json(
      { error: `There is nothing at ${context.req.path}: try /console/, /metrics or /api/v1/health` },
      404,
    ),
  );
  app.use(securityHeaders());
  app.use(guard(shared.access));
  app.use('/api/*', bodyLimit({ maxSize: MAX_API_BODY_BYTES, onError: tooLarge }));
  for (const routes of ROUTES) app.route('/', routes(shared));
  app.route('/', pageRoutes({ folder: services.pageFolder }));
  return app;
}

const ROUTES = [
  metricsRoutes,
  healthRoutes,
  sessionRoutes,
  alertRoutes,
  clusterRoutes,
  topicRoutes,
  messageRoutes,
  groupRoutes,
  settingRoutes,
  historyRoutes,
  eventRoutes,
];

function tooLarge(context: Context): Response {
  return context.json({ error: `The body may have ${MAX_API_BODY_BYTES} bytes` }, 413);
}
