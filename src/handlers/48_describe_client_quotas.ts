import { QUOTA_ENTITY_TYPES, type QuotaEntity } from '../controller/image/client_quotas_image.ts';
import type {
  DescribeClientQuotas,
  DescribeClientQuotasRequest,
} from '../messages/48_describe_client_quotas.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { BrokerServices } from './broker_services.ts';
import type { RequestContext } from './request_context.ts';

type Response = MessageInput<(typeof DescribeClientQuotas)['response']>;
type Component = DescribeClientQuotasRequest['components'][number];

const EXACT = 0;
const DEFAULT = 1;
const ANY = 2;

/** Lists the quotas that a filter lets through (KIP-546). */
export function handleDescribeClientQuotas(
  { components, strict }: DescribeClientQuotasRequest,
  _context: RequestContext,
  { metadata }: BrokerServices,
): Response {
  const filter = filterOf(components);
  if (failed(filter)) {
    return { throttleTimeMs: 0, errorCode: filter.code, errorMessage: filter.message, entries: null };
  }
  const entries = [...metadata.image.clientQuotas.entries()]
    .filter(({ entity }) => matches(entity, filter, strict))
    .map(({ entity, values }) => ({
      entity: Array.from(entity, ([entityType, entityName]) => ({ entityType, entityName })),
      values: Array.from(values, ([key, value]) => ({ key, value })),
    }));
  return { throttleTimeMs: 0, errorCode: Errors.NONE, errorMessage: null, entries };
}

type Filter = ReadonlyMap<string, Component>;

function filterOf(components: readonly Component[]): Filter | Failure {
  const refuse = (code: ErrorCode, why: string) => new Failure(code, `Cannot list the quotas: ${why}`);
  const filter = new Map<string, Component>();
  for (const component of components) {
    const { entityType, matchType, match } = component;
    if (entityType === '') return refuse(Errors.INVALID_REQUEST, 'a filter has no entity type');
    if (!(QUOTA_ENTITY_TYPES as readonly string[]).includes(entityType)) {
      const types = QUOTA_ENTITY_TYPES.join(', ');
      return refuse(Errors.UNSUPPORTED_VERSION, `"${entityType}" is not one of the entity types ${types}`);
    }
    if (filter.has(entityType)) return refuse(Errors.INVALID_REQUEST, `${entityType} is in the filter twice`);
    if (matchType !== EXACT && matchType !== DEFAULT && matchType !== ANY) {
      return refuse(Errors.INVALID_REQUEST, `the match type ${matchType} of ${entityType} is not 0, 1 or 2`);
    }
    if ((matchType === EXACT) !== (match !== null)) {
      const want = matchType === EXACT ? 'needs a name' : 'takes no name';
      return refuse(Errors.INVALID_REQUEST, `the match type ${matchType} of ${entityType} ${want}`);
    }
    filter.set(entityType, component);
  }
  if (filter.has('ip') && filter.size > 1) {
    return refuse(Errors.INVALID_REQUEST, 'an ip does not go together with a user or a client-id');
  }
  return filter;
}

function matches(entity: QuotaEntity, filter: Filter, isStrict: boolean): boolean {
  if (isStrict && entity.size !== filter.size) return false;
  for (const [type, { matchType, match }] of filter) {
    const name = entity.get(type);
    if (name === undefined) return false;
    if (matchType !== ANY && name !== match) return false;
  }
  return true;
}
