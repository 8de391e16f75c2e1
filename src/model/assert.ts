/** A broken invariant: our own error, never a peer's. The node that sees one stops rather than go on wrongly. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Ends the process's trust in itself when `condition` does not hold. For programmers' errors alone. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks what can't be reached; `value` makes the compiler prove it. */
export function unreachable(value: never, what: string): never {
  throw new AssertionError(`unexpected ${what}: ${String(value)}`);
}
