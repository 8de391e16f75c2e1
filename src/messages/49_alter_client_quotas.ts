import {
  api,
  array,
  bool,
  float64,
  int16,
  int32,
  type MessageOf,
  message,
  string,
} from '../protocol/schema.ts';

/* Changes client quotas (KIP-546). */

export const AlterClientQuotasRequest = message(
  { name: 'AlterClientQuotasRequest', key: 49, versions: '0-1', flexible: '1+' },
  {
    entries: array('0+', {
      entity: array('0+', {
        entityType: string('0+'),
        entityName: string('0+', { nullable: '0+' }),
      }),
      ops: array('0+', {
        key: string('0+'),
        value: float64('0+'),
        remove: bool('0+'),
      }),
    }),
    validateOnly: bool('0+'),
  },
);
export type AlterClientQuotasRequest = MessageOf<typeof AlterClientQuotasRequest>;

export const AlterClientQuotasResponse = message(
  { name: 'AlterClientQuotasResponse', key: 49, versions: '0-1', flexible: '1+' },
  {
    throttleTimeMs: int32('0+'),
    entries: array('0+', {
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
      entity: array('0+', {
        entityType: string('0+'),
        entityName: string('0+', { nullable: '0+' }),
      }),
    }),
  },
);
export type AlterClientQuotasResponse = MessageOf<typeof AlterClientQuotasResponse>;

export const AlterClientQuotas = api({
  key: 49,
  name: 'AlterClientQuotas',
  listeners: ['broker', 'controller'],
  request: AlterClientQuotasRequest,
  response: AlterClientQuotasResponse,
});
