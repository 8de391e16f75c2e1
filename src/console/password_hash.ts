import crypto from 'node:crypto';
import { promisify } from 'node:util';
import type { PasswordHash } from '../settings/console_users.ts';

const scrypt = promisify<crypto.BinaryLike, crypto.BinaryLike, number, crypto.ScryptOptions, Buffer>(
  crypto.scrypt,
);
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** A hash takes about a tenth of a second, and 32 MiB. */
const PARAMETERS = { cost: 32_768, blockSize: 8, parallelism: 1 };

/** A hash like any other, so that a name that is not there takes as long as a wrong password. */
const NOBODY: PasswordHash = { ...PARAMETERS, salt: 'AAAAAAAAAAAAAAAAAAAAAA', key: '' };

/** Whether it is the password that was hashed; never of nobody. */
export async function isPassword(password: string, hash: PasswordHash = NOBODY): Promise<boolean> {
  const expected = Buffer.from(hash.key, 'base64url');
  const found = await scrypt(password, Buffer.from(hash.salt, 'base64url'), KEY_BYTES, scryptOptions(hash));
  return expected.length === found.length && crypto.timingSafeEqual(found, expected);
}

function scryptOptions({
  blockSize,
  cost,
  parallelism,
}: Pick<PasswordHash, 'cost' | 'blockSize' | 'parallelism'>) {
  return { N: cost, r: blockSize, p: parallelism, maxmem: 256 * cost * blockSize };
}

/** What stands for a password in `console.auth`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.randomBytes(SALT_BYTES);
  const key = await scrypt(password, salt, KEY_BYTES, scryptOptions(PARAMETERS));
  const { blockSize, cost, parallelism } = PARAMETERS;
  return `scrypt$${cost}$${blockSize}$${parallelism}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}
