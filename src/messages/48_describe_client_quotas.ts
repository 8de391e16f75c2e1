import {
  api,
  array,
  bool,
  float64,
  int8,
  int16,
  int32,
  type MessageOf,
  message,
  string,
} from '../protocol/schema.ts';

/* Reads client quotas (KIP-546). */

export const DescribeClientQuotasRequest = message(
  { name: 'DescribeClientQuotasRequest', key: 48, versions: '0-1', flexible: '1+' },
  {
    components: array('0+', {
      entityType: string('0+'),
      matchType: int8('0+'),
      match: string('0+', { nullable: '0+' }),
    }),
    strict: bool('0+'),
  },
);
export type DescribeClientQuotasRequest = MessageOf<typeof DescribeClientQuotasRequest>;

export const DescribeClientQuotasResponse = message(
  { name: 'DescribeClientQuotasResponse', key: 48, versions: '0-1', flexible: '1+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    entries: array(
      '0+',
      {
        entity: array('0+', {
          entityType: string('0+'),
          entityName: string('0+', { nullable: '0+' }),
        }),
        values: array('0+', {
          key: string('0+'),
          value: float64('0+'),
        }),
      },
      { nullable: '0+' },
    ),
  },
);
export type DescribeClientQuotasResponse = MessageOf<typeof DescribeClientQuotasResponse>;

export const DescribeClientQuotas = api({
  key: 48,
  name: 'DescribeClientQuotas',
  listeners: ['broker'],
  request: DescribeClientQuotasRequest,
  response: DescribeClientQuotasResponse,
});
