import type { Operation, Value } from './history.ts';
import { KeyLog } from './key_log.ts';

/** The logs of all keys, as a history shows them. */
export class KeyLogs {
  readonly #byKey = new Map<string, KeyLog>();

  /** @returns what makes the history useless: a value that is sent twice */
  static of(operations: readonly Operation[]): KeyLogs | string {
    const logs = new KeyLogs();
    for (const operation of operations) {
      for (const { key, value } of operation.sends) {
        const { writers } = logs.#log(key);
        if (writers.has(value)) {
          return `The value ${JSON.stringify(value)} is sent to ${key} twice: each value has to be sent once`;
        }
        writers.set(value, operation);
      }
    }
    for (const operation of operations) logs.#readBy(operation);
    for (const operation of operations) logs.#sentBy(operation);
    for (const log of logs.#byKey.values()) log.arrange();
    return logs;
  }

  [Symbol.iterator](): Iterator<KeyLog> {
    return this.#byKey.values();
  }

  get(key: string): KeyLog | undefined {
    return this.#byKey.get(key);
  }

  /**
   * Whether an operation's send of `value` must count: it was acknowledged, or somebody read it, or something of the
   * same transaction.
   */
  mustCommit(operation: Operation, key: string, value: Value): boolean {
    if (operation.outcome === 'ok') return true;
    if (operation.outcome === 'fail') return false;
    if (operation.action !== 'transaction') return this.#isRead(key, value);
    return operation.sends.some(send => this.#isRead(send.key, send.value));
  }

  #isRead(key: string, value: Value): boolean {
    return this.#byKey.get(key)?.readers.has(value) ?? false;
  }

  #log(key: string): KeyLog {
    let log = this.#byKey.get(key);
    if (log === undefined) {
      log = new KeyLog(key);
      this.#byKey.set(key, log);
    }
    return log;
  }

  #readBy(operation: Operation): void {
    for (const { key, records } of operation.polls) {
      const log = this.#log(key);
      for (const [offset, value] of records) {
        log.see(offset, value, operation);
        if (operation.outcome === 'ok' && !log.readers.has(value)) log.readers.set(value, operation);
      }
    }
  }

  #sentBy(operation: Operation): void {
    for (const { key, value, offset } of operation.sends) {
      if (offset !== undefined && this.mustCommit(operation, key, value)) {
        this.#log(key).see(offset, value, operation);
      }
    }
  }
}
