import { assert } from '../model/assert.ts';
import type { NodeId } from '../model/ids.ts';
import type { VoterSet } from './voter_set.ts';

/** The answers to one round of votes, or of questions before one (KIP-996). A voter's first answer counts. */
export class VoteTally {
  readonly #voters: VoterSet;
  /** Every key is a voter. */
  readonly #answers = new Map<NodeId, boolean>();

  constructor(voters: VoterSet) {
    this.#voters = voters;
  }

  record(voter: NodeId, granted: boolean): void {
    assert(this.#voters.has(voter), `${voter} is no voter: its answer can't count`);
    if (!this.#answers.has(voter)) this.#answers.set(voter, granted);
  }

  get granting(): readonly NodeId[] {
    return [...this.#answers].filter(([, granted]) => granted).map(([id]) => id);
  }

  hasAnswered(voter: NodeId): boolean {
    return this.#answers.has(voter);
  }

  /** Whether a majority granted. */
  get isGranted(): boolean {
    return this.granting.length >= this.#voters.majority;
  }

  /** Whether somebody refused: another one is in the way. */
  get isContested(): boolean {
    return this.granting.length < this.#answers.size;
  }

  /** Whether so many refused that there can't be a majority any more. */
  get isRejected(): boolean {
    const refused = this.#answers.size - this.granting.length;
    return this.#voters.size - refused < this.#voters.majority;
  }
}
