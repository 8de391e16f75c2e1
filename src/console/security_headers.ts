import type { MiddlewareHandler } from 'hono';

const HEADERS: Readonly<Record<string, string>> = {
  // The page is made of files of its own; pictures of data are charts that it draws.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** What every answer tells a browser: that nothing of elsewhere is run, and that nobody frames the page. */
export function securityHeaders(): MiddlewareHandler {
  return async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) {
      // A route may be stricter about what it serves.
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
    }
    const isApi = context.req.path.startsWith('/api/');
    if (isApi && !context.res.headers.has('cache-control'))
      context.res.headers.set('cache-control', 'no-store');
  };
}
