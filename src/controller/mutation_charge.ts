import type { Failure } from '../model/failure.ts';

/**
 * Counts partitions that a request creates or deletes against the quota of its client (KIP-599).
 * @returns THROTTLING_QUOTA_EXCEEDED when the client has to wait first; what it asked for is not done then
 */
export type ChargeMutations = (partitions: number) => Failure | undefined;

/** For what the cluster does by itself. */
export const FREE_OF_CHARGE: ChargeMutations = () => undefined;
