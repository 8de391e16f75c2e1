import fs from 'node:fs';
import path from 'node:path';
import {
  type DirectoryLock,
  type DirectorySpace,
  type Disk,
  DiskError,
  type OpenMode,
} from '../model/ports.ts';
import { RecentHistogram } from '../model/recent_histogram.ts';
import { lockDirectory } from './directory_lock.ts';
import { diskError, errorCode, withDiskErrors } from './disk_errors.ts';
import { closeDescriptor, LARGE_FILE_BYTES, NodeFile } from './node_file.ts';

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = fs.constants;

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: O_RDONLY,
  write: O_RDWR,
  create: O_RDWR | O_CREAT,
  'create-new': O_RDWR | O_CREAT | O_EXCL,
};

/** What systems say that can't sync a directory: Windows, and some network file systems. */
const CANNOT_SYNC: ReadonlySet<string | undefined> = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR']);

/** The files of this machine. */
export class NodeDisk implements Disk {
  /** How long syncs of files took, in microseconds. */
  readonly syncTimes = new RecentHistogram(performance.now());

  open(path: string, mode: OpenMode): NodeFile {
    return withDiskErrors('open', path, () => {
      const descriptor = fs.openSync(path, FLAGS[mode]);
      if (mode === 'create-new')
        return new NodeFile(path, { descriptor, sizeBytes: 0, syncTimes: this.syncTimes });
      const stats = fs.fstatSync(descriptor);
      if (!stats.isDirectory()) {
        return new NodeFile(path, { descriptor, sizeBytes: stats.size, syncTimes: this.syncTimes });
      }
      fs.closeSync(descriptor);
      throw new DiskError('EISDIR', path, `Cannot open ${path}: EISDIR: it is a directory`);
    });
  }

  list(path: string): readonly string[] {
    return withDiskErrors('list', path, () => fs.readdirSync(path).sort());
  }

  exists(path: string): boolean {
    return fs.existsSync(path);
  }

  isDirectory(path: string): boolean {
    return withDiskErrors('look at', path, () => {
      return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    });
  }

  fileSizeBytes(path: string): number {
    const stats = withDiskErrors('read the size of', path, () => fs.statSync(path));
    if (!stats.isDirectory()) return stats.size;
    throw new DiskError('EISDIR', path, `Cannot read the size of ${path}: EISDIR: it is a directory`);
  }

  modifiedMs(path: string): number {
    return withDiskErrors('read the times of', path, () => Math.floor(fs.statSync(path).mtimeMs));
  }

  makeDirectory(path: string): void {
    withDiskErrors('make the directory', path, () => fs.mkdirSync(path, { recursive: true }));
  }

  rename(from: string, to: string): void {
    withDiskErrors(`rename to ${to}:`, from, () => fs.renameSync(from, to));
  }

  remove(path: string): void {
    withDiskErrors('remove', path, () => {
      const stats = fs.lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return;
      if (stats.isFile() && stats.size >= LARGE_FILE_BYTES) removeLarge(path, stats.size);
      else fs.unlinkSync(path);
    });
  }

  removeDirectory(folder: string): void {
    withDiskErrors('remove the directory', folder, () => {
      let entries: fs.Dirent[];
      try {
        entries = fs.readdirSync(folder, { withFileTypes: true });
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return;
        throw error;
      }
      for (const entry of entries) {
        const below = path.join(folder, entry.name);
        if (entry.isDirectory()) this.removeDirectory(below);
        else this.remove(below);
      }
      fs.rmdirSync(folder);
    });
  }

  async syncDirectory(path: string): Promise<void> {
    if (process.platform === 'win32') {
      // Has no such call; its file systems order changes of names by their journal.
      withDiskErrors('sync', path, () => fs.readdirSync(path));
      return;
    }
    const descriptor = withDiskErrors('sync', path, () => fs.openSync(path, O_RDONLY));
    try {
      await new Promise<void>((resolve, reject) => {
        fs.fsync(descriptor, error => (error === null ? resolve() : reject(error)));
      });
    } catch (error) {
      if (!CANNOT_SYNC.has(errorCode(error))) throw diskError(error, 'sync', path);
    } finally {
      closeDescriptor(descriptor, 0);
    }
  }

  lockDirectory(path: string): DirectoryLock | undefined {
    return withDiskErrors('lock', path, () => lockDirectory(path));
  }

  space(path: string): DirectorySpace {
    return withDiskErrors('read the space of', path, () => {
      const { bsize, blocks, bavail } = fs.statfsSync(path);
      return { totalBytes: bsize * blocks, usableBytes: bsize * bavail };
    });
  }

  absolutePath(relative: string): string {
    return path.resolve(relative).replaceAll(path.sep, '/');
  }
}

/** Removes the name at once, and has the blocks freed in the thread pool, by the close of the last handle. */
function removeLarge(path: string, sizeBytes: number): void {
  const descriptor = fs.openSync(path, O_RDONLY);
  try {
    fs.unlinkSync(path);
  } finally {
    closeDescriptor(descriptor, sizeBytes);
  }
}
