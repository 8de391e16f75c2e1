import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import { type Clock, type Disk, DiskError, type Logger } from '../../model/ports.ts';
import { parseUserRules, type UserRule } from './user_rules.ts';

export interface UserRulesFileOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Between two looks whether the file has changed. */
const LOOK_INTERVAL_MS = 5_000;
const NONE: readonly UserRule[] = [];

/** The rules of `alerts.rules.file`: read at the start, and again when the file changes. */
export class UserRulesFile {
  readonly #options: UserRulesFileOptions;
  #path: string | undefined;
  #rules = NONE;
  #problem: string | undefined;
  /** When the file was last written, as far as is known. */
  #modifiedMs: number | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(options: UserRulesFileOptions) {
    this.#options = options;
  }

  /** Why the file as it is can't be used; undefined when it can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Reads the file for the first time. @returns INVALID_CONFIG with all that is wrong with it */
  open(path: string | undefined): Failure | undefined {
    this.current(path);
    return this.#problem === undefined ? undefined : new Failure(Errors.INVALID_CONFIG, this.#problem);
  }

  /** The rules of the file; where it has become wrong, those before. */
  current(path: string | undefined): readonly UserRule[] {
    const { clock, logger } = this.#options;
    if (path !== this.#path) {
      this.#path = path;
      this.#rules = NONE;
      this.#modifiedMs = undefined;
      this.#problem = undefined;
      this.#lookedMs = Number.NEGATIVE_INFINITY;
    }
    if (path === undefined || clock.monotonicMs() - this.#lookedMs < LOOK_INTERVAL_MS) return this.#rules;
    this.#lookedMs = clock.monotonicMs();
    const known = this.#problem;
    const isFirst = this.#modifiedMs === undefined;
    const read = this.#read(path);
    if (failed(read)) {
      this.#problem = read.message;
      if (read.message !== known)
        logger.warn('The rules of alerts.rules.file can not be used', { error: read.message });
    } else if (read !== undefined) {
      this.#problem = undefined;
      this.#rules = read;
      if (!isFirst) logger.info('The rules of alerts.rules.file were read again', { rules: read.length });
    }
    return this.#rules;
  }

  /** @returns undefined when the file has not changed */
  #read(path: string): readonly UserRule[] | Failure | undefined {
    const { disk } = this.#options;
    try {
      const modifiedMs = disk.modifiedMs(path);
      if (modifiedMs === this.#modifiedMs) return undefined;
      this.#modifiedMs = modifiedMs;
      const file = disk.open(path, 'read');
      try {
        const rules = parseUserRules(file.readNow(0, file.sizeBytes).toString());
        if (!('problems' in rules)) return rules;
        return new Failure(Errors.INVALID_CONFIG, `${path}: ${rules.problems.join('; ')}`);
      } finally {
        file.close();
      }
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#modifiedMs = undefined;
      return new Failure(Errors.INVALID_CONFIG, `Cannot read alerts.rules.file ${path}: ${error.message}`);
    }
  }
}
