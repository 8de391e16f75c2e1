/* Every process the suite starts is in a group of its own, and is ended with that group; nothing else is touched. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const running = new Set<ChildProcess>();

export function start({ file, args, env, cwd }: Command, stdio: SpawnOptions['stdio']): ChildProcess {
  const options: SpawnOptions = { stdio, detached: true, env: { ...process.env, ...env } };
  if (cwd !== undefined) options.cwd = cwd;
  const child = spawn(file, args, options);
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

export const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

/** Signals the child with all that it started in turn. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Ends the child: politely first, with SIGKILL when it does not end in time. */
export async function end(child: ChildProcess, { patienceMs }: { patienceMs: number }): Promise<void> {
  if (!hasEnded(child)) {
    const ended = once(child, 'exit');
    signalGroup(child, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), patienceMs);
    await ended;
    clearTimeout(timer);
  }
  // What it left behind in its group.
  signalGroup(child, 'SIGKILL');
}

export function killAll(): void {
  for (const child of running) signalGroup(child, 'SIGKILL');
}
