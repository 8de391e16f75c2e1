import { api, array, bool, int8, int16, int32, type MessageOf, message, string } from '../protocol/schema.ts';

/* Raises or lowers feature levels of the cluster (KIP-584). */

export const UpdateFeaturesRequest = message(
  { name: 'UpdateFeaturesRequest', key: 57, versions: '0-2', flexible: '0+' },
  {
    timeoutMs: int32('0+', { default: 60000 }),
    featureUpdates: array('0+', {
      feature: string('0+'),
      maxVersionLevel: int16('0+'),
      allowDowngrade: bool('0'),
      upgradeType: int8('1+', { default: 1 }),
    }),
    validateOnly: bool('1+', { default: false }),
  },
);
export type UpdateFeaturesRequest = MessageOf<typeof UpdateFeaturesRequest>;

export const UpdateFeaturesResponse = message(
  { name: 'UpdateFeaturesResponse', key: 57, versions: '0-2', flexible: '0+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    results: array(
      '0-1',
      {
        feature: string('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
      },
      { ignorable: true },
    ),
  },
);
export type UpdateFeaturesResponse = MessageOf<typeof UpdateFeaturesResponse>;

export const UpdateFeatures = api({
  key: 57,
  name: 'UpdateFeatures',
  listeners: ['broker', 'controller'],
  request: UpdateFeaturesRequest,
  response: UpdateFeaturesResponse,
});
