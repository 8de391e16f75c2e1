import type { Clock, Timer } from '../model/ports.ts';
import type { KraftNode } from '../raft/kraft_node.ts';
import type { EventLoopDelay, ProcessFacts } from './process_facts.ts';

export interface SamplerOptions {
  readonly clock: Clock;
  readonly facts: ProcessFacts;
  /** Undefined before the node has started. */
  readonly quorum: () => KraftNode | undefined;
}

const INTERVAL_MS = 1000;
/** Averages are over the last minute, rates over the last half. */
const MINUTE_SAMPLES = 60;
const RATE_SAMPLES = 30;

interface QuorumSample {
  readonly atMs: number;
  readonly endOffset: number;
  readonly isLeader: boolean;
}

/** Looks once a second at what is only known as a difference between two looks. */
export class Sampler {
  readonly #options: SamplerOptions;
  readonly #busy: number[] = [];
  readonly #delays: EventLoopDelay[] = [];
  readonly #quorum: QuorumSample[] = [];
  #timer: Timer | undefined;

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.clock.startTimer(INTERVAL_MS, () => {
      this.#sample();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** From 0 to 1: how much of the last minute the event loop had nothing to do. */
  get idleFraction(): number {
    return this.#busy.length === 0 ? 1 : 1 - mean(this.#busy);
  }

  /** Of the last minute. */
  get eventLoopDelay(): EventLoopDelay {
    const delays = this.#delays;
    if (delays.length === 0) return { meanMs: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 };
    return {
      meanMs: mean(delays.map(each => each.meanMs)),
      p50Ms: mean(delays.map(each => each.p50Ms)),
      p99Ms: Math.max(...delays.map(each => each.p99Ms)),
      maxMs: Math.max(...delays.map(each => each.maxMs)),
    };
  }

  /** Records a second that came into the metadata log: appended by this node as the leader, and fetched from one. */
  get metadataRates(): { readonly appended: number; readonly fetched: number } {
    const [first, last] = [this.#quorum[0], this.#quorum.at(-1)];
    if (first === undefined || last === undefined || last.atMs === first.atMs)
      return { appended: 0, fetched: 0 };
    const rates = { appended: 0, fetched: 0 };
    this.#quorum.slice(1).forEach((sample, index) => {
      const grown = Math.max(0, sample.endOffset - this.#quorum[index]!.endOffset);
      rates[sample.isLeader ? 'appended' : 'fetched'] += grown;
    });
    const seconds = (last.atMs - first.atMs) / 1000;
    return { appended: rates.appended / seconds, fetched: rates.fetched / seconds };
  }

  #sample(): void {
    const { facts, clock, quorum } = this.#options;
    keep(this.#busy, facts.busyFraction(), MINUTE_SAMPLES);
    keep(this.#delays, facts.eventLoopDelay(), MINUTE_SAMPLES);
    const status = quorum()?.status;
    if (status === undefined) return;
    const sample = {
      atMs: clock.monotonicMs(),
      endOffset: Number(status.logEndOffset),
      isLeader: status.role === 'leader',
    };
    keep(this.#quorum, sample, RATE_SAMPLES);
  }
}

function keep<T>(samples: T[], sample: T, most: number): void {
  samples.push(sample);
  if (samples.length > most) samples.shift();
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
