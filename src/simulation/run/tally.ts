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
  /** Simulated time of the runs that passed, and the CPU time that they took. */
  #passedMs = 0;
  #cpuMs = 0;

  get failures(): number {
    return this.#failedSeeds.length;
  }

  get simulatedMs(): number {
    return this.#simulatedMs;
  }

  /** @param cpuMs how long a core was busy with it */
  passed(report: SimulationReport, cpuMs: number): void {
    this.#add(report.simulatedMs, report.events);
    this.#acknowledged += report.acknowledged;
    this.#passedMs += report.simulatedMs;
    this.#cpuMs += cpuMs;
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
  describe(report: SimulationReport, cpuMs: number): string {
    const { seed, shape, simulatedMs, events, acknowledged, read, hash, faults } = report;
    return (
      `seed ${seed}: ${shape}, ${Math.round(simulatedMs / 1000)} s (${speed(simulatedMs, cpuMs)}), ${events} events, ` +
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
      `${this.#acknowledged} records acknowledged, ${speed(this.#passedMs, this.#cpuMs)}; ` +
      `faults: ${shown(this.#faults)}; ${outcome}`
    );
  }

  toJson(): object {
    return {
      runs: this.#runs,
      simulatedHours: this.#simulatedMs / 3_600_000,
      events: this.#events,
      acknowledged: this.#acknowledged,
      cpuSeconds: this.#cpuMs / 1_000,
      faults: Object.fromEntries(this.#faults),
      failedSeeds: this.#failedSeeds,
      ...(this.#found !== undefined && { found: this.#found }),
    };
  }
}

function speed(simulatedMs: number, cpuMs: number): string {
  return `${cpuMs > 0 ? Math.round(simulatedMs / cpuMs) : 0} x real time on one core`;
}

function shown(faults: ReadonlyMap<string, number>): string {
  const counts = [...faults].sort(([left], [right]) => (left < right ? -1 : 1));
  return counts.map(([kind, count]) => `${kind} ${count}`).join(', ') || 'none';
}
