import type { ProcessFacts } from '../../src/monitor/process_facts.ts';

/** A process that does nothing. */
export const IDLE_PROCESS: ProcessFacts = {
  startedMs: 0,
  cpuSeconds: () => ({ user: 0, system: 0 }),
  memoryBytes: () => ({ resident: 0, heapUsed: 0, heapTotal: 0 }),
  openFiles: () => undefined,
  diskBytes: () => undefined,
  busyFraction: () => 0,
  eventLoopDelay: () => ({ meanMs: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 }),
};
