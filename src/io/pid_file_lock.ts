import fs from 'node:fs';
import type { DirectoryLock } from '../model/ports.ts';
import { errorCode } from './disk_errors.ts';

/** Those that this process holds, by path: its own id in a file could also be left from a process before it. */
const held = new Set<string>();

/**
 * A lock for systems without the kernel's: a file that names the process that holds it. Whether that process lives is
 * asked of the system; on Linux its start time is compared too, so that another process that got the same id later
 * is not taken for it. Weaker than a kernel's lock: it can't see processes of other machines or containers.
 */
export class PidFileLock implements DirectoryLock {
  readonly #path: string;
  #isHeld = true;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Undefined when a living process has it. Throws what the system says to the file. */
  static take(path: string): PidFileLock | undefined {
    const realPath = fs.existsSync(path) ? fs.realpathSync(path) : path;
    if (held.has(realPath)) return undefined;
    const mine = describeProcess(process.pid);
    // Linking is atomic, and fails where the file is: what is there is always whole.
    const draft = `${path}.${process.pid}`;
    fs.writeFileSync(draft, mine);
    try {
      for (let attempt = 0; attempt < 3; attempt++) {
        if (tryLink(draft, path)) {
          held.add(fs.realpathSync(path));
          return new PidFileLock(fs.realpathSync(path));
        }
        const theirs = readIfThere(path);
        if (theirs !== undefined && isAlive(theirs, mine)) return undefined;
        // If another process takes the file over at the same moment, one of the two finds it there next time.
        if (theirs !== undefined && readIfThere(path) === theirs) fs.rmSync(path, { force: true });
      }
      return undefined;
    } finally {
      fs.rmSync(draft, { force: true });
    }
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    held.delete(this.#path);
    fs.rmSync(this.#path, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The process's id, and on Linux what tells it from others that have the id before or after it. */
function describeProcess(pid: number): string {
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything; the start time is the 20th field after it.
    const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${pid} ${boot} ${startTime}\n`;
  } catch {
    return `${pid}\n`;
  }
}

/** Whether the process that wrote `theirs` still runs; `mine` is what this process writes. */
function isAlive(theirs: string, mine: string): boolean {
  const pid = Number.parseInt(theirs, 10);
  // This process holds it not: it is from an earlier one with the same id, as in a container that was restarted.
  if (!(pid > 0) || pid === Number.parseInt(mine, 10)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    if (errorCode(error) === 'ESRCH') return false;
  }
  const now = describeProcess(pid);
  return now === theirs || now.trim() === `${pid}` || theirs.trim() === `${pid}`;
}
