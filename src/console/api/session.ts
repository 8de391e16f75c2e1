/** What somebody may do; each role may do what those before it may. docs/console.md has the table. */
export type Role = 'viewer' | 'operator' | 'admin';

/**
 * `GET /api/v1/me`: who asks, and what they may do. Answered to everyone, 200 also without a login: the page asks it
 * first. Every other path of `/api/v1` but `health` answers 401 while `needsLogin`.
 */
export interface Me {
  /** Null for someone who has not logged in. */
  readonly user: string | null;
  /** Null while a login is needed and there was none. */
  readonly role: Role | null;
  /** `console.auth` names users, and nobody is logged in. */
  readonly needsLogin: boolean;
  /** Whether `console.auth` names users: there is a logout, then. */
  readonly hasLogin: boolean;
  /** May change nothing: the role is viewer, or see `why`. */
  readonly readOnly: boolean;
  /** Why nothing can be changed, and what to do about it; null when something can. */
  readonly why: string | null;
  readonly node: { readonly id: number; readonly clusterId: string | null; readonly version: string };
}

/**
 * `POST /api/v1/login` → {@link Me}, with the session in an HttpOnly cookie; 401 with a wrong name or password, 429 after
 * too many of them (`retry-after` in seconds).
 */
export interface LoginRequest {
  readonly user: string;
  readonly password: string;
}

/** `POST /api/v1/logout` → 204. */
export type LogoutRequest = Record<string, never>;
