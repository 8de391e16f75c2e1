import fs from 'node:fs';
import path from 'node:path';
import { checkBatchLine } from './batch_line.ts';
import { MESSAGE_BY_NAME } from './declarations.ts';
import { type ApiFacts, checkApiFacts, checkIndexEntry, type IndexEntry } from './facts.ts';
import { checkInvalidLine } from './invalid_line.ts';
import { checkMessageLine } from './message_line.ts';

export interface Reporter {
  /** A check was made; `problem` is what failed, in words. */
  checked(place: string, problem: string | undefined): void;
  /** A part of the folder is not there, and so is not checked. */
  absent(file: string): void;
}

/** The folder is not there, or is no folder of vectors. */
export class NotVectors extends Error {}

/**
 * Checks every line of a folder of vectors: index.json, headers.json, MODULE/NAME.jsonl, and those of records/ where it
 * has such.
 * @throws {NotVectors}
 */
export function checkFolder(folder: string, reporter: Reporter): void {
  const index = readIndex(folder);
  checkHeaderFacts(folder, reporter);
  const listed = new Set<string>();
  for (const [position, entry] of index.entries()) {
    const place = `index.json entry ${position + 1}`;
    if (!isIndexEntry(entry)) {
      reporter.checked(place, 'the entry has no name, type, validVersions and file');
      continue;
    }
    const message = MESSAGE_BY_NAME.get(entry.name);
    reporter.checked(
      `${place} (${entry.name})`,
      attempt(() => checkIndexEntry(message, entry)),
    );
    if (entry.file === null) continue;
    listed.add(entry.file);
    checkFile(folder, entry, reporter);
  }
  for (const file of messageFiles(folder)) {
    if (!listed.has(file)) reporter.checked(file, 'the file is not in index.json');
  }
  for (const [file, check] of Object.entries(RECORD_FILES)) {
    if (fs.existsSync(path.join(folder, file))) checkLines(folder, file, { check, reporter });
    else reporter.absent(file);
  }
}

/** The files of record batches, and what checks their lines. */
const RECORD_FILES: Readonly<Record<string, (line: string) => string | undefined>> = {
  'records/batches.jsonl': checkBatchLine,
  'records/invalid.jsonl': checkInvalidLine,
};

function readIndex(folder: string): readonly unknown[] {
  if (!fs.existsSync(folder)) throw new NotVectors(`there is no folder ${folder}`);
  let index: unknown;
  try {
    index = JSON.parse(fs.readFileSync(path.join(folder, 'index.json'), 'utf8'));
  } catch (error) {
    throw new NotVectors(`${folder} has no index.json that can be read: ${(error as Error).message}`);
  }
  if (!Array.isArray(index)) throw new NotVectors(`the index.json of ${folder} is no array of messages`);
  return index;
}

function isIndexEntry(entry: unknown): entry is IndexEntry {
  if (typeof entry !== 'object' || entry === null) return false;
  const { name, type, validVersions, file } = entry as Record<string, unknown>;
  return (
    [name, type, validVersions].every(each => typeof each === 'string') &&
    (file === null || typeof file === 'string')
  );
}

function checkFile(folder: string, entry: IndexEntry, reporter: Reporter): void {
  const message = MESSAGE_BY_NAME.get(entry.name);
  const check = (line: string) =>
    message ? checkMessageLine(message, entry.prefix, line) : `there is no declaration of ${entry.name}`;
  checkLines(folder, entry.file!, { check, reporter });
}

interface LineCheck {
  /** What is wrong with a line, in words. */
  readonly check: (line: string) => string | undefined;
  readonly reporter: Reporter;
}

function checkLines(folder: string, file: string, { check, reporter }: LineCheck): void {
  let text: string;
  try {
    text = fs.readFileSync(path.join(folder, file), 'utf8');
  } catch (error) {
    reporter.checked(file, `cannot be read: ${(error as Error).message}`);
    return;
  }
  for (const [position, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue;
    reporter.checked(
      `${file}:${position + 1}`,
      attempt(() => check(line)),
    );
  }
}

function checkHeaderFacts(folder: string, reporter: Reporter): void {
  const file = path.join(folder, 'headers.json');
  if (!fs.existsSync(file)) {
    reporter.absent('headers.json');
    return;
  }
  const problem = attempt(() => {
    const facts: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
    if (!Array.isArray(facts)) return 'it is no array of APIs';
    for (const [position, each] of (facts as ApiFacts[]).entries()) {
      reporter.checked(
        `headers.json entry ${position + 1} (${each?.name})`,
        attempt(() => checkApiFacts(each)),
      );
    }
    return undefined;
  });
  if (problem !== undefined) reporter.checked('headers.json', problem);
}

/** What the check finds, or what it threw: a strange fact of the folder must not end the run. */
function attempt(check: () => string | undefined): string | undefined {
  try {
    return check();
  } catch (error) {
    return String(error);
  }
}

/** The files of messages in the folder's modules, relative to it; records/ holds batches, not messages. */
function messageFiles(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => name.replaceAll('\\', '/'))
    .filter(name => name.endsWith('.jsonl') && !name.startsWith('records/'))
    .sort();
}
