import type { MiddlewareHandler } from 'hono';

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/i;

/**
 * Keeps others from changing something. Nobody logs in yet, so changes are for those on this machine alone: a listener
 * on anything but loopback is for reading. A page from elsewhere that a browser on this machine has open must not
 * change anything either: it can't send JSON without being asked, and it can't take a loopback name for its own.
 */
export function guard(): MiddlewareHandler {
  return async (context, next) => {
    if (READING.has(context.req.method)) return await next();
    const host = hostOf(context.req.header('host') ?? new URL(context.req.url).host);
    if (!LOOPBACK.test(host)) {
      const text = `Changes are taken at a loopback address alone, and this came to ${host}: send it from the machine itself`;
      return context.json({ error: text }, 403);
    }
    const origin = context.req.header('origin');
    if (origin !== undefined && !LOOPBACK.test(hostOf(origin.replace(/^https?:\/\//i, '')))) {
      return context.json({ error: `A page of ${origin} may change nothing here` }, 403);
    }
    const type = context.req.header('content-type');
    if (context.req.method === 'POST' && !/^application\/json\b/i.test(type ?? '')) {
      return context.json({ error: 'The body must be JSON, with content-type: application/json' }, 415);
    }
    return await next();
  };
}

function hostOf(authority: string): string {
  return authority.replace(/:\d+$/, '');
}
