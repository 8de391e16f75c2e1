import { assert } from '../model/assert.ts';
import type { Random } from '../model/ports.ts';

/** The unit in which the system's cache writes files back. */
export const PAGE_BYTES = 4_096;
/** The unit that a disk writes whole or not at all. */
export const SECTOR_BYTES = 512;

/** What a crash leaves of bytes that were not synced: a random part of them, or nothing. */
export type CrashMode = { readonly random: Random } | 'drop-unsynced';

interface Page {
  /** What a reader sees; undefined stands for zeros. Never changed while {@link frozen}. */
  current: Uint8Array | undefined;
  /** What is on the disk itself; undefined stands for zeros. Never changed. */
  stable: Uint8Array | undefined;
  /** Counts writes to the file: the one that `current` is from. */
  version: number;
  /** The write that `stable` is from. */
  stableVersion: number;
  /** `current` is also held as `stable` or by a sync under way: copy before writing. */
  frozen: boolean;
}

/** A file's state at the moment of a sync: what that sync makes durable. */
export interface SyncSnapshot {
  readonly pages: readonly {
    readonly index: number;
    readonly bytes: Uint8Array | undefined;
    readonly version: number;
  }[];
  readonly sizeBytes: number;
  readonly version: number;
}

/**
 * A file of the simulated disk: its bytes as the system's cache has them, and as they are on the disk itself. Pages
 * are shared between the two, and between syncs under way, until they are written again.
 */
export class SimulatedFile {
  readonly kind = 'file';
  /** By index; what is missing is zeros in both views. */
  readonly #pages = new Map<number, Page>();
  /** Pages that the next sync has to write. */
  #dirty = new Set<number>();
  /** Pages whose `current` is not their `stable`: the dirty ones, those being synced, and those of failed syncs. */
  readonly #unstable = new Set<number>();
  /** Syncs under way, oldest first. */
  readonly #syncs: SyncSnapshot[] = [];
  /** Truncations that aren't durable, with both versions and sizes rising: the rest is implied by later ones. */
  #truncations: { readonly version: number; readonly sizeBytes: number }[] = [];
  #sizeBytes = 0;
  #stableSizeBytes = 0;
  #version = 0;
  #stableVersion = 0;
  #allocatedPages = 0;
  /** Wall-clock time of the last write or truncation. */
  modifiedMs: number;
  /** Directory entries and open handles that refer to the file; without any its space is free. */
  references = 0;

  constructor(modifiedMs: number) {
    this.modifiedMs = modifiedMs;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Whether all that a reader sees is on the disk itself: a power cut would leave it. */
  get isOnDisk(): boolean {
    if (this.#stableSizeBytes < this.#sizeBytes) return false;
    for (const index of this.#unstable) {
      const page = this.#pages.get(index)!;
      const length = Math.min(PAGE_BYTES, this.#sizeBytes - index * PAGE_BYTES);
      if (length > 0 && !hasSameBytes(page.current, page.stable, length)) return false;
    }
    return true;
  }

  /** Space that the file takes, as the cache has it: holes take none. */
  get allocatedPages(): number {
    return this.#allocatedPages;
  }

  /** Pages that writing `length` bytes at `position` would add to {@link allocatedPages}. */
  pagesToAllocate(position: number, length: number): number {
    if (length === 0) return 0;
    let count = 0;
    const last = Math.floor((position + length - 1) / PAGE_BYTES);
    for (let index = Math.floor(position / PAGE_BYTES); index <= last; index++) {
      if (this.#pages.get(index)?.current === undefined) count++;
    }
    return count;
  }

  write(position: number, bytes: Uint8Array): void {
    this.#version++;
    let offset = 0;
    while (offset < bytes.length) {
      const at = position + offset;
      const start = at % PAGE_BYTES;
      const count = Math.min(PAGE_BYTES - start, bytes.length - offset);
      this.#writablePage(Math.floor(at / PAGE_BYTES)).set(bytes.subarray(offset, offset + count), start);
      offset += count;
    }
    this.#sizeBytes = Math.max(this.#sizeBytes, position + bytes.length);
  }

  read(position: number, length: number): Buffer {
    const count = Math.max(0, Math.min(length, this.#sizeBytes - position));
    const result = Buffer.alloc(count);
    for (let offset = 0; offset < count; ) {
      const at = position + offset;
      const start = at % PAGE_BYTES;
      const step = Math.min(PAGE_BYTES - start, count - offset);
      const page = this.#pages.get(Math.floor(at / PAGE_BYTES))?.current;
      if (page !== undefined) result.set(page.subarray(start, start + step), offset);
      offset += step;
    }
    return result;
  }

  truncate(sizeBytes: number): void {
    this.#version++;
    if (sizeBytes < this.#sizeBytes) {
      while ((this.#truncations.at(-1)?.sizeBytes ?? -1) >= sizeBytes) this.#truncations.pop();
      this.#truncations.push({ version: this.#version, sizeBytes });
      this.#zeroFrom(sizeBytes);
    }
    this.#sizeBytes = sizeBytes;
  }

  /** Begins a sync: takes what is dirty, which is clean from here on, however the sync ends. */
  beginSync(): SyncSnapshot {
    const pages = [...this.#dirty].map(index => {
      const page = this.#pages.get(index)!;
      page.frozen = true;
      return { index, bytes: page.current, version: page.version };
    });
    this.#dirty = new Set();
    const snapshot = { pages, sizeBytes: this.#sizeBytes, version: this.#version };
    this.#syncs.push(snapshot);
    return snapshot;
  }

  /** The sync is done: what it took is on the disk. */
  completeSync(snapshot: SyncSnapshot): void {
    this.#forgetSync(snapshot);
    this.#makeStable(snapshot);
  }

  /** The sync failed: each page that it took may be on the disk or not, and none is dirty any more. */
  failSync(snapshot: SyncSnapshot, random: Random): void {
    this.#forgetSync(snapshot);
    for (const { index, bytes, version } of snapshot.pages) {
      if (random.fraction() < 0.5) this.#makePageStable(index, bytes, version);
    }
    if (random.fraction() < 0.5) this.#makeSizeStable(snapshot);
  }

  /** Leaves the file as a power cut does. Afterwards all of it is on the disk. */
  crash(mode: CrashMode): void {
    const random = mode === 'drop-unsynced' ? undefined : mode.random;
    for (const snapshot of this.#syncs.splice(0)) {
      if (random !== undefined && random.fraction() < 0.5) this.#makeStable(snapshot);
    }
    const cutBytes = this.#truncations[0]?.sizeBytes ?? Infinity;
    const isCut = random !== undefined && cutBytes < Infinity && random.fraction() < 0.5;
    if (isCut) this.#cutStable(cutBytes);
    // Without the cut nothing that was written behind it can be there: its blocks came after.
    const limitBytes = isCut ? Infinity : cutBytes;
    const finalBytes = isCut || cutBytes === Infinity ? this.#sizeBytes : this.#stableSizeBytes;
    const sizeBytes = sizeAfterCrash(this.#stableSizeBytes, finalBytes, random);
    for (const index of [...this.#unstable].sort((left, right) => left - right)) {
      const page = this.#pages.get(index)!;
      const sectorLimit = Math.ceil((limitBytes - index * PAGE_BYTES) / SECTOR_BYTES);
      page.stable = random === undefined ? page.stable : pageAfterCrash(page, sectorLimit, random);
    }
    this.#adoptStable(sizeBytes);
  }

  /** Flips a bit where it lies, on the disk and in the cache. */
  flipBit(bytePosition: number, bit: number): void {
    assert(bytePosition < this.#sizeBytes && bit >= 0 && bit < 8, `bit ${bit} of byte ${bytePosition}`);
    const page = this.#pages.get(Math.floor(bytePosition / PAGE_BYTES));
    if (page?.current === undefined) return;
    const isStable = page.current === page.stable;
    const flipped = page.current.slice();
    flipped[bytePosition % PAGE_BYTES]! ^= 1 << bit;
    page.current = flipped;
    if (isStable) page.stable = flipped;
    else page.frozen = false;
  }

  #writablePage(index: number): Uint8Array {
    let page = this.#pages.get(index);
    if (page === undefined) {
      const stableVersion = this.#stableVersion;
      page = { current: undefined, stable: undefined, version: stableVersion, stableVersion, frozen: false };
      this.#pages.set(index, page);
    }
    if (page.current === undefined) {
      page.current = new Uint8Array(PAGE_BYTES);
      this.#allocatedPages++;
    } else if (page.frozen) {
      page.current = page.current.slice();
    }
    page.frozen = false;
    this.#markDirty(index, page);
    return page.current;
  }

  #markDirty(index: number, page: Page): void {
    page.version = this.#version;
    this.#dirty.add(index);
    this.#unstable.add(index);
  }

  #zeroFrom(sizeBytes: number): void {
    const keptPages = Math.ceil(sizeBytes / PAGE_BYTES);
    const tail = sizeBytes % PAGE_BYTES;
    if (tail > 0 && this.#pages.get(keptPages - 1)?.current !== undefined) {
      this.#writablePage(keptPages - 1).fill(0, tail);
    }
    for (const [index, page] of this.#pages) {
      if (index < keptPages || page.current === undefined) continue;
      page.current = undefined;
      page.frozen = false;
      this.#allocatedPages--;
      this.#markDirty(index, page);
    }
  }

  #forgetSync(snapshot: SyncSnapshot): void {
    const index = this.#syncs.indexOf(snapshot);
    assert(index >= 0, 'a sync ended twice');
    this.#syncs.splice(index, 1);
  }

  #makeStable(snapshot: SyncSnapshot): void {
    for (const { index, bytes, version } of snapshot.pages) this.#makePageStable(index, bytes, version);
    this.#makeSizeStable(snapshot);
  }

  #makePageStable(index: number, bytes: Uint8Array | undefined, version: number): void {
    const page = this.#pages.get(index);
    // Syncs may end in another order than they began: the younger one has said more.
    if (page === undefined || version <= page.stableVersion) return;
    page.stable = bytes;
    page.stableVersion = version;
    if (page.version !== version) return;
    this.#unstable.delete(index);
    if (bytes === undefined) this.#pages.delete(index);
  }

  #makeSizeStable(snapshot: SyncSnapshot): void {
    if (snapshot.version <= this.#stableVersion) return;
    this.#stableVersion = snapshot.version;
    this.#stableSizeBytes = snapshot.sizeBytes;
    this.#truncations = this.#truncations.filter(({ version }) => version > snapshot.version);
  }

  #cutStable(sizeBytes: number): void {
    this.#stableSizeBytes = Math.min(this.#stableSizeBytes, sizeBytes);
    for (const [index, page] of this.#pages) {
      if (page.stable !== undefined) page.stable = cutPage(page.stable, sizeBytes - index * PAGE_BYTES);
    }
  }

  /** Makes what is on the disk, cut at `sizeBytes`, all there is. */
  #adoptStable(sizeBytes: number): void {
    this.#dirty.clear();
    this.#unstable.clear();
    this.#truncations = [];
    this.#allocatedPages = 0;
    for (const [index, page] of this.#pages) {
      const stable =
        page.stable === undefined ? undefined : cutPage(page.stable, sizeBytes - index * PAGE_BYTES);
      if (stable === undefined) {
        this.#pages.delete(index);
        continue;
      }
      this.#allocatedPages++;
      this.#pages.set(index, {
        current: stable,
        stable,
        version: this.#version,
        stableVersion: this.#version,
        frozen: true,
      });
    }
    this.#sizeBytes = sizeBytes;
    this.#stableSizeBytes = sizeBytes;
    this.#stableVersion = this.#version;
  }
}

const ZEROS: Uint8Array = new Uint8Array(PAGE_BYTES);

/** Undefined stands for zeros. */
function hasSameBytes(left = ZEROS, right = ZEROS, length: number): boolean {
  return left === right || Buffer.compare(left.subarray(0, length), right.subarray(0, length)) === 0;
}

/** The page with zeros from `length` on: itself, a copy, or undefined when nothing is left. */
function cutPage(bytes: Uint8Array, length: number): Uint8Array | undefined {
  if (length >= PAGE_BYTES) return bytes;
  return length <= 0 ? undefined : bytes.slice().fill(0, length);
}

/** Kept, dropped, or torn between sectors; sectors from `sectorLimit` on are dropped in any case. */
function pageAfterCrash(page: Page, sectorLimit: number, random: Random): Uint8Array | undefined {
  const choice = random.fraction();
  if (sectorLimit <= 0 || choice < 1 / 3) return page.stable;
  const sectors = PAGE_BYTES / SECTOR_BYTES;
  const keepsAll = choice < 2 / 3;
  if (keepsAll && sectorLimit >= sectors) return page.current;
  const result = page.stable?.slice() ?? new Uint8Array(PAGE_BYTES);
  for (let sector = 0; sector < Math.min(sectors, sectorLimit); sector++) {
    if (!keepsAll && random.fraction() < 0.5) continue;
    const start = sector * SECTOR_BYTES;
    const end = start + SECTOR_BYTES;
    if (page.current === undefined) result.fill(0, start, end);
    else result.set(page.current.subarray(start, end), start);
  }
  return result;
}

/** A growth is kept, lost, or kept in part. */
function sizeAfterCrash(stableBytes: number, finalBytes: number, random: Random | undefined): number {
  if (random === undefined || finalBytes === stableBytes) return stableBytes;
  const choice = random.fraction();
  if (choice < 1 / 3) return stableBytes;
  if (choice < 2 / 3) return finalBytes;
  const between = stableBytes + Math.floor(random.fraction() * (finalBytes - stableBytes));
  return Math.max(stableBytes, between - (between % SECTOR_BYTES));
}
