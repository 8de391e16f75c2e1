import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import type { Disk } from '../model/ports.ts';
import { TEMPORARY_SUFFIX } from './file_names.ts';

/*
 * Kafka's checkpoint files: text with the format's version, the number of entries, and a line an entry. Written to a
 * temporary file, synced, renamed into place, and the directory synced: a crash leaves the old file or the new one.
 */

/** A bound on what is read of a checkpoint: above the entries of a million partitions. */
const MAX_CHECKPOINT_BYTES = 256 * 1024 * 1024;

/** The kind of a checkpoint file: its version and how an entry looks on its line. */
export interface CheckpointFormat<Entry> {
  readonly version: number;
  encode(entry: Entry): string;
  /** Undefined when the line is no entry. */
  decode(line: string): Entry | undefined;
}

export function encodeCheckpoint<Entry>(format: CheckpointFormat<Entry>, entries: readonly Entry[]): string {
  return [format.version, entries.length, ...entries.map(entry => format.encode(entry))]
    .join('\n')
    .concat('\n');
}

/**
 * Reads the text of a checkpoint. Blank lines at its end and carriage returns are ignored; an empty text has no
 * entries, as in Kafka.
 * @param path for the error's text
 * @returns a KAFKA_STORAGE_ERROR failure when it is no checkpoint of this format
 */
export function decodeCheckpoint<Entry>(
  format: CheckpointFormat<Entry>,
  text: string,
  path: string,
): Entry[] | Failure {
  const malformed = (why: string) =>
    new Failure(
      Errors.KAFKA_STORAGE_ERROR,
      `Cannot read the checkpoint file ${path}: ${why}. Restore the file or remove it.`,
    );
  const lines = text.trimEnd().split(/\r?\n/);
  if (lines.length === 1 && lines[0] === '') return [];
  if (Number(lines[0]) !== format.version) {
    return malformed(`its version is "${shown(lines[0]!)}", not ${format.version}`);
  }
  const count = lines[1] ?? '0';
  if (!/^\d+$/.test(count)) return malformed(`its number of entries is "${shown(count)}"`);
  if (lines.length - 2 !== Number(count) && !(lines.length === 1 && Number(count) === 0)) {
    return malformed(`it announces ${count} entries and has ${lines.length - 2}`);
  }
  const entries: Entry[] = [];
  for (const line of lines.slice(2)) {
    const entry = format.decode(line);
    if (entry === undefined) return malformed(`the line "${shown(line)}" is no entry`);
    entries.push(entry);
  }
  return entries;
}

function shown(line: string): string {
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}

/**
 * Reads a checkpoint file.
 * @returns undefined when there is none, a failure when it is malformed
 * @throws {DiskError}
 */
export function readCheckpoint<Entry>(
  disk: Disk,
  path: string,
  format: CheckpointFormat<Entry>,
): Entry[] | Failure | undefined {
  const text = readText(disk, path);
  return text === undefined ? undefined : decodeCheckpoint(format, text, path);
}

/** @throws {DiskError} */
export async function writeCheckpoint<Entry>(
  disk: Disk,
  path: string,
  format: CheckpointFormat<Entry>,
  entries: readonly Entry[],
): Promise<void> {
  await writeFileDurably(disk, path, encodeCheckpoint(format, entries));
}

/**
 * The whole of a small file.
 * @returns undefined when there is none
 * @throws {DiskError}
 */
export function readText(disk: Disk, path: string): string | undefined {
  if (!disk.exists(path)) return undefined;
  const file = disk.open(path, 'read');
  try {
    return file.readNow(0, Math.min(file.sizeBytes, MAX_CHECKPOINT_BYTES)).toString('utf8');
  } finally {
    file.close();
  }
}

/**
 * Replaces a file, or makes it, so that a crash leaves the old content or the new one. Its name is durable once its
 * directory is synced. One write to a path at a time: the callers see to that.
 * @throws {DiskError}
 */
export async function writeFile(disk: Disk, path: string, content: string | Buffer): Promise<void> {
  const temporary = path + TEMPORARY_SUFFIX;
  const file = disk.open(temporary, 'create');
  try {
    file.truncate(0);
    file.write(0, [typeof content === 'string' ? Buffer.from(content) : content]);
    await file.sync();
  } finally {
    file.close();
  }
  disk.rename(temporary, path);
}

/** {@link writeFile}, and durable when done. @throws {DiskError} */
export async function writeFileDurably(disk: Disk, path: string, content: string | Buffer): Promise<void> {
  await writeFile(disk, path, content);
  await disk.syncDirectory(path.slice(0, path.lastIndexOf('/')));
}
