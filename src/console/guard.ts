import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Access } from './access.ts';
import type { Role } from './api/session.ts';
import { Refusal } from './refusal.ts';
import { requireRole, type Visitor } from './visitor.ts';

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/i;
const LOOPBACK_ADDRESS = /^(127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/i;
/** What proxies add: whoever is behind one is not on this machine, whatever the connection says. */
const FORWARDED = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'];

export const SESSION_COOKIE = 'odradek_session';

/** Paths of the API that are answered without a login. */
const OPEN: ReadonlySet<string> = new Set([
  '/api/v1/health',
  '/api/v1/me',
  '/api/v1/login',
  '/api/v1/logout',
]);

/**
 * Who may do what that is not reading, by the first that fits; what is not here is for admins. Some that reads comes as
 * a POST, since a schema does not fit in a URL; a reset looks itself whether it is to be executed.
 */
const ROLES: readonly (readonly [path: RegExp, role: Role])[] = [
  [/^\/api\/v1\/topics\/[^/]+\/(messages|tail|export)$/, 'viewer'],
  [/^\/api\/v1\/groups\/[^/]+\/reset$/, 'viewer'],
  [/^\/api\/v1\/topics\/[^/]+\/messages\/(produce|reproduce)$/, 'operator'],
  [/^\/api\/v1\/groups\/[^/]+(\/delete-offsets)?$/, 'operator'],
  [/^\/api\/v1\/(silences(\/[^/]+)?|alerts\/test)$/, 'operator'],
];

/** The least role that may send a request to a path. */
export function roleFor(method: string, path: string): Role {
  if (READING.has(method)) return 'viewer';
  return ROLES.find(([pattern]) => pattern.test(path))?.[1] ?? 'admin';
}

/**
 * Keeps others from reading and changing what is not theirs. With `console.auth` everyone logs in. Without it, changes
 * are for those on this machine alone: a listener on anything but loopback is for reading. A page from elsewhere that
 * a browser has open must not change anything in its user's name: it can't send JSON without being asked, it can't take
 * this node's name for its own, and the session's cookie is not sent from there.
 */
export function guard(access: Access): MiddlewareHandler {
  return async (context, next) => {
    const { method, path } = context.req;
    if (!path.startsWith('/api/v1/')) return await next();
    context.set('visitor', await visitorOf(context, access));
    if (!READING.has(method)) refuseForgeries(context, access);
    if (!OPEN.has(path)) {
      refuseRebinding(context, access);
      requireRole(context, roleFor(method, path));
    }
    return await next();
  };
}

async function visitorOf(context: Context, access: Access): Promise<Visitor> {
  if (!access.hasUsers) return localVisitor(context);
  const nobody = { user: null, role: null, why: 'Log in first' };
  const [scheme = '', credentials = ''] = (context.req.header('authorization') ?? '').split(' ');
  if (scheme.toLowerCase() === 'basic') {
    const user = await access.basic(credentials, addressOf(context));
    if (user === undefined) throw new Refusal(401, 'The name or the password is wrong');
    return visitorFor(user.name, user.role);
  }
  const token = scheme.toLowerCase() === 'bearer' ? credentials : getCookie(context, SESSION_COOKIE);
  const holder = token === undefined ? undefined : access.holderOf(token);
  if (holder === undefined) return nobody;
  return typeof holder === 'string' ? visitorFor(holder, 'viewer') : visitorFor(holder.name, holder.role);
}

export function visitorFor(user: string, role: Role): Visitor {
  const why =
    role === 'viewer'
      ? `${user} has the role viewer, which changes nothing: ask an admin (console.auth)`
      : null;
  return { user, role, why };
}

function localVisitor(context: Context): Visitor {
  if (isLocal(context)) return { user: null, role: 'admin', why: null };
  const text = `Changes are taken at a loopback address alone while nobody can log in, and this came to ${hostOf(context)}: send it from the machine itself, or let people log in with console.auth`;
  return { user: null, role: 'viewer', why: text };
}

/** Who made the connection; a test may ask without one. */
export function addressOf(context: Context): string {
  return socketOf(context)?.remoteAddress ?? 'this process';
}

function socketOf(context: Context): HttpBindings['incoming']['socket'] | undefined {
  return (context.env as Partial<HttpBindings> | undefined)?.incoming?.socket;
}

function isLocal(context: Context): boolean {
  const { remoteAddress } = socketOf(context) ?? {};
  const isFromHere = remoteAddress === undefined || LOOPBACK_ADDRESS.test(remoteAddress);
  const isForwarded = FORWARDED.some(name => context.req.header(name) !== undefined);
  return isFromHere && !isForwarded && LOOPBACK_NAME.test(hostOf(context));
}

function hostOf(context: Context): string {
  return withoutPort(context.req.header('host') ?? new URL(context.req.url).host);
}

function withoutPort(authority: string): string {
  return authority.replace(/:\d+$/, '');
}

function refuseForgeries(context: Context, access: Access): void {
  const origin = context.req.header('origin');
  if (origin !== undefined && !isOwn(context, origin, access)) {
    throw new Refusal(403, `A page of ${origin.slice(0, 200)} may change nothing here`);
  }
  const type = context.req.header('content-type');
  if (context.req.method !== 'DELETE' && !/^application\/json\b/i.test(type ?? '')) {
    // Who may not do it at all is told that first.
    if (!OPEN.has(context.req.path)) requireRole(context, roleFor(context.req.method, context.req.path));
    throw new Refusal(415, 'The body must be JSON, with content-type: application/json');
  }
}

/** Whether a page is of this node: by the name under which it was asked or, on this machine, by any of loopback. */
function isOwn(context: Context, origin: string, access: Access): boolean {
  const authority = origin.replace(/^https?:\/\//i, '');
  if (authority === (context.req.header('host') ?? new URL(context.req.url).host)) {
    return access.hasUsers || isLocal(context);
  }
  return isLocal(context) && LOOPBACK_NAME.test(withoutPort(authority));
}

/** A page of elsewhere whose name was made to point to this machine would read with the rights of its browser. */
function refuseRebinding(context: Context, access: Access): void {
  const { localAddress } = socketOf(context) ?? {};
  if (access.hasUsers || localAddress === undefined || !LOOPBACK_ADDRESS.test(localAddress)) return;
  if (LOOPBACK_NAME.test(hostOf(context)) || FORWARDED.some(name => context.req.header(name) !== undefined))
    return;
  const text = `This node listens on loopback, and was asked as ${hostOf(context)}: ask it as localhost or 127.0.0.1, or let people log in with console.auth`;
  throw new Refusal(403, text);
}
