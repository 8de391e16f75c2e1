import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { ControllerContext } from './controller_context.ts';
import { minIsrForAll } from './feature_updates.ts';
import {
  ELIGIBLE_LEADER_REPLICAS_FEATURE,
  FEATURES,
  KRAFT_VERSION_FEATURE,
  METADATA_VERSION_FEATURE,
} from './features.ts';
import { decodeMetadataRecord, type MetadataRecord, metadataRecord } from './metadata_record.ts';
import { hasMetadataTransactions, metadataVersionOf } from './metadata_version.ts';

/**
 * The records of a `bootstrap.checkpoint`, which Kafka's storage tool leaves when it formats a directory.
 * @param values of its data records
 * @returns a failure when they can't be read, or set no metadata.version
 */
export function readBootstrap(values: readonly Buffer[]): MetadataRecord[] | Failure {
  const records: MetadataRecord[] = [];
  for (const value of values) {
    const record = decodeMetadataRecord(value);
    if (failed(record)) return record;
    records.push(record);
  }
  if (levelIn(records, METADATA_VERSION_FEATURE) > 0) return records;
  return new Failure(
    Errors.INVALID_CONFIG,
    'bootstrap.checkpoint sets no metadata.version: format the directory again, or delete the file',
  );
}

export interface ActivationInput extends Pick<ControllerContext, 'image' | 'settings'> {
  /** Whether the log ends within a transaction, whose writer is gone. */
  readonly hasOpenTransaction: boolean;
  /** What {@link readBootstrap} gave; undefined for a directory that was never formatted. */
  readonly formatted: readonly MetadataRecord[] | undefined;
}

/**
 * What a new active controller writes first: the end of what its predecessor left open, and in an empty log the
 * features of the cluster, in the order and the transaction in which Kafka writes them.
 */
export function activationRecords(input: ActivationInput): MetadataRecord[] {
  const abort = input.hasOpenTransaction
    ? [metadataRecord('AbortTransactionRecord', 0, { reason: 'the controller that began it is gone' })]
    : [];
  if (input.image.metadataVersion !== undefined) return abort;
  const records = [...(input.formatted ?? initialFeatures())];
  if (levelIn(records, ELIGIBLE_LEADER_REPLICAS_FEATURE) > 0) records.push(...minIsrForAll(input));
  const metadataVersion = metadataVersionOf(levelIn(records, METADATA_VERSION_FEATURE));
  if (metadataVersion === undefined || !hasMetadataTransactions(metadataVersion))
    return [...abort, ...records];
  return [
    ...abort,
    metadataRecord('BeginTransactionRecord', 0, { name: 'Bootstrap records' }),
    ...records,
    metadataRecord('EndTransactionRecord', 0, {}),
  ];
}

function initialFeatures(): MetadataRecord[] {
  const [metadataVersion, ...others] = FEATURES;
  const sorted = others
    .filter(feature => feature.initial > 0 && feature.name !== KRAFT_VERSION_FEATURE)
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  return [metadataVersion!, ...sorted].map(({ name, initial }) =>
    metadataRecord('FeatureLevelRecord', 0, { name, featureLevel: initial }),
  );
}

/** The last level that the records set. */
function levelIn(records: readonly MetadataRecord[], name: string): number {
  const levels = records.flatMap(({ type, value }) =>
    type === 'FeatureLevelRecord' && value.name === name ? [value.featureLevel] : [],
  );
  return levels.at(-1) ?? 0;
}
