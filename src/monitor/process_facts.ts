/** How late timers fire because the event loop was busy, over the last while; in milliseconds. */
export interface EventLoopDelay {
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** What a node's process is to the machine; a port, which the host has for real. Undefined where it can't be known. */
export interface ProcessFacts {
  readonly startedMs: number;
  cpuSeconds(): { readonly user: number; readonly system: number };
  memoryBytes(): { readonly resident: number; readonly heapUsed: number; readonly heapTotal: number };
  openFiles(): { readonly open: number; readonly most: number | undefined } | undefined;
  /** Bytes that the process had the disk read and write. */
  diskBytes(): { readonly read: number; readonly written: number } | undefined;
  /** From 0 to 1: how much of the time since the last call the event loop was busy. */
  busyFraction(): number;
  /** Since the last call. */
  eventLoopDelay(): EventLoopDelay;
}
