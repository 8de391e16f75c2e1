/** Resolves as soon as `condition` holds; asks again every few milliseconds, and fails when the deadline passes. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  { timeoutMs = 60_000, detail }: { timeoutMs?: number; detail?: () => string } = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      const seen = detail === undefined ? '' : ` (${detail()})`;
      throw new Error(`Waited ${timeoutMs / 1000} s in vain for: ${what}${seen}`);
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** Fails with `what` when `work` has not settled in time. */
export async function within<T>(what: string, work: Promise<T>, timeoutMs = 30_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not done after ${timeoutMs / 1000} s: ${what}`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
