import type { ClientQuotasImage, QuotaEntity } from '../../controller/image/client_quotas_image.ts';

export type QuotaKey =
  | 'producer_byte_rate'
  | 'consumer_byte_rate'
  | 'request_percentage'
  | 'controller_mutation_rate'
  | 'connection_creation_rate';

/** A quota that binds a client. */
export interface BoundQuota {
  readonly perSecond: number;
  /** The same for all clients that share the quota: what they use is counted together. */
  readonly sharedBy: string;
}

/**
 * The quota that binds a client, the closest of those that are set: for the user and the client-id before the user
 * alone, and for all users before the client-id alone (KIP-55).
 */
export function quotaOf(
  image: ClientQuotasImage,
  key: QuotaKey,
  { user, clientId }: { readonly user: string; readonly clientId: string },
): BoundQuota | undefined {
  const both = JSON.stringify(['both', user, clientId]);
  const userAlone = JSON.stringify(['user', user]);
  const candidates: readonly (readonly [QuotaEntity, string])[] = [
    [pair(user, clientId), both],
    [pair(user, null), both],
    [new Map([['user', user]]), userAlone],
    [pair(null, clientId), both],
    [pair(null, null), both],
    [new Map([['user', null]]), userAlone],
    [new Map([['client-id', clientId]]), JSON.stringify(['client', clientId])],
    [new Map([['client-id', null]]), JSON.stringify(['client', clientId])],
  ];
  return firstOf(image, key, candidates);
}

/** The quota of an address. */
export function quotaOfIp(image: ClientQuotasImage, ip: string): BoundQuota | undefined {
  const sharedBy = JSON.stringify(['ip', ip]);
  return firstOf(image, 'connection_creation_rate', [
    [new Map([['ip', ip]]), sharedBy],
    [new Map([['ip', null]]), sharedBy],
  ]);
}

function pair(user: string | null, clientId: string | null): QuotaEntity {
  return new Map([
    ['user', user],
    ['client-id', clientId],
  ]);
}

function firstOf(
  image: ClientQuotasImage,
  key: QuotaKey,
  candidates: readonly (readonly [QuotaEntity, string])[],
): BoundQuota | undefined {
  for (const [entity, sharedBy] of candidates) {
    const perSecond = image.of(entity)?.values.get(key);
    if (perSecond !== undefined) return { perSecond, sharedBy };
  }
  return undefined;
}
