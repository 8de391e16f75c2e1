import fs from 'node:fs';
import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import process from 'node:process';
import type { EventLoopDelay, ProcessFacts } from '../monitor/process_facts.ts';

const MICROSECONDS_A_SECOND = 1e6;
const NANOSECONDS_A_MS = 1e6;
/** Delays are sampled so often; what is shorter does not count as delay. */
const RESOLUTION_MS = 10;

/** This process. What only Linux tells (`/proc`) is unknown elsewhere. */
export class NodeProcess implements ProcessFacts {
  readonly startedMs = Date.now() - process.uptime() * 1000;
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #mostFiles = readMostFiles();
  #utilization = performance.eventLoopUtilization();

  constructor() {
    this.#delay.enable();
  }

  /** Stops sampling the event loop. */
  close(): void {
    this.#delay.disable();
  }

  cpuSeconds(): { user: number; system: number } {
    const { user, system } = process.cpuUsage();
    return { user: user / MICROSECONDS_A_SECOND, system: system / MICROSECONDS_A_SECOND };
  }

  memoryBytes(): { resident: number; heapUsed: number; heapTotal: number } {
    const { rss, heapUsed, heapTotal } = process.memoryUsage();
    return { resident: rss, heapUsed, heapTotal };
  }

  openFiles(): { open: number; most: number | undefined } | undefined {
    try {
      return { open: fs.readdirSync('/proc/self/fd').length, most: this.#mostFiles };
    } catch {
      return undefined;
    }
  }

  diskBytes(): { read: number; written: number } | undefined {
    try {
      const text = fs.readFileSync('/proc/self/io', 'utf8');
      const read = /^read_bytes: (\d+)$/m.exec(text);
      const written = /^write_bytes: (\d+)$/m.exec(text);
      return read === null || written === null
        ? undefined
        : { read: Number(read[1]), written: Number(written[1]) };
    } catch {
      return undefined;
    }
  }

  busyFraction(): number {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#utilization);
    this.#utilization = now;
    return utilization;
  }

  eventLoopDelay(): EventLoopDelay {
    const histogram = this.#delay;
    const none = histogram.count === 0;
    const over = (nanoseconds: number) =>
      none ? 0 : Math.max(0, nanoseconds / NANOSECONDS_A_MS - RESOLUTION_MS);
    const delay = {
      meanMs: over(histogram.mean),
      p50Ms: over(histogram.percentile(50)),
      p99Ms: over(histogram.percentile(99)),
      maxMs: over(histogram.max),
    };
    histogram.reset();
    return delay;
  }
}

function readMostFiles(): number | undefined {
  try {
    const match = /^Max open files\s+(\d+)/m.exec(fs.readFileSync('/proc/self/limits', 'utf8'));
    return match === null ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}
