import type { ClientQuotasImage } from '../../controller/image/client_quotas_image.ts';
import { MAX_QUOTA_CLIENTS } from '../../model/limits.ts';
import type { Clock } from '../../model/ports.ts';
import type { RequestContext } from '../request_context.ts';
import { type BoundQuota, type QuotaKey, quotaOf, quotaOfIp } from './quota_lookup.ts';
import { type RateWindow, SampledRate } from './sampled_rate.ts';
import { TokenBucket } from './token_bucket.ts';

export interface ClientQuotasOptions {
  readonly clock: Clock;
  readonly image: () => ClientQuotasImage;
  readonly windows: () => {
    readonly quotaWindowNum: number;
    readonly quotaWindowSizeSeconds: number;
    readonly controllerQuotaWindowNum: number;
    readonly controllerQuotaWindowSizeSeconds: number;
  };
}

/** Who asks, as far as quotas care. */
export type QuotaClient = Pick<RequestContext, 'clientId' | 'client'>;

/**
 * Counts what clients use against their quotas (KIP-13, 124, 599, 612), and says how long each has to wait. Clients
 * without a quota are not counted. At most {@link MAX_QUOTA_CLIENTS} are remembered; the one that was counted longest
 * ago goes first.
 */
export class ClientQuotas {
  readonly #options: ClientQuotasOptions;
  /** What was found for clients, by {@link QuotaKey} and client, as of {@link #revision}. */
  readonly #bound = new Map<string, BoundQuota | undefined>();
  #revision = -1;
  /** What was used lately, by {@link QuotaKey} and by who shares the quota; the last used is last. */
  readonly #rates = new Map<string, SampledRate>();
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: ClientQuotasOptions) {
    this.#options = options;
  }

  /** Whether a client has this quota: what has to be measured for it is measured then only. */
  has(key: QuotaKey, client: QuotaClient): boolean {
    return this.#quotaOf(key, client) !== undefined;
  }

  /** Counts the bytes of a Produce request. @returns how long the client has to wait, in milliseconds */
  produced(bytes: number, client: QuotaClient): number {
    return this.#record('producer_byte_rate', bytes, client);
  }

  /**
   * Counts the bytes of a fetch that is about to be answered. When the client has to wait, nothing is counted: it
   * gets nothing, and asks again afterwards.
   */
  fetched(bytes: number, client: QuotaClient): number {
    const quota = this.#quotaOf('consumer_byte_rate', client);
    if (quota === undefined) return 0;
    const rate = this.#rateOf('consumer_byte_rate', quota);
    const nowMs = this.#options.clock.monotonicMs();
    rate.record(bytes, nowMs);
    const excessMs = rate.excessMs(quota.perSecond, nowMs);
    if (excessMs > 0) rate.unrecord(bytes);
    return excessMs;
  }

  /** The most that one fetch may bring: what the whole window allows. */
  maxFetchBytes(client: QuotaClient): number {
    const quota = this.#quotaOf('consumer_byte_rate', client);
    if (quota === undefined) return Number.POSITIVE_INFINITY;
    const { samples, sampleMs } = this.#window();
    return Math.max(1, Math.floor((quota.perSecond * samples * sampleMs) / 1000));
  }

  /** Counts the time that a request kept this broker busy. A client waits at most for one sample's time. */
  worked(busyMs: number, client: QuotaClient): number {
    const percentSeconds = busyMs / 10;
    return Math.min(this.#record('request_percentage', percentSeconds, client), this.#window().sampleMs);
  }

  /** How long the client has to wait before it may have partitions created or deleted. */
  mutationDebtMs(client: QuotaClient): number {
    const quota = this.#quotaOf('controller_mutation_rate', client);
    return quota === undefined ? 0 : this.#debtMs(quota);
  }

  /** Counts partitions that a client had created or deleted. @returns how long it has to wait now */
  mutated(partitions: number, client: QuotaClient): number {
    const quota = this.#quotaOf('controller_mutation_rate', client);
    if (quota === undefined) return 0;
    this.#debtMs(quota);
    this.#buckets.get(quota.sharedBy)!.take(partitions);
    return this.#debtMs(quota);
  }

  /** Counts a new connection of an address. @returns how long the address has to wait; above 0 it gets none */
  connected(ip: string): number {
    const image = this.#options.image();
    const quota = image.size === 0 ? undefined : quotaOfIp(image, ip);
    if (quota === undefined) return 0;
    const nowMs = this.#options.clock.monotonicMs();
    const rate = this.#rateOf('connection_creation_rate', quota);
    rate.record(1, nowMs);
    const excessMs = rate.excessMs(quota.perSecond, nowMs);
    if (excessMs > 0) rate.unrecord(1);
    return excessMs;
  }

  #record(key: QuotaKey, amount: number, client: QuotaClient): number {
    const quota = this.#quotaOf(key, client);
    if (quota === undefined) return 0;
    const nowMs = this.#options.clock.monotonicMs();
    const rate = this.#rateOf(key, quota);
    rate.record(amount, nowMs);
    return rate.excessMs(quota.perSecond, nowMs);
  }

  #debtMs(quota: BoundQuota): number {
    const { controllerQuotaWindowNum, controllerQuotaWindowSizeSeconds } = this.#options.windows();
    const burst = quota.perSecond * controllerQuotaWindowNum * controllerQuotaWindowSizeSeconds;
    const nowMs = this.#options.clock.monotonicMs();
    const bucket = remembered(this.#buckets, quota.sharedBy, () => new TokenBucket(burst, nowMs));
    return bucket.debtMs(quota.perSecond, { burst, nowMs });
  }

  #rateOf(key: QuotaKey, { sharedBy }: BoundQuota): SampledRate {
    return remembered(this.#rates, `${key} ${sharedBy}`, () => new SampledRate(this.#window()));
  }

  #window(): RateWindow {
    const { quotaWindowNum, quotaWindowSizeSeconds } = this.#options.windows();
    return { samples: quotaWindowNum, sampleMs: quotaWindowSizeSeconds * 1000 };
  }

  #quotaOf(key: QuotaKey, { clientId, client }: QuotaClient): BoundQuota | undefined {
    const image = this.#options.image();
    if (image.size === 0) return undefined;
    if (image.revision !== this.#revision) {
      this.#revision = image.revision;
      this.#bound.clear();
    }
    const name = `${key} ${client.principal} ${clientId}`;
    if (this.#bound.has(name)) return this.#bound.get(name);
    const user = client.principal.slice(client.principal.indexOf(':') + 1);
    const quota = quotaOf(image, key, { user, clientId });
    if (this.#bound.size >= MAX_QUOTA_CLIENTS) this.#bound.clear();
    this.#bound.set(name, quota);
    return quota;
  }
}

/** The entry of a key, made where there is none; moves to the end, and the first goes when there are too many. */
function remembered<T>(map: Map<string, T>, key: string, make: () => T): T {
  const value = map.get(key) ?? make();
  map.delete(key);
  map.set(key, value);
  if (map.size > MAX_QUOTA_CLIENTS) map.delete(map.keys().next().value!);
  return value;
}
