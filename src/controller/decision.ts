import type { Offset } from '../model/ids.ts';
import type { MetadataRecord } from './metadata_record.ts';

/** What the controller makes of a request: records that change the metadata, and what to answer once they hold. */
export interface Decision<Response> {
  readonly response: Response;
  readonly records: readonly MetadataRecord[];
  /** Whether the records go into one batch. Others may be split, because each of them is a whole change. */
  readonly atomic: boolean;
  /** Is called with the offset of the last record, or of the one before when there are none. */
  readonly proposed?: (lastOffset: Offset) => void;
}

/** All records or none. */
export function atomically<Response>(
  response: Response,
  records: readonly MetadataRecord[] = [],
): Decision<Response> {
  return { response, records, atomic: true };
}

/** Each record by itself is a whole change: there may be more than fit into a batch. */
export function severally<Response>(
  response: Response,
  records: readonly MetadataRecord[] = [],
): Decision<Response> {
  return { response, records, atomic: false };
}
