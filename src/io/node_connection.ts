import type net from 'node:net';
import type { Connection, ConnectionHandler } from '../model/ports.ts';
import { NetworkError } from '../model/ports.ts';
import { SocketReader } from './socket_reader.ts';

/** Neighbouring chunks below this are copied together: a chunk costs more to hand to the system than its bytes. */
const SMALL_CHUNK_BYTES = 4_096;
/** A connection that is being closed gets so long for each step in sending the rest. */
const FLUSH_STALL_MS = 10_000;
/** How long the peer has for closing its side after ours was closed. */
const HALF_OPEN_MS = 2_000;

/**
 * A TCP connection. States: open → closing (by {@link close}, or when the peer ended its side: the rest is sent, what
 * still comes is dropped) → closed.
 */
export class NodeConnection implements Connection {
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly #socket: net.Socket;
  readonly #reader: SocketReader;
  #handler: ConnectionHandler | undefined;
  #state: 'open' | 'closing' | 'closed' = 'open';
  /** Bytes were left unsent by a write, and `drained` was not told since. */
  #isBehind = false;
  #error: NetworkError | undefined;

  /** @param reader made with the socket */
  constructor(socket: net.Socket, reader: SocketReader) {
    this.#socket = socket;
    this.#reader = reader;
    // Undefined when the peer is gone already.
    this.remoteHost = plainAddress(socket.remoteAddress ?? '');
    this.remotePort = socket.remotePort ?? 0;
  }

  /** The connection of a socket that a server has accepted, which must be paused. */
  static ofAccepted(accepted: net.Socket): NodeConnection {
    const reader = new SocketReader();
    return new NodeConnection(reader.takeOver(accepted), reader);
  }

  /** Begins to tell `handler` what happens. */
  attach(handler: ConnectionHandler): void {
    this.#handler = handler;
    const socket = this.#socket;
    this.#reader.start(socket, chunk => {
      if (this.#state === 'open') handler.data(chunk);
    });
    socket.on('end', () => this.#beginClosing());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? 'EIO';
      this.#error = new NetworkError(code, `The connection to ${this.#peer()} broke: ${code}`);
    });
    socket.on('close', () => {
      this.#state = 'closed';
      handler.closed(this.#error);
    });
  }

  get unsentBytes(): number {
    return this.#state === 'closed' ? 0 : this.#socket.writableLength;
  }

  write(chunks: readonly Uint8Array[]): void {
    // The owner of a connection that just broke learns of it soon.
    if (this.#state !== 'open' || !this.#socket.writable) return;
    const merged = mergeSmallChunks(chunks);
    const last = merged.pop();
    if (last === undefined) return;
    const socket = this.#socket;
    if (merged.length === 0) socket.write(last, this.#flushed);
    else {
      socket.cork();
      for (const chunk of merged) socket.write(chunk);
      socket.write(last, this.#flushed);
      socket.uncork();
    }
    if (socket.writableLength > 0) this.#isBehind = true;
  }

  pause(): void {
    if (this.#state === 'open') this.#socket.pause();
  }

  resume(): void {
    if (this.#state === 'open') this.#socket.resume();
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#beginClosing();
    this.#socket.end();
  }

  destroy(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closing';
    this.#socket.destroy();
  }

  readonly #flushed = (): void => {
    if (!this.#isBehind || this.#socket.writableLength > 0 || this.#state !== 'open') return;
    this.#isBehind = false;
    this.#handler?.drained();
  };

  /** A peer that neither takes the rest nor closes its side does not hold the connection for ever. */
  #beginClosing(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    const socket = this.#socket;
    // Dropped, but read: unread bytes would turn the end into a reset, which can overtake what was sent before.
    socket.resume();
    // Node counts it from the last step in either direction.
    socket.setTimeout(FLUSH_STALL_MS, () => socket.destroy());
    socket.once('finish', () => {
      const timer = setTimeout(() => socket.destroy(), HALF_OPEN_MS);
      socket.once('close', () => clearTimeout(timer));
    });
  }

  #peer(): string {
    return `${this.remoteHost}:${this.remotePort}`;
  }
}

/** An IPv4 address without the coat that it wears on a socket for both families. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** The same bytes in fewer chunks. */
export function mergeSmallChunks(chunks: readonly Uint8Array[]): Uint8Array[] {
  const merged: Uint8Array[] = [];
  for (let start = 0; start < chunks.length; ) {
    let end = start;
    let size = 0;
    while (end < chunks.length && chunks[end]!.length < SMALL_CHUNK_BYTES) size += chunks[end++]!.length;
    if (end - start >= 2) {
      if (size > 0) merged.push(joined(chunks, start, end, size));
      start = end;
    } else {
      if (chunks[start]!.length > 0) merged.push(chunks[start]!);
      start++;
    }
  }
  return merged;
}

function joined(chunks: readonly Uint8Array[], start: number, end: number, size: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (let index = start; index < end; index++) {
    bytes.set(chunks[index]!, at);
    at += chunks[index]!.length;
  }
  return bytes;
}
