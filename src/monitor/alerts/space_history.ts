interface Point {
  readonly atMs: number;
  readonly bytes: number;
}

const INTERVAL_MS = 60_000;
const WINDOW_MS = 1_800_000;
/** Before so much is known, nothing is predicted. */
const LEAST_MS = 600_000;
const AHEAD_MS = 1_800_000;

/** How much room directories had, and where that leads. Times are monotonic. */
export class SpaceHistory {
  readonly #points = new Map<string, Point[]>();

  add(path: string, usableBytes: number, nowMs: number): void {
    const points = this.#points.get(path) ?? [];
    this.#points.set(path, points);
    const last = points.at(-1);
    if (last !== undefined && nowMs - last.atMs < INTERVAL_MS) return;
    points.push({ atMs: nowMs, bytes: usableBytes });
    while (nowMs - points[0]!.atMs > WINDOW_MS) points.shift();
  }

  /** What is left in half an hour, by the line through the last half hour; undefined before there is one. */
  predict(path: string, nowMs: number): number | undefined {
    const points = this.#points.get(path) ?? [];
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined || last.atMs - first.atMs < LEAST_MS) return undefined;
    const meanMs = mean(points.map(({ atMs }) => atMs));
    const meanBytes = mean(points.map(({ bytes }) => bytes));
    let covariance = 0;
    let variance = 0;
    for (const { atMs, bytes } of points) {
      covariance += (atMs - meanMs) * (bytes - meanBytes);
      variance += (atMs - meanMs) ** 2;
    }
    return meanBytes + (covariance / variance) * (nowMs + AHEAD_MS - meanMs);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
