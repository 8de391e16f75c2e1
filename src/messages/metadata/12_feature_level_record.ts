import { int16, type MessageOf, message, string } from '../../protocol/schema.ts';

/* The level of a feature. */

export const FeatureLevelRecord = message(
  { name: 'FeatureLevelRecord', key: 12, versions: '0', flexible: '0+' },
  {
    name: string('0+'),
    featureLevel: int16('0+'),
  },
);
export type FeatureLevelRecord = MessageOf<typeof FeatureLevelRecord>;
