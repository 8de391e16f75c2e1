import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { VERSION } from '../../model/version.ts';
import type { Me } from '../api/session.ts';
import type { ConsoleServices } from '../console_services.ts';
import { addressOf, SESSION_COOKIE, visitorFor } from '../guard.ts';
import { Refusal } from '../refusal.ts';
import { RequestFields } from '../request_fields.ts';

/** Names and passwords; longer ones are no user's. */
const MAX_NAME = 100;
const MAX_PASSWORD = 1_000;

/** `/api/v1/me`, `login` and `logout`. */
export function sessionRoutes({ access, monitor, settings }: ConsoleServices): Hono {
  const me = (context: Context): Me => {
    const { role, user, why } = context.get('visitor');
    return {
      user,
      role,
      needsLogin: role === null,
      hasLogin: access.hasUsers,
      readOnly: why !== null,
      why,
      node: { id: settings().nodeId, clusterId: monitor.parts?.clusterId ?? null, version: VERSION },
    };
  };
  return new Hono()
    .get('/api/v1/me', context => context.json(me(context)))
    .post('/api/v1/login', async context => {
      const fields = await RequestFields.ofBody(context);
      const name = fields.text('user', { most: MAX_NAME });
      const password = fields.text('password', { most: MAX_PASSWORD });
      if (!access.hasUsers) {
        throw new Refusal(409, 'There are no users: console.auth names who may log in');
      }
      const user = await access.login(name, password, addressOf(context));
      if (user === undefined) throw new Refusal(401, 'The name or the password is wrong');
      const { lastsMs, token } = access.session(user);
      if (fields.flag('wantsToken')) return context.json({ token, lastsMs });
      setCookie(context, SESSION_COOKIE, token, {
        path: '/',
        httpOnly: true,
        sameSite: 'Strict',
        maxAge: Math.floor(lastsMs / 1000),
        secure: context.req.header('x-forwarded-proto') === 'https',
      });
      context.set('visitor', visitorFor(user.name, user.role));
      return context.json(me(context));
    })
    .post('/api/v1/logout', context => {
      const token = getCookie(context, SESSION_COOKIE);
      if (token !== undefined) access.end(token);
      deleteCookie(context, SESSION_COOKIE, { path: '/' });
      return context.body(null, 204);
    });
}
