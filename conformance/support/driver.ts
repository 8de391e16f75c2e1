import type { Ledger } from './ledger.ts';
import type { Scenario } from './program.ts';

export interface Work {
  readonly partition: number;
  readonly value: string;
}

/** What a client on Node does for the scenarios that all such clients share. */
export interface Driver {
  createTopic(scenario: Scenario, topic: string, partitions: number): Promise<void>;
  /** Hands `work` a function that sends records and resolves when all are acknowledged by all replicas. */
  withSender<T>(
    scenario: Scenario,
    topic: string,
    work: (send: (records: readonly Work[]) => Promise<void>) => Promise<T>,
  ): Promise<T>;
  /** Starts a member of the group that enters in the ledger what it is assigned, processes and commits. */
  startMember(scenario: Scenario, membership: Membership): Promise<Member>;
  /** By partition: the offset that the group goes on at. */
  committedOffsets(scenario: Scenario, group: string, topic: string): Promise<Map<number, number>>;
  /** By partition: the offset that the next record gets. */
  endOffsets(scenario: Scenario, topic: string): Promise<Map<number, number>>;
  /** Calls `onValue` for each record of the topic from its beginning until the function that it resolves to is called. */
  readValues(
    scenario: Scenario,
    topic: string,
    onValue: (partition: number, value: string) => void,
  ): Promise<() => Promise<void>>;
}

export interface Membership {
  readonly group: string;
  readonly topic: string;
  readonly name: string;
  readonly ledger: Ledger;
  readonly instanceId?: string;
}

export interface Member {
  /** Leaves the group. */
  stop(): Promise<void>;
}
