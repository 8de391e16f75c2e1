import { DiskError } from '../model/ports.ts';

/**
 * The system's error as the Disk port's. What is not the system's (a wrong argument) is a mistake of ours and is
 * thrown on as it is.
 * @param action as in `Cannot ACTION /path`
 */
export function diskError(error: unknown, action: string, path: string): DiskError {
  if (error instanceof DiskError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  // Node's own codes begin with ERR_.
  if (typeof code !== 'string' || code.includes('_')) throw error;
  // Node's text is `EIO: i/o error, write '/path'`: the path is ours, and the call is in the action.
  const text = message.split(', ')[0] ?? code;
  return new DiskError(code, path, `Cannot ${action} ${path}: ${text}`);
}

/** The system's name of the error; undefined when it is not the system's. */
export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** Does `action`; what the system refuses is thrown as a {@link DiskError}. */
export function withDiskErrors<T>(what: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw diskError(error, what, path);
  }
}
