import fs from 'node:fs';
import path from 'node:path';
import { MESSAGE_BY_NAME } from './declarations.ts';
import { type ApiFacts, checkApiFacts, checkIndexEntry, type IndexEntry } from './facts.ts';
import { checkMessageLine } from './message_line.ts';

/** Told of each check: `problem` is what failed, in words. */
export type Report = (place: string, problem: string | undefined) => void;

/** The folder is not there, or is no folder of vectors. */
export class NotVectors extends Error {}

/**
 * Checks every line of a folder of vectors: index.json, headers.json, MODULE/NAME.jsonl.
 * @throws {NotVectors}
 */
export function checkFolder(folder: string, report: Report): void {
  const index = readIndex(folder);
  checkHeaderFacts(folder, report);
  const listed = new Set<string>();
  for (const [position, entry] of index.entries()) {
    const place = `index.json entry ${position + 1}`;
    if (!isIndexEntry(entry)) {
      report(place, 'the entry has no name, type, validVersions and file');
      continue;
    }
    const message = MESSAGE_BY_NAME.get(entry.name);
    report(
      `${place} (${entry.name})`,
      attempt(() => checkIndexEntry(message, entry)),
    );
    if (entry.file === null) continue;
    listed.add(entry.file);
    checkFile(folder, entry, report);
  }
  for (const file of messageFiles(folder)) {
    if (!listed.has(file)) report(file, 'the file is not in index.json');
  }
}

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

function checkFile(folder: string, entry: IndexEntry, report: Report): void {
  const file = entry.file!;
  const message = MESSAGE_BY_NAME.get(entry.name);
  let text: string;
  try {
    text = fs.readFileSync(path.join(folder, file), 'utf8');
  } catch (error) {
    report(file, `cannot be read: ${(error as Error).message}`);
    return;
  }
  for (const [position, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue;
    const problem = message
      ? checkMessageLine(message, entry.prefix, line)
      : `there is no declaration of ${entry.name}`;
    report(`${file}:${position + 1}`, problem);
  }
}

function checkHeaderFacts(folder: string, report: Report): void {
  const problem = attempt(() => {
    const facts: unknown = JSON.parse(fs.readFileSync(path.join(folder, 'headers.json'), 'utf8'));
    if (!Array.isArray(facts)) return 'it is no array of APIs';
    for (const [position, each] of (facts as ApiFacts[]).entries()) {
      report(
        `headers.json entry ${position + 1} (${each?.name})`,
        attempt(() => checkApiFacts(each)),
      );
    }
    return undefined;
  });
  if (problem !== undefined) report('headers.json', problem);
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
