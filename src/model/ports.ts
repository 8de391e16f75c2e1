/*
 * The four ports through which everything outside reaches the pure rooms (and a fifth for their log lines). A broker
 * takes them from its constructor; io/ has the real ones, simulation/ those of a simulated world. There are no
 * defaults: code that was not given a port can't touch what is behind it.
 */

/** A pending call of {@link Clock.startTimer}. */
export interface Timer {
  /** Drops the call if it has not happened yet; harmless afterwards. */
  cancel(): void;
}

export interface Clock {
  /** Wall-clock milliseconds since 1970, whole; may jump in both directions. For what is stored or shown. */
  nowMs(): number;
  /** Milliseconds since some start, fractional; never goes back. For durations and deadlines. */
  monotonicMs(): number;
  /** Calls `callback` once after `delayMs` (0 or more): never at once, even for 0. */
  startTimer(delayMs: number, callback: () => void): Timer;
}

export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number;
  /** Fresh random bytes; unpredictable from the real port. */
  bytes(count: number): Uint8Array;
}

/** What a connection tells its owner. After `closed` nothing follows. */
export interface ConnectionHandler {
  /** Bytes arrived. Their memory is the handler's until it returns; then others are read into it: copy what stays. */
  data(chunk: Buffer): void;
  /** {@link Connection.unsentBytes} fell back to 0 after having been above it. */
  drained(): void;
  /** The connection ended: by either side's close, or by `error`. */
  closed(error?: Error): void;
}

/** A stream of bytes in both directions between two nodes. */
export interface Connection {
  readonly remoteHost: string;
  readonly remotePort: number;
  /** Bytes given to {@link write} that the network has not taken yet; they are in memory. */
  readonly unsentBytes: number;
  /** Sends the chunks in order, without copying: they must not be changed before they are sent. */
  write(chunks: readonly Uint8Array[]): void;
  /** Stops `data` calls (after at most one more chunk) so that the peer is slowed down; undone by `resume`. */
  pause(): void;
  resume(): void;
  /** Sends what was written, then closes. */
  close(): void;
  /** Closes now and forgets what was not sent. */
  destroy(): void;
}

export interface Listener {
  /** The port that it listens on, chosen by the system if 0 was asked for. */
  readonly port: number;
  /** Accepts nothing more; open connections stay. */
  close(): Promise<void>;
}

export interface Network {
  /**
   * Accepts connections on `host:port` (port 0: any free one); `accept` returns the handler of each.
   * @throws {NetworkError} when the address can't be had, with `code` EADDRINUSE, EADDRNOTAVAIL, EACCES…
   */
  listen(
    host: string,
    port: number,
    accept: (connection: Connection) => ConnectionHandler,
  ): Promise<Listener>;
  /**
   * Connects to `host:port`; `attach` returns the connection's handler.
   * @throws {NetworkError} when there is no connection within `timeoutMs`, with `code` ECONNREFUSED, ETIMEDOUT…
   */
  connect(
    host: string,
    port: number,
    timeoutMs: number,
    attach: (connection: Connection) => ConnectionHandler,
  ): Promise<Connection>;
}

/** The network refused: `code` is the system's name of the error (`ECONNREFUSED`). */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A file opened for reading and, unless opened with `read`, for writing. Positions and sizes are in bytes. */
export interface DiskFile {
  readonly path: string;
  /** Size as of the last write or truncation through this handle. */
  readonly sizeBytes: number;
  /**
   * Writes the chunks one after the other at `position`, into the system's cache: durable only after {@link sync}.
   * All or an error: after an error the bytes behind `position` are unknown.
   * @throws {DiskError}
   */
  write(position: number, chunks: readonly Uint8Array[]): void;
  /**
   * Reads up to `length` bytes at `position`; fewer at the end of the file. The buffer is the caller's.
   * @throws {DiskError}
   */
  read(position: number, length: number): Promise<Buffer>;
  /** The same, blocking: for the small and the cached, or before there are clients. @throws {DiskError} */
  readNow(position: number, length: number): Buffer;
  /** @throws {DiskError} */
  truncate(sizeBytes: number): void;
  /**
   * Makes everything written before the call durable (fdatasync). After a failure nothing is known of those bytes,
   * and trying again proves nothing: the caller gives the directory up.
   * @throws {DiskError}
   */
  sync(): Promise<void>;
  /** Closes the handle; unsynced bytes stay in the system's cache. Never throws. */
  close(): void;
}

export type OpenMode =
  /** For reading; the file must be there. */
  | 'read'
  /** For both; the file must be there. */
  | 'write'
  /** For both; created when it is not there. */
  | 'create'
  /** For both; an error when it is there. */
  | 'create-new';

/** An exclusive hold on a directory, ended by {@link release} or by the end of the process, however it ends. */
export interface DirectoryLock {
  release(): void;
}

export interface DirectorySpace {
  readonly totalBytes: number;
  readonly usableBytes: number;
}

/** The files. Paths use `/` on every system. Each method that fails throws a {@link DiskError}. */
export interface Disk {
  open(path: string, mode: OpenMode): DiskFile;
  /** Names in a directory, sorted, without `.` and `..`. */
  list(path: string): readonly string[];
  /** Whether a file or directory is there. */
  exists(path: string): boolean;
  /** Whether it is a directory; false when nothing is there. */
  isDirectory(path: string): boolean;
  fileSizeBytes(path: string): number;
  /** When the file was last written: wall-clock milliseconds. */
  modifiedMs(path: string): number;
  /** With its parents; nothing happens when it is there. */
  makeDirectory(path: string): void;
  /** Atomic; replaces a file at `to`. Durable after {@link syncDirectory} of the directories. */
  rename(from: string, to: string): void;
  /** Nothing happens when the file is not there. */
  remove(path: string): void;
  /** With everything in it; nothing happens when it is not there. */
  removeDirectory(path: string): void;
  /** Makes the directory's entries durable: files created, renamed and removed in it. */
  syncDirectory(path: string): Promise<void>;
  /** Undefined when another process holds it. */
  lockDirectory(path: string): DirectoryLock | undefined;
  space(path: string): DirectorySpace;
  /** The path from the root on: it means the same to every process. */
  absolutePath(path: string): string;
}

/** The disk refused or failed: `code` is the system's name of the error (`ENOSPC`, `EIO`, `ENOENT`). */
export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly code: string;
  readonly path: string;

  constructor(code: string, path: string, message: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}

export type LogFields = Readonly<Record<string, unknown>>;

/** Where a room tells what it did. `fields` hold the facts, the message stays the same for the same event. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each line. */
  with(fields: LogFields): Logger;
}
