import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { DirectoryLock } from '../model/ports.ts';
import { errorCode } from './disk_errors.ts';
import { PidFileLock } from './pid_file_lock.ts';

/** The part of fs-native-extensions that is used here; it brings no types. */
interface NativeLocks {
  /** False when another handle, of this process or another, holds the lock. */
  tryLock(descriptor: number): boolean;
  unlock(descriptor: number): void;
}

/** The file in the directory that the lock is taken on: Kafka's name for it. It stays, only the lock goes. */
const LOCK_FILE = '.lock';

/** What a file system says that has no locks. */
const NO_LOCKS: ReadonlySet<string | undefined> = new Set(['ENOLCK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

let native: NativeLocks | undefined;
let isLoaded = false;

/**
 * Takes the directory for this process; undefined when another has it. The lock is the kernel's, which lets go of it
 * when the process ends, however it ends; Kafka's own lock on the same file and this one exclude each other. Where
 * the native package can't be loaded, a file with the process's id stands in.
 */
export function lockDirectory(folder: string): DirectoryLock | undefined {
  const lockPath = path.join(folder, LOCK_FILE);
  const locks = loadNative();
  if (locks === undefined) return PidFileLock.take(lockPath);
  const descriptor = fs.openSync(lockPath, 'a+');
  let isMine = false;
  try {
    isMine = locks.tryLock(descriptor);
  } catch (error) {
    // Some network file systems.
    if (NO_LOCKS.has(errorCode(error))) return PidFileLock.take(lockPath);
    throw error;
  } finally {
    if (!isMine) fs.closeSync(descriptor);
  }
  return isMine ? new KernelLock(locks, descriptor) : undefined;
}

class KernelLock implements DirectoryLock {
  readonly #locks: NativeLocks;
  /** Undefined once released. */
  #descriptor: number | undefined;

  constructor(locks: NativeLocks, descriptor: number) {
    this.#locks = locks;
    this.#descriptor = descriptor;
  }

  release(): void {
    if (this.#descriptor === undefined) return;
    this.#locks.unlock(this.#descriptor);
    fs.closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** Loaded when first needed: commands that lock nothing start without it. */
function loadNative(): NativeLocks | undefined {
  if (isLoaded) return native;
  isLoaded = true;
  try {
    native = createRequire(import.meta.url)('fs-native-extensions') as NativeLocks;
  } catch {
    native = undefined;
  }
  return native;
}
