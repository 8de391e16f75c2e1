import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { asLeaderEpoch, asNodeId } from '../model/ids.ts';
import { type Disk, DiskError, type DiskFile } from '../model/ports.ts';
import { isUuid, ZERO_UUID } from '../model/uuid.ts';
import { type Election, sameVow, type Vow } from './quorum_state.ts';
import { directoryIdOrZero, replicaKey } from './replica_key.ts';
import type { VoterSet } from './voter_set.ts';

/*
 * The file `quorum-state`: one line of JSON, in version 0 of its format under kraft.version 0, else in version 1.
 * It is replaced as a whole: written beside it, synced, renamed, and the rename synced.
 */

const FILE_NAME = 'quorum-state';
const NOBODY = -1;

/** What is to be stored, and in which form. */
export interface StoredElection {
  readonly election: Election;
  readonly kraftVersion: number;
  /** Only the form under kraft.version 0 names them. */
  readonly voters: VoterSet;
}

export interface ElectionStoreEvents {
  /** The vow that was asked for last is durable now. */
  durable(): void;
  failed(failure: Failure): void;
}

/**
 * Keeps what the node has promised. Saving is asked for at once and done in the background; several saves while one
 * is on its way become one. Whoever acts on a promise waits for {@link isDurable} first.
 */
export class ElectionStore {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #events: ElectionStoreEvents;
  #durableVow: Vow | undefined;
  #wanted: StoredElection | undefined;
  /** Resolves when the write that is under way has ended. */
  #writing: Promise<void> | undefined;
  #failed = false;
  #isDirectoryDurable = false;
  #waiting: ((durable: boolean) => void)[] = [];

  constructor(disk: Disk, directory: string, events: ElectionStoreEvents) {
    this.#disk = disk;
    this.#directory = directory;
    this.#events = events;
  }

  /**
   * What was stored last; undefined when nothing was. It is as durable as the crash left it: save it again before
   * anything is built on it.
   * @returns KAFKA_STORAGE_ERROR when the file can't be read or is not what it should be
   */
  load(): Election | undefined | Failure {
    const path = `${this.#directory}/${FILE_NAME}`;
    try {
      if (!this.#disk.exists(path)) return undefined;
      const file = this.#disk.open(path, 'read');
      const text = file.readNow(0, file.sizeBytes).toString('utf8');
      file.close();
      const election = parseElection(text);
      if (typeof election !== 'string') return election;
      return new Failure(
        Errors.KAFKA_STORAGE_ERROR,
        `Cannot use ${path}: ${election}. The node can't know what it has promised: restore the file, or remove ` +
          'the directory and add the node to the quorum as a new voter',
      );
    } catch (error) {
      return storageFailure(error, `read ${path}`);
    }
  }

  save(stored: StoredElection): void {
    this.#wanted = stored;
    if (this.#writing === undefined && !this.#failed) this.#writing = this.#writeAll();
  }

  /** Whether the node may act on its epoch and its vote. */
  get isDurable(): boolean {
    if (this.#failed || this.#wanted === undefined || this.#durableVow === undefined) return false;
    return sameVow(this.#wanted.election, this.#durableVow);
  }

  /** Resolves when everything that was saved before the call is durable, or replaced by what is; false if it never is. */
  whenDurable(): Promise<boolean> {
    if (this.isDurable) return Promise.resolve(true);
    if (this.#failed) return Promise.resolve(false);
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    // Not at once: several changes of one turn of the event loop become one write.
    await Promise.resolve();
    try {
      for (;;) {
        const stored = this.#wanted!;
        await this.#write(stored);
        this.#durableVow = stored.election;
        if (this.isDurable) {
          this.#release(true);
          this.#events.durable();
        }
        if (this.#wanted === stored) break;
      }
    } catch (error) {
      const failure = storageFailure(error, `write ${this.#directory}/${FILE_NAME}`);
      this.#failed = true;
      this.#release(false);
      this.#events.failed(failure);
    } finally {
      this.#writing = undefined;
    }
  }

  async #write(stored: StoredElection): Promise<void> {
    const path = `${this.#directory}/${FILE_NAME}`;
    const temporary = `${path}.tmp`;
    let file: DiskFile | undefined;
    try {
      file = this.#disk.open(temporary, 'create');
      file.truncate(0);
      file.write(0, [Buffer.from(formatElection(stored), 'utf8')]);
      await file.sync();
    } finally {
      file?.close();
    }
    this.#disk.rename(temporary, path);
    await this.#disk.syncDirectory(this.#directory);
    if (this.#isDirectoryDurable) return;
    // The directory itself may be new, and with it everything in it would be lost.
    await this.#disk.syncDirectory(this.#directory.slice(0, this.#directory.lastIndexOf('/')) || '/');
    this.#isDirectoryDurable = true;
  }

  #release(durable: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve(durable);
  }
}

/** Makes a {@link DiskError} the failure that it is; any other error is ours and goes on. */
export function storageFailure(error: unknown, action: string): Failure {
  if (!(error instanceof DiskError)) throw error;
  return new Failure(Errors.KAFKA_STORAGE_ERROR, `Cannot ${action}: ${error.message} (${error.code})`);
}

function formatElection({ election, kraftVersion, voters }: StoredElection): string {
  const leaderId = election.leaderId ?? NOBODY;
  const leaderEpoch = election.epoch;
  const votedId = election.votedKey?.id ?? NOBODY;
  if (kraftVersion > 0) {
    const votedDirectoryId =
      election.votedKey === undefined ? ZERO_UUID : directoryIdOrZero(election.votedKey);
    return JSON.stringify({ leaderId, leaderEpoch, votedId, votedDirectoryId, data_version: 1 });
  }
  const currentVoters = voters.voters.map(voter => ({ voterId: voter.key.id }));
  return JSON.stringify({
    clusterId: '',
    leaderId,
    leaderEpoch,
    votedId,
    appliedOffset: 0,
    currentVoters,
    data_version: 0,
  });
}

/** The election, or what is wrong with the text. */
function parseElection(text: string): Election | string {
  let json: unknown;
  try {
    json = JSON.parse(text.split('\n', 1)[0]!);
  } catch {
    return 'it holds no JSON';
  }
  if (typeof json !== 'object' || json === null) return 'it holds no JSON object';
  const fields = json as Record<string, unknown>;
  const version = fields['data_version'];
  if (version !== 0 && version !== 1)
    return `its data_version is ${JSON.stringify(version)}, and 0 and 1 are known`;
  const { leaderId = NOBODY, leaderEpoch, votedId = NOBODY, votedDirectoryId = ZERO_UUID } = fields;
  if (!isInt32(leaderEpoch) || leaderEpoch < 0) return `its leaderEpoch is ${JSON.stringify(leaderEpoch)}`;
  if (!isInt32(leaderId) || leaderId < NOBODY) return `its leaderId is ${JSON.stringify(leaderId)}`;
  if (!isInt32(votedId) || votedId < NOBODY) return `its votedId is ${JSON.stringify(votedId)}`;
  if (typeof votedDirectoryId !== 'string' || !isUuid(votedDirectoryId)) {
    return `its votedDirectoryId is ${JSON.stringify(votedDirectoryId)}`;
  }
  return {
    epoch: asLeaderEpoch(leaderEpoch),
    leaderId: leaderId === NOBODY ? undefined : asNodeId(leaderId),
    votedKey: votedId === NOBODY ? undefined : replicaKey(votedId, votedDirectoryId),
  };
}

function isInt32(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 0x7fffffff;
}
