import { splitList } from './setting.ts';

const ROLES = ['viewer', 'operator', 'admin'] as const;
export type ConsoleRole = (typeof ROLES)[number];

/** What scrypt (RFC 7914) made of a password; salt and key in base64url. */
export interface PasswordHash {
  /** N: a power of two. */
  readonly cost: number;
  /** r */
  readonly blockSize: number;
  /** p */
  readonly parallelism: number;
  readonly salt: string;
  readonly key: string;
}

/** Someone who may log in to the console. */
export interface ConsoleUser {
  readonly name: string;
  readonly role: ConsoleRole;
  readonly hash: PasswordHash;
}

const ENTRY =
  /^([A-Za-z0-9][A-Za-z0-9._@-]{0,63}):(viewer|operator|admin):scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]{16,64})\$([A-Za-z0-9_-]{43})$/;
/** Fewer rounds are guessed too fast; more than this take a core for seconds. */
const MIN_COST = 2 ** 14;
const MAX_COST = 2 ** 20;
const MAX_USERS = 1_000;

/** `console.auth`: `name:role:hash`, each name once. */
export const consoleUsers = {
  allowed: `a list of name:role:hash, separated by commas, each name once, with a role of ${ROLES.join(', ')} and a hash as odradek console hash-password makes it`,
  parse(text: string): readonly ConsoleUser[] | undefined {
    const users = new Map<string, ConsoleUser>();
    for (const part of splitList(text)) {
      const user = parseUser(part);
      if (user === undefined || users.has(user.name) || users.size >= MAX_USERS) return undefined;
      users.set(user.name, user);
    }
    return [...users.values()];
  },
};

function parseUser(text: string): ConsoleUser | undefined {
  const match = ENTRY.exec(text);
  if (match === null) return undefined;
  const [, name, role, cost, blockSize, parallelism, salt, key] = match as unknown as string[];
  const hash = {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelism: Number(parallelism),
    salt: salt!,
    key: key!,
  };
  const isPowerOfTwo = Number.isInteger(Math.log2(hash.cost));
  const isInRange =
    hash.cost >= MIN_COST && hash.cost <= MAX_COST && hash.blockSize >= 1 && hash.blockSize <= 32;
  if (!isPowerOfTwo || !isInRange || hash.parallelism < 1 || hash.parallelism > 16) return undefined;
  return { name: name!, role: role as ConsoleRole, hash };
}
