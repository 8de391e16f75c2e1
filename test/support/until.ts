/** Waits until a condition holds. @throws when it does not within `timeoutMs` */
export async function until(
  holds: () => boolean | Promise<boolean>,
  { timeoutMs = 30_000, what = 'what was waited for' } = {},
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`${what} did not come within ${timeoutMs} ms`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
