import type { SimulationFailure, SimulationReport } from './simulation.ts';

/** What many runs came to. */
export class Tally {
  readonly #faults = new Map<string, number>();
  /** The first that was found. */
  #found: object | undefined;
  readonly #failedSeeds: number[] = [];
  #runs = 0;
  #simulatedMs = 0;
  #events = 0;
  #acknowledged = 0;
  #tookMs = 0;

  get failures(): number {
    return this.#failedSeeds.length;
  }

  get simulatedMs(): number {
    return this.#simulatedMs;
  }

  passed(report: SimulationReport, tookMs: number): void {
    this.#add(report.simulatedMs, report.events);
    this.#acknowledged += report.acknowledged;
    this.#tookMs += tookMs;
    for (const [kind, count] of report.faults) this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + count);
  }

  failed({ seed, atMs, events, message }: SimulationFailure): void {
    this.#add(atMs, events);
    this.#found ??= { seed, events, message };
    this.#failedSeeds.push(seed);
  }

  #add(simulatedMs: number, events: number): void {
    this.#runs++;
    this.#simulatedMs += simulatedMs;
    this.#events += events;
  }

  /** One line of a run. */
  describe(report: SimulationReport, tookMs: number): string {
    const { seed, shape, simulatedMs, events, acknowledged, read, hash, faults } = report;
    const speed = Math.round(simulatedMs / tookMs);
    return (
      `seed ${seed}: ${shape}, ${Math.round(simulatedMs / 1000)} s (${speed} x real time), ${events} events, ` +
      `${acknowledged} acknowledged, ${read} read, faults: ${shown(faults)}; trace ${hash}`
    );
  }

  summary(): string {
    const outcome =
      this.failures === 0
        ? 'nothing found'
        : `${this.failures} FAILED: seeds ${this.#failedSeeds.join(', ')}`;
    return (
      `${this.#runs} runs, ${(this.#simulatedMs / 3_600_000).toFixed(2)} simulated hours, ${this.#events} events, ` +
      `${this.#acknowledged} records acknowledged; faults: ${shown(this.#faults)}; ${outcome}`
    );
  }

  toJson(): object {
    return {
      runs: this.#runs,
      simulatedHours: this.#simulatedMs / 3_600_000,
      events: this.#events,
      acknowledged: this.#acknowledged,
      tookSeconds: this.#tookMs / 1_000,
      faults: Object.fromEntries(this.#faults),
      failedSeeds: this.#failedSeeds,
      ...(this.#found !== undefined && { found: this.#found }),
    };
  }
}

function shown(faults: ReadonlyMap<string, number>): string {
  const counts = [...faults].sort(([left], [right]) => (left < right ? -1 : 1));
  return counts.map(([kind, count]) => `${kind} ${count}`).join(', ') || 'none';
}
