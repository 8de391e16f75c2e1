import type { Random } from '../model/ports.ts';
import { SimulatedHost } from './simulated_host.ts';
import { type LinkQuality, SimulatedLink } from './simulated_link.ts';
import type { SimulatedTime } from './simulated_time.ts';

/** A quick local network. */
const GOOD_LINK: LinkQuality = { latencyMs: 0.2, jitterMs: 0.1, bytesPerMs: 1_250_000, loss: 0 };
/** From a host to itself. */
const LOOPBACK_LINK: LinkQuality = { latencyMs: 0.02, jitterMs: 0, bytesPerMs: Infinity, loss: 0 };

export interface SimulatedNetworkOptions {
  readonly time: SimulatedTime;
  readonly random: Random;
  /** What every link between two hosts is like at first. */
  readonly quality?: Partial<LinkQuality>;
}

/**
 * The network of a simulated world: hosts by name, and a link from each to each, in each direction, that can be slow,
 * lossy or blocked. Connections behave as TCP's do: in order and whole, or broken; what is lost is sent again, with
 * growing waits; a peer that died says so, one whose machine lost its power does not.
 */
export class SimulatedNetwork {
  readonly time: SimulatedTime;
  readonly random: Random;
  readonly #quality: LinkQuality;
  readonly #hosts = new Map<string, SimulatedHost>();
  /** By `from>to`. */
  readonly #links = new Map<string, SimulatedLink>();
  /** Is shown all bytes that are sent from now on; set before there are connections. */
  onSend: ((from: string, to: string, bytes: Uint8Array) => void) | undefined;

  constructor({ time, random, quality }: SimulatedNetworkOptions) {
    this.time = time;
    this.random = random;
    this.#quality = { ...GOOD_LINK, ...quality };
  }

  /** The machine of that name, a new one if there is none. */
  host(name: string): SimulatedHost {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = new SimulatedHost(this, name);
      this.#hosts.set(name, host);
    }
    return host;
  }

  find(name: string): SimulatedHost | undefined {
    return this.#hosts.get(name);
  }

  /** The way from one host to another. */
  link(from: string, to: string): SimulatedLink {
    const key = `${from}>${to}`;
    let link = this.#links.get(key);
    if (link === undefined) {
      const quality = from === to ? LOOPBACK_LINK : this.#quality;
      const [source, target] = [this.host(from), this.host(to)];
      link = new SimulatedLink(this.time, this.random, quality, () => source.isOn && target.isOn);
      const { onSend } = this;
      if (onSend !== undefined) link.onSend = bytes => onSend(from, to, bytes);
      this.#links.set(key, link);
    }
    return link;
  }

  /** Lets nothing through from any host of the first group to any of the second; the other way stays as it is. */
  block(from: readonly string[], to: readonly string[]): void {
    for (const source of from)
      for (const target of to) this.link(source, target).isBlocked = source !== target;
  }

  /** Cuts the groups off from each other, in both directions. */
  partition(...groups: readonly (readonly string[])[]): void {
    for (const left of groups) for (const right of groups) if (left !== right) this.block(left, right);
  }

  /** Makes all links what they were at first. */
  heal(): void {
    for (const [key, link] of this.#links) {
      const [from, to] = key.split('>');
      link.isBlocked = false;
      link.quality = from === to ? LOOPBACK_LINK : this.#quality;
    }
  }
}
