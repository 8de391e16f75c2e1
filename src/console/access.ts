import crypto from 'node:crypto';
import { MAX_COUNTED_LOGINS, MAX_REMEMBERED_LOGINS, MAX_WAITING_LOGINS } from '../model/limits.ts';
import type { Clock } from '../model/ports.ts';
import type { ConsoleUser } from '../settings/console_users.ts';
import { isPassword } from './password_hash.ts';
import { Refusal } from './refusal.ts';
import { WrongPasswords } from './wrong_passwords.ts';

export interface AccessOptions {
  readonly clock: Clock;
  /** `console.auth`; none where nobody logs in. */
  readonly users: readonly ConsoleUser[];
  /** `console.session.secret`; without it sessions end with this process. */
  readonly secret: string | undefined;
}

/** What a token says: who it is for, and until when. */
interface Claims {
  readonly user: string;
  readonly untilMs: number;
  /** Of the user's entry: another password ends the sessions before it. */
  readonly entry: string;
}

const SESSION_MS = 12 * 3_600_000;
/** Basic credentials that were right are taken without a hash for so long. */
const REMEMBERED_MS = 5 * 60_000;
const NODE_TOKEN_MS = 60_000;
/** The other nodes of the cluster; no user can be called so. */
const NODE = '#node';

/** Logins: passwords, sessions in signed tokens, and how many wrong passwords there may be. */
export class Access {
  readonly #options: AccessOptions;
  readonly #key: Buffer;
  readonly #wrong: WrongPasswords;
  /** Right Basic credentials, by a keyed hash of them; the oldest goes first. */
  readonly #remembered = new Map<string, { readonly user: ConsoleUser; readonly untilMs: number }>();
  /** Sessions that were logged out of, by their signature, until when they would have lasted. */
  readonly #ended = new Map<string, number>();
  /** Passwords are hashed one after the other: each takes a core for some time. */
  #hashing: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#wrong = new WrongPasswords(options.clock, MAX_COUNTED_LOGINS);
    this.#key =
      options.secret === undefined
        ? crypto.randomBytes(32)
        : crypto.createHash('sha256').update(`odradek console ${options.secret}`).digest();
  }

  get hasUsers(): boolean {
    return this.#options.users.length > 0;
  }

  /**
   * @param from the address of who tries
   * @returns undefined when the name or the password is wrong
   * @throws {Refusal} 429 after too many that were
   */
  async login(name: string, password: string, from: string): Promise<ConsoleUser | undefined> {
    this.#wrong.refuseTooMany(name, from);
    if (this.#waiting >= MAX_WAITING_LOGINS)
      throw new Refusal(429, 'Too many log in at once: try again in a moment');
    const user = this.#options.users.find(each => each.name === name);
    this.#waiting++;
    const checking = this.#hashing.then(() => isPassword(password, user?.hash));
    this.#hashing = checking.catch(() => {});
    const isRight = await checking.finally(() => this.#waiting--);
    if (user !== undefined && isRight) {
      this.#wrong.forget(name, from);
      return user;
    }
    this.#wrong.count(name, from);
    return undefined;
  }

  /** The user of `name:password` in base64, as HTTP Basic has it. @throws {Refusal} as {@link login} */
  async basic(credentials: string, from: string): Promise<ConsoleUser | undefined> {
    const nowMs = this.#options.clock.nowMs();
    const key = this.#sign(`basic ${credentials}`);
    const known = this.#remembered.get(key);
    if (known !== undefined && known.untilMs > nowMs) return known.user;
    this.#remembered.delete(key);
    const text = Buffer.from(credentials, 'base64').toString();
    const colon = text.indexOf(':');
    if (colon < 0) return undefined;
    const user = await this.login(text.slice(0, colon), text.slice(colon + 1), from);
    if (user === undefined) return undefined;
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size >= MAX_REMEMBERED_LOGINS) this.#remembered.delete(oldest!);
    this.#remembered.set(key, { user, untilMs: nowMs + REMEMBERED_MS });
    return user;
  }

  /** A token for a session, and how long it lasts. */
  session({ name }: ConsoleUser): { readonly token: string; readonly lastsMs: number } {
    return { token: this.#token(name, SESSION_MS), lastsMs: SESSION_MS };
  }

  /** For a request to another node of the cluster; undefined where no secret is shared. */
  nodeToken(): string | undefined {
    return this.#options.secret === undefined ? undefined : this.#token(NODE, NODE_TOKEN_MS);
  }

  /** Whose token it is: undefined for one that is not from here, too old, logged out of, or of an older password. */
  holderOf(token: string): ConsoleUser | typeof NODE | undefined {
    const [body = '', signature = ''] = token.split('.');
    const expected = Buffer.from(this.#sign(body));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !crypto.timingSafeEqual(given, expected)) return undefined;
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
    if (claims.untilMs <= this.#options.clock.nowMs() || this.#ended.has(signature)) return undefined;
    if (claims.user === NODE) return NODE;
    const user = this.#options.users.find(({ name }) => name === claims.user);
    return user !== undefined && claims.entry === entryOf(user) ? user : undefined;
  }

  /** Ends the session of a token at this node. */
  end(token: string): void {
    if (this.holderOf(token) === undefined) return;
    const nowMs = this.#options.clock.nowMs();
    for (const [signature, untilMs] of this.#ended) {
      if (untilMs <= nowMs || this.#ended.size >= MAX_COUNTED_LOGINS) this.#ended.delete(signature);
    }
    this.#ended.set(token.split('.')[1]!, nowMs + SESSION_MS);
  }

  #token(name: string, lastsMs: number): string {
    const user = this.#options.users.find(each => each.name === name);
    const claims: Claims = {
      user: name,
      untilMs: this.#options.clock.nowMs() + lastsMs,
      entry: user === undefined ? '' : entryOf(user),
    };
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${body}.${this.#sign(body)}`;
  }

  #sign(text: string): string {
    return crypto.createHmac('sha256', this.#key).update(text).digest('base64url');
  }
}

function entryOf({ hash, name, role }: ConsoleUser): string {
  return crypto.createHash('sha256').update(`${name}:${role}:${hash.key}`).digest('base64url').slice(0, 16);
}
