import type { CrashMode } from './simulated_file.ts';
import { SimulatedFile } from './simulated_file.ts';

/** A directory of the simulated disk: its entries as the system sees them, and as they are on the disk itself. */
export class SimulatedDirectory {
  readonly kind = 'directory';
  readonly entries = new Map<string, Entry>();
  readonly stable = new Map<string, Entry>();
  /** By name: the last change that is not durable. */
  readonly unsynced = new Map<string, Change>();
  modifiedMs: number;

  constructor(modifiedMs: number) {
    this.modifiedMs = modifiedMs;
  }
}

export type Entry = SimulatedDirectory | SimulatedFile;

/** Where a path leads: a directory that exists, and a name in it that may stand for nothing. */
export interface Place {
  readonly directory: SimulatedDirectory;
  readonly name: string;
  readonly entry: Entry | undefined;
}

/** One name that gets another meaning; `entry` undefined: none. */
export interface Rebinding {
  readonly directory: SimulatedDirectory;
  readonly name: string;
  readonly entry: Entry | undefined;
}

/** Rebindings that happen together or not at all, as a rename's two. */
interface Change {
  readonly rebindings: readonly Rebinding[];
  /** Earlier changes to the same names: this one can't be on the disk without them. Empty once it is there. */
  readonly after: Set<Change>;
  /** Directories that this change removes for good. */
  readonly removed: readonly SimulatedDirectory[];
  /** Directories that must be synced before the change is certain; empty once it is on the disk. */
  readonly unsyncedDirectories: Set<SimulatedDirectory>;
}

/** The directories of a simulated disk. A change becomes durable when all directories that it touches are synced. */
export class SimulatedNamespace {
  readonly root: SimulatedDirectory;
  /** Oldest first. */
  readonly #unsynced = new Set<Change>();

  constructor(modifiedMs: number) {
    this.root = new SimulatedDirectory(modifiedMs);
  }

  /** Changes of names that a power cut may undo. */
  get unsyncedCount(): number {
    return this.#unsynced.size;
  }

  /** The names in a path; the first `/` makes no difference. */
  split(path: string): string[] {
    const names: string[] = [];
    for (const name of path.split('/')) {
      if (name === '..') names.pop();
      else if (name !== '' && name !== '.') names.push(name);
    }
    return names;
  }

  /** What is at `path`, if anything. */
  find(path: string): Entry | undefined {
    let entry: Entry | undefined = this.root;
    for (const name of this.split(path)) {
      entry = entry instanceof SimulatedDirectory ? entry.entries.get(name) : undefined;
    }
    return entry;
  }

  /** Where `path` leads, or the error that stands in the way. */
  place(path: string): Place | 'EINVAL' | 'ENOENT' | 'ENOTDIR' {
    const names = this.split(path);
    const name = names.pop();
    if (name === undefined) return 'EINVAL';
    const directory = this.find(names.join('/'));
    if (directory === undefined) return 'ENOENT';
    if (directory instanceof SimulatedFile) return 'ENOTDIR';
    return { directory, name, entry: directory.entries.get(name) };
  }

  /** Whether `inner` is `outer` or somewhere below it. */
  contains(outer: SimulatedDirectory, inner: SimulatedDirectory): boolean {
    if (outer === inner) return true;
    return [...outer.entries.values()].some(
      entry => entry instanceof SimulatedDirectory && this.contains(entry, inner),
    );
  }

  /** Changes names, at once for whoever looks, durable later. */
  change(rebindings: readonly Rebinding[], modifiedMs: number): void {
    const after = new Set<Change>();
    const removed: SimulatedDirectory[] = [];
    for (const { directory, name } of rebindings) {
      const earlier = directory.unsynced.get(name);
      if (earlier !== undefined) after.add(earlier);
      const entry = directory.entries.get(name);
      const isMoved = rebindings.some(each => each.entry === entry);
      if (entry instanceof SimulatedDirectory && !isMoved) removed.push(entry);
    }
    const change: Change = {
      rebindings,
      after,
      removed,
      unsyncedDirectories: new Set(rebindings.map(({ directory }) => directory)),
    };
    this.#unsynced.add(change);
    for (const { directory, name, entry } of rebindings) {
      bind(directory.entries, name, entry);
      directory.unsynced.set(name, change);
      directory.modifiedMs = modifiedMs;
    }
  }

  /** The changes that a sync of `directory` begun now will cover. */
  beginSync(directory: SimulatedDirectory): readonly object[] {
    return [...this.#unsynced].filter(change => change.unsyncedDirectories.has(directory));
  }

  completeSync(directory: SimulatedDirectory, changes: readonly object[]): void {
    this.#settle(directory, changes as readonly Change[]);
  }

  #settle(directory: SimulatedDirectory, changes: Iterable<Change>): void {
    for (const change of changes) {
      change.unsyncedDirectories.delete(directory);
      if (change.unsyncedDirectories.size === 0) this.#makeStable(change);
    }
  }

  /** Leaves the directories as a power cut does; returns what can be reached of the files. */
  crash(mode: CrashMode): Set<SimulatedFile> {
    if (mode !== 'drop-unsynced') {
      const { random } = mode;
      // All the same chance, or all up to a point in time, as a journal would have it.
      const isJournal = random.fraction() < 0.5;
      const limit = random.fraction() * this.#unsynced.size;
      for (const [index, change] of [...this.#unsynced].entries()) {
        const isKept = isJournal ? index < limit : random.fraction() < 0.5;
        if (isKept && ![...change.after].some(earlier => this.#unsynced.has(earlier)))
          this.#makeStable(change);
      }
    }
    this.#unsynced.clear();
    const files = new Set<SimulatedFile>();
    adoptStable(this.root, files);
    return files;
  }

  /** Puts a change on the disk, with all those before it that it builds on. */
  #makeStable(last: Change): void {
    const chain = [last];
    for (let change = chain.pop(); change !== undefined; change = chain.pop()) {
      const earlier = [...change.after].find(each => this.#unsynced.has(each));
      if (earlier !== undefined) {
        chain.push(change, earlier);
        continue;
      }
      if (!this.#unsynced.delete(change)) continue;
      change.after.clear();
      for (const { directory, name, entry } of change.rebindings) {
        bind(directory.stable, name, entry);
        if (directory.unsynced.get(name) === change) directory.unsynced.delete(name);
      }
      // Nobody can sync what is gone: what waited for that is settled too.
      for (const directory of change.removed) this.#settle(directory, this.#unsynced);
    }
  }
}

function bind(entries: Map<string, Entry>, name: string, entry: Entry | undefined): void {
  if (entry === undefined) entries.delete(name);
  else entries.set(name, entry);
}

function adoptStable(directory: SimulatedDirectory, files: Set<SimulatedFile>): void {
  directory.unsynced.clear();
  directory.entries.clear();
  for (const [name, entry] of directory.stable) {
    directory.entries.set(name, entry);
    if (entry instanceof SimulatedFile) files.add(entry);
    else adoptStable(entry, files);
  }
}
