import { type Context, Hono } from 'hono';
import { Errors } from '../../model/error_codes.ts';
import { type Failure, failed } from '../../model/failure.ts';
import type { Alerting } from '../../monitor/alerts/alerting.ts';
import { CLUSTER_RULES } from '../../monitor/alerts/cluster_rules.ts';
import { NODE_RULES } from '../../monitor/alerts/node_rules.ts';
import { formatTime } from '../../monitor/alerts/rfc3339.ts';
import { ruleSettings } from '../../monitor/alerts/rule.ts';
import type { Silence } from '../../monitor/alerts/silences.ts';
import { alertView } from '../alert_views.ts';
import type { HttpServices } from '../console_services.ts';

/** `/api/v1/alerts` and `/api/v1/silences`: what fires, the rules, and silences. */
export function alertRoutes(services: HttpServices): Hono {
  const { monitor, settings } = services;
  const withAlerting = (answer: (alerting: Alerting, context: Context) => Response | Promise<Response>) => {
    return (context: Context) => {
      const { alerting } = monitor;
      if (alerting !== undefined) return answer(alerting, context);
      return context.json({ error: 'The node is starting: there are no alerts yet' }, 503);
    };
  };
  return new Hono()
    .get(
      '/api/v1/alerts',
      withAlerting((alerting, context) =>
        context.json({ alerts: alerting.alerts.map(alertView), sinks: alerting.sinks.map(shownSink) }),
      ),
    )
    .get(
      '/api/v1/alerts/history',
      withAlerting((alerting, context) => context.json({ alerts: alerting.resolved.map(alertView) })),
    )
    .get(
      '/api/v1/alerts/rules',
      withAlerting((alerting, context) => context.json(shownRules(alerting, settings()))),
    )
    .post(
      '/api/v1/alerts/test',
      withAlerting((alerting, context) => {
        const sinks = alerting.test();
        return failed(sinks) ? refused(context, sinks) : context.json({ sinks: sinks.map(shownSink) });
      }),
    )
    .get(
      '/api/v1/silences',
      withAlerting((alerting, context) => context.json({ silences: alerting.silences.map(shownSilence) })),
    )
    .post(
      '/api/v1/silences',
      withAlerting(async (alerting, context) => {
        const silence = await alerting.addSilence(await bodyOf(context));
        return failed(silence) ? refused(context, silence) : context.json(shownSilence(silence), 201);
      }),
    )
    .delete(
      '/api/v1/silences/:id',
      withAlerting(async (alerting, context) => {
        const failure = await alerting.removeSilence(context.req.param('id')!);
        return failure === undefined ? context.body(null, 204) : refused(context, failure);
      }),
    );
}

async function bodyOf(context: Context): Promise<unknown> {
  try {
    return await context.req.json();
  } catch {
    return undefined;
  }
}

function refused(context: Context, { code, message }: Failure): Response {
  const body = { error: message };
  switch (code) {
    case Errors.INVALID_REQUEST:
      return context.json(body, 400);
    case Errors.RESOURCE_NOT_FOUND:
      return context.json(body, 404);
    case Errors.POLICY_VIOLATION:
      return context.json(body, 409);
    default:
      return context.json(body, 503);
  }
}

/** `failure` is why the last attempt failed; null when it did not. */
function shownSink(sink: Alerting['sinks'][number]) {
  return { ...sink, failure: sink.failure ?? null };
}

function shownRules(alerting: Alerting, settings: ReturnType<HttpServices['settings']>) {
  const builtIn = [
    ...CLUSTER_RULES.map(rule => ({ ...rule, scope: 'cluster' })),
    ...NODE_RULES.map(rule => ({ ...rule, scope: 'node' })),
  ].map(({ name, setting, scope }) => {
    const { severity, forMs, threshold } = ruleSettings(settings, setting);
    return {
      name,
      scope,
      severity,
      forMs,
      threshold: Number.isNaN(threshold) ? null : threshold,
      settings: `alert.${setting}.*`,
    };
  });
  const own = alerting.userRules.map(({ name, text, severity, forMs, labels, annotations }) => ({
    name,
    expression: text,
    severity,
    forMs,
    labels,
    annotations,
  }));
  return { builtIn, own, ownProblem: alerting.userRulesProblem ?? null };
}

function shownSilence({ id, matchers, startsMs, endsMs, createdBy, comment }: Silence) {
  const startsAt = formatTime(startsMs);
  return { id, matchers, startsAt, endsAt: formatTime(endsMs), createdBy, comment };
}
