import { array, int64, type MessageOf, message, string } from '../../protocol/schema.ts';

/* The topics that a subscription by pattern matched. */

export const ConsumerGroupRegularExpressionKey = message(
  { name: 'ConsumerGroupRegularExpressionKey', key: 16, versions: '0', flexible: 'none' },
  {
    groupId: string('0'),
    regularExpression: string('0'),
  },
);
export type ConsumerGroupRegularExpressionKey = MessageOf<typeof ConsumerGroupRegularExpressionKey>;

export const ConsumerGroupRegularExpressionValue = message(
  { name: 'ConsumerGroupRegularExpressionValue', key: 16, versions: '0', flexible: '0+' },
  {
    topics: array('0+', 'string'),
    version: int64('0+'),
    timestamp: int64('0+'),
  },
);
export type ConsumerGroupRegularExpressionValue = MessageOf<typeof ConsumerGroupRegularExpressionValue>;
