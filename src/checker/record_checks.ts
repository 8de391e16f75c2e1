import { type Findings, show } from './anomaly.ts';
import type { Operation } from './history.ts';
import type { KeyLog } from './key_log.ts';
import type { KeyLogs } from './key_logs.ts';

/** What the log of each key says by itself: places with two values, values at two places, and what is missing. */
export function checkLogs(logs: KeyLogs, findings: Findings): void {
  for (const log of logs) {
    checkOffsets(log, findings);
    checkDuplicates(log, findings);
    checkLostWrites(logs, log, findings);
    checkUnseen(log, findings);
  }
}

/** What polls returned, held against what became of those who wrote it. */
export function checkReads(operations: readonly Operation[], logs: KeyLogs, findings: Findings): void {
  for (const operation of operations) {
    if (operation.outcome !== 'ok') continue;
    for (const { key, records } of operation.polls) {
      const { writers } = logs.get(key)!;
      for (const [offset, value] of records) {
        const writer = writers.get(value);
        const found = `${show(value)} was polled from ${key} at offset ${offset}`;
        if (writer === undefined) {
          findings.add('unwritten-read', key, () => ({
            text: `${found}; nobody sent it`,
            operations: [operation],
          }));
        } else if (writer === operation) {
          findings.add('precommitted-read', key, () => ({
            text: `${found} by the operation that sent it`,
            operations: [operation],
          }));
        } else if (writer.outcome === 'fail') {
          findings.add('aborted-read', key, () => ({
            text: `${found}; sending it had failed`,
            operations: [writer, operation],
          }));
        }
      }
    }
  }
}

function checkOffsets(log: KeyLog, findings: Findings): void {
  for (const offset of log.inconsistentOffsets) {
    findings.add('inconsistent-offsets', log.key, () => {
      const sightings = log.sightings(offset);
      const values = sightings.map(({ value }) => show(value)).join(', ');
      return {
        text: `Offset ${offset} of ${log.key} holds ${sightings.length} values: ${values}`,
        operations: sightings.map(({ operation }) => operation),
      };
    });
  }
}

function checkDuplicates(log: KeyLog, findings: Findings): void {
  for (const value of log.repeated()) {
    findings.add('duplicate', log.key, () => {
      const offsets = log.offsetsOf(value);
      const writer = log.writers.get(value);
      return {
        text: `${show(value)} is in ${log.key} at ${offsets.length} offsets: ${offsets.join(', ')}`,
        operations: [
          ...(writer === undefined ? [] : [writer]),
          ...offsets.map(offset => log.sightings(offset).find(each => each.value === value)!.operation),
        ],
      };
    });
  }
}

function checkLostWrites(logs: KeyLogs, log: KeyLog, findings: Findings): void {
  let bound = -1;
  let boundReader: Operation | undefined;
  for (const [value, reader] of log.readers) {
    const index = log.firstIndexOf(value)!;
    if (index > bound) [bound, boundReader] = [index, reader];
  }
  for (const [value, writer] of log.writers) {
    const index = log.lastIndexOf(value);
    if (index === undefined || index > bound || log.readers.has(value)) continue;
    if (!logs.mustCommit(writer, log.key, value)) continue;
    findings.add('lost-write', log.key, () => ({
      text:
        `${show(value)} was written to ${log.key} at offset ${log.offsets[index]} and never read, ` +
        `though offset ${log.offsets[bound]} was`,
      operations: [writer, boundReader!],
    }));
  }
}

function checkUnseen(log: KeyLog, findings: Findings): void {
  for (const [value, writer] of log.writers) {
    if (writer.outcome !== 'ok' || log.readers.has(value)) continue;
    findings.add('unseen', log.key, () => ({
      text: `${show(value)} was written to ${log.key}, and acknowledged, and nobody read it`,
      operations: [writer],
    }));
  }
}
