import type { DirectoryLock, DirectorySpace, Disk, OpenMode } from '../model/ports.ts';
import type { SimulatedClock } from './simulated_clock.ts';
import { type DiskFault, type DiskOperation, diskError, type SimulatedDisk } from './simulated_disk.ts';
import { SimulatedFile } from './simulated_file.ts';
import { SimulatedHandle } from './simulated_handle.ts';
import { type Entry, type Place, SimulatedDirectory } from './simulated_namespace.ts';

/** The file that a lock is taken on; it stays when the lock is released. */
const LOCK_FILE = '.lock';

/** The rest of an operation that takes time. */
interface Completion<T> {
  readonly delayMs: number;
  /** Ends it on the disk, whether or not the process still lives; throws with the `code` of an injected fault. */
  readonly end: (code: string | undefined) => T;
}

/** A simulated disk as one process sees it. Once the process is dead, nothing that it still tries has an effect. */
export class SimulatedMount implements Disk {
  readonly disk: SimulatedDisk;
  readonly clock: SimulatedClock;
  readonly #handles = new Set<SimulatedHandle>();
  #isDead = false;

  constructor(disk: SimulatedDisk, clock: SimulatedClock) {
    this.disk = disk;
    this.clock = clock;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** The process dies (kill -9): its handles and locks are gone, what it wrote stays in the system's cache. */
  kill(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    for (const handle of [...this.#handles]) handle.close();
    this.disk.unmount(this);
  }

  open(path: string, mode: OpenMode): SimulatedHandle {
    this.#beginNow('open', path);
    const place = this.#place('open', path);
    const { entry } = place;
    if (entry instanceof SimulatedDirectory) throw diskError('EISDIR', 'open', path);
    if (entry !== undefined && mode === 'create-new') throw diskError('EEXIST', 'open', path);
    if (entry === undefined && (mode === 'read' || mode === 'write')) throw diskError('ENOENT', 'open', path);
    const handle = new SimulatedHandle(this, path, entry ?? this.#createFile(place), mode !== 'read');
    this.#handles.add(handle);
    return handle;
  }

  list(path: string): readonly string[] {
    this.#beginNow('list', path);
    return [...this.#directory('list', path).entries.keys()].sort();
  }

  exists(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  isDirectory(path: string): boolean {
    return this.#find(path) instanceof SimulatedDirectory;
  }

  fileSizeBytes(path: string): number {
    const entry = this.#entry('read the size of', path);
    if (entry instanceof SimulatedDirectory) throw diskError('EISDIR', 'read the size of', path);
    return entry.sizeBytes;
  }

  modifiedMs(path: string): number {
    return this.#entry('read the times of', path).modifiedMs;
  }

  makeDirectory(path: string): void {
    this.#beginNow('make-directory', path);
    let directory = this.disk.namespace.root;
    const names = this.disk.namespace.split(path);
    for (const [index, name] of names.entries()) {
      let entry = directory.entries.get(name);
      if (entry instanceof SimulatedFile) {
        throw diskError(index === names.length - 1 ? 'EEXIST' : 'ENOTDIR', 'make the directory', path);
      }
      if (entry === undefined) {
        entry = new SimulatedDirectory(this.clock.nowMs());
        this.#change([{ directory, name, entry }]);
      }
      directory = entry;
    }
  }

  rename(from: string, to: string): void {
    this.#beginNow('rename', from);
    const source = this.#place('rename', from);
    const target = this.#place('rename to', to);
    const { entry } = source;
    if (entry === undefined) throw diskError('ENOENT', 'rename', from);
    if (entry === target.entry) return;
    if (entry instanceof SimulatedDirectory) {
      if (target.entry instanceof SimulatedFile) throw diskError('ENOTDIR', 'rename to', to);
      if (target.entry !== undefined && target.entry.entries.size > 0) {
        throw diskError('ENOTEMPTY', 'rename to', to);
      }
      if (this.disk.namespace.contains(entry, target.directory)) throw diskError('EINVAL', 'rename to', to);
    } else if (target.entry instanceof SimulatedDirectory) throw diskError('EISDIR', 'rename to', to);
    this.#change([
      { directory: source.directory, name: source.name, entry: undefined },
      { directory: target.directory, name: target.name, entry },
    ]);
    if (target.entry instanceof SimulatedFile) this.disk.release(target.entry);
  }

  remove(path: string): void {
    this.#beginNow('remove', path);
    const place = this.disk.namespace.place(path);
    if (typeof place === 'string' || place.entry === undefined) return;
    if (place.entry instanceof SimulatedDirectory) throw diskError('EISDIR', 'remove', path);
    this.#unlink(place, place.entry);
  }

  removeDirectory(path: string): void {
    this.#beginNow('remove', path);
    const place = this.disk.namespace.place(path);
    if (typeof place === 'string' || place.entry === undefined) return;
    if (place.entry instanceof SimulatedFile) throw diskError('ENOTDIR', 'remove the directory', path);
    this.#unlink(place, place.entry);
  }

  syncDirectory(path: string): Promise<void> {
    return this.later('sync-directory', path, 0, 0, () => {
      const directory = this.#directory('sync', path);
      const changes = this.disk.namespace.beginSync(directory);
      return {
        delayMs: this.disk.syncMs,
        end: code => {
          if (code !== undefined) throw diskError(code, 'sync', path);
          this.disk.namespace.completeSync(directory, changes);
        },
      };
    });
  }

  lockDirectory(path: string): DirectoryLock | undefined {
    this.#beginNow('open', `${path}/${LOCK_FILE}`);
    const directory = this.#directory('lock', path);
    const { locks } = this.disk;
    if (locks.has(directory)) return undefined;
    const entry = directory.entries.get(LOCK_FILE);
    if (entry === undefined) this.#createFile({ directory, name: LOCK_FILE });
    locks.set(directory, this);
    let isHeld = true;
    const release = (): void => {
      if (isHeld && !this.#isDead) locks.delete(directory);
      isHeld = false;
    };
    return { release };
  }

  space(path: string): DirectorySpace {
    this.#directory('read the space of', path);
    return {
      totalBytes: this.disk.capacityBytes,
      usableBytes: this.disk.capacityBytes - this.disk.usedBytes,
    };
  }

  absolutePath(path: string): string {
    return `/${this.disk.namespace.split(path).join('/')}`;
  }

  /**
   * Called before each operation; returns how it is to fail.
   * @throws {DiskError} when the process is dead, be it that the fault's injector has just killed it
   */
  begin(kind: DiskOperation['kind'], path: string, position = 0, length = 0): DiskFault | undefined {
    const fault = this.#isDead ? undefined : this.disk.faults?.({ kind, path, position, length });
    if (this.#isDead) throw diskError('EIO', `${kind} (the process is dead)`, path);
    return fault;
  }

  /** An operation that takes time: `start` begins it now, and what that returns ends it later. */
  later<T>(
    kind: DiskOperation['kind'],
    path: string,
    position: number,
    length: number,
    start: () => Completion<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      // The dead get no answer.
      if (this.#isDead) return;
      const fault = this.disk.faults?.({ kind, path, position, length });
      if (this.#isDead) return;
      const { delayMs, end } = start();
      const { crashCount } = this.disk;
      this.disk.time.schedule(delayMs + (fault?.delayMs ?? 0), () => {
        // A power cut stopped it.
        if (this.disk.crashCount !== crashCount) return;
        const outcome = attempt(() => end(fault?.code));
        this.clock.deliver(() => {
          if (this.#isDead) return;
          if ('value' in outcome) resolve(outcome.value);
          else reject(outcome.error);
        });
      });
    });
  }

  /** Called by a handle that is closed. */
  forget(handle: SimulatedHandle): void {
    this.#handles.delete(handle);
  }

  /** {@link begin} for what knows no way to fail but the plain one. */
  #beginNow(kind: DiskOperation['kind'], path: string): void {
    const fault = this.begin(kind, path);
    if (fault?.code !== undefined) throw diskError(fault.code, kind, path);
  }

  #find(path: string): Entry | undefined {
    if (this.#isDead) throw diskError('EIO', 'look up (the process is dead)', path);
    return this.disk.namespace.find(path);
  }

  #entry(action: string, path: string): Entry {
    const entry = this.#find(path);
    if (entry === undefined) throw diskError('ENOENT', action, path);
    return entry;
  }

  #directory(action: string, path: string): SimulatedDirectory {
    const entry = this.#entry(action, path);
    if (entry instanceof SimulatedFile) throw diskError('ENOTDIR', action, path);
    return entry;
  }

  #place(action: string, path: string): Place {
    const place = this.disk.namespace.place(path);
    if (typeof place === 'string') throw diskError(place, action, path);
    return place;
  }

  #createFile({ directory, name }: { directory: SimulatedDirectory; name: string }): SimulatedFile {
    const file = new SimulatedFile(this.clock.nowMs());
    this.#change([{ directory, name, entry: file }]);
    this.disk.retain(file);
    return file;
  }

  #change(rebindings: Parameters<SimulatedDisk['namespace']['change']>[0]): void {
    this.disk.namespace.change(rebindings, this.clock.nowMs());
  }

  #unlink({ directory, name }: { directory: SimulatedDirectory; name: string }, entry: Entry): void {
    if (entry instanceof SimulatedFile) this.disk.release(entry);
    else
      for (const [child, below] of [...entry.entries]) this.#unlink({ directory: entry, name: child }, below);
    this.#change([{ directory, name, entry: undefined }]);
  }
}

function attempt<T>(action: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: action() };
  } catch (error) {
    return { error };
  }
}
