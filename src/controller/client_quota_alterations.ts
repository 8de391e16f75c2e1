import type {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from '../messages/49_alter_client_quotas.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { ControllerContext } from './controller_context.ts';
import { atomically, type Decision } from './decision.ts';
import {
  keyOfEntity,
  QUOTA_ENTITY_TYPES,
  type QuotaEntity,
  quotaRecord,
} from './image/client_quotas_image.ts';
import type { MetadataRecord } from './metadata_record.ts';

type Entry = AlterClientQuotasRequest['entries'][number];
type Operation = Entry['ops'][number];

/** The quotas that there are, each with whether it may be a fraction. */
const CLIENT_QUOTAS: ReadonlyMap<string, { readonly isWhole: boolean }> = new Map([
  ['producer_byte_rate', { isWhole: true }],
  ['consumer_byte_rate', { isWhole: true }],
  ['request_percentage', { isWhole: false }],
  ['controller_mutation_rate', { isWhole: false }],
]);
const IP_QUOTAS: typeof CLIENT_QUOTAS = new Map([['connection_creation_rate', { isWhole: true }]]);

/** What a client may have rounded in a number that should be whole. */
const FRACTION_TOLERANCE = 1e-6;

/** Sets and takes away quotas (KIP-546): each entry that can be, whatever becomes of the others. */
export function alterClientQuotas(
  { image }: ControllerContext,
  request: AlterClientQuotasRequest,
): Decision<MessageInput<typeof AlterClientQuotasResponse>> {
  const records: MetadataRecord[] = [];
  const seen = new Set<string>();
  const entries = request.entries.map(entry => {
    const { entity: parts } = entry;
    const entity = entityOf(entry);
    const changed = failed(entity)
      ? entity
      : changesOf(entry, entity, { seen, current: image.clientQuotas.of(entity)?.values });
    if (failed(changed)) return { entity: parts, errorCode: changed.code, errorMessage: changed.message };
    for (const record of changed) records.push(record);
    return { entity: parts, errorCode: Errors.NONE, errorMessage: null };
  });
  return atomically({ throttleTimeMs: 0, entries }, request.validateOnly ? [] : records);
}

const refuse = (why: string) => new Failure(Errors.INVALID_REQUEST, `Cannot change the quota: ${why}`);

function entityOf({ entity: parts }: Entry): QuotaEntity | Failure {
  if (parts.length === 0) return refuse('the entity names neither a user, nor a client-id, nor an ip');
  const entity = new Map<string, string | null>();
  for (const { entityType, entityName } of parts) {
    if (!(QUOTA_ENTITY_TYPES as readonly string[]).includes(entityType)) {
      return refuse(`"${entityType}" is not one of the entity types ${QUOTA_ENTITY_TYPES.join(', ')}`);
    }
    if (entity.has(entityType)) return refuse(`the entity has the type ${entityType} twice`);
    if (entityName === '')
      return refuse(`the name of the ${entityType} is empty: null stands for the default`);
    entity.set(entityType, entityName);
  }
  if (entity.has('ip') && entity.size > 1)
    return refuse('an ip does not go together with a user or a client-id');
  return entity;
}

interface Known {
  /** Entities of the request so far. */
  readonly seen: Set<string>;
  /** What is set for the entity at the moment. */
  readonly current: ReadonlyMap<string, number> | undefined;
}

function changesOf(
  { ops }: Entry,
  entity: QuotaEntity,
  { seen, current }: Known,
): MetadataRecord[] | Failure {
  const id = keyOfEntity(entity);
  if (seen.has(id)) return refuse('the entity is in the request twice');
  seen.add(id);
  const quotas = entity.has('ip') ? IP_QUOTAS : CLIENT_QUOTAS;
  const wanted = new Map<string, number | undefined>();
  for (const op of ops) {
    const problem = wanted.has(op.key) ? `${op.key} is changed twice` : problemOf(op, quotas);
    if (problem !== undefined) return refuse(problem);
    wanted.set(op.key, op.remove ? undefined : op.value);
  }
  return [...wanted]
    .filter(([key, value]) => current?.get(key) !== value)
    .map(([key, value]) => quotaRecord(entity, key, value));
}

function problemOf({ key, value, remove }: Operation, quotas: typeof CLIENT_QUOTAS): string | undefined {
  const quota = quotas.get(key);
  if (quota === undefined)
    return `"${key}" is not one of ${[...quotas.keys()].join(', ')}, which the entity may have`;
  if (remove) return undefined;
  if (!(value > 0) || value === Number.POSITIVE_INFINITY) return `${key} is ${value}, and must be above 0`;
  if (quota.isWhole && Math.abs(Math.round(value) - value) > FRACTION_TOLERANCE) {
    return `${key} is ${value}, and must be a whole number`;
  }
  return undefined;
}
