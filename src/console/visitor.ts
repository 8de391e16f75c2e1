import type { Context } from 'hono';
import type { Role } from './api/session.ts';
import { Refusal } from './refusal.ts';

/** Who asks, and what they may do. */
export interface Visitor {
  /** Null for someone without a login. */
  readonly user: string | null;
  /** Null while a login is needed and there was none. */
  readonly role: Role | null;
  /** Why nothing can be changed, and what to do about it; null for who may change something. */
  readonly why: string | null;
}

declare module 'hono' {
  interface ContextVariableMap {
    /** Set by the guard, for every path of the API. */
    visitor: Visitor;
  }
}

const RANKS: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };

/** @throws {Refusal} 401 without a login where one is needed, 403 where the role does not allow it */
export function requireRole(context: Context, needed: Role): void {
  const { role, user, why } = context.get('visitor');
  if (role === null)
    throw new Refusal(401, 'Log in first: POST /api/v1/login, or send HTTP Basic credentials');
  if (RANKS[role] >= RANKS[needed]) return;
  const text =
    why ??
    `This needs the role ${needed}, and ${user ?? 'you'} has the role ${role}: ask an admin (console.auth)`;
  throw new Refusal(403, text);
}
