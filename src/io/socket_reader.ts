import net from 'node:net';

/** What is read from a socket at once: less would be more calls of the system, more would not stay in the caches. */
const READ_BYTES = 256 * 1024;
/**
 * Where the bytes of every socket are read to, one after the other: they are handed over before the next read. On
 * Windows the system may read into memory while it waits for bytes, so there each read has memory of its own.
 */
const READ_BUFFER = process.platform === 'win32' ? undefined : Buffer.allocUnsafeSlow(READ_BYTES);

/** What Node's socket has inside: the system's side of it. */
interface SocketInside {
  _handle?: { readonly useUserBuffer?: unknown } | null;
}

/**
 * Reads a socket into memory that all sockets share. Node itself takes 64 KiB of fresh memory for each read: a garbage
 * collection every 8 MB, which costs more than all the rest that is done with the bytes.
 */
export class SocketReader {
  #isSharing = false;
  #take: (chunk: Buffer) => void = () => {};

  /** What the socket must be made with. */
  get options(): Pick<net.TcpSocketConnectOpts, 'onread'> {
    if (READ_BUFFER === undefined) return {};
    this.#isSharing = true;
    const callback = (length: number): boolean => {
      this.#take(READ_BUFFER.subarray(0, length));
      return true;
    };
    return { onread: { buffer: READ_BUFFER, callback } };
  }

  /**
   * A socket like the paused one that a server accepted. Node lets a connecting socket alone choose where it reads to,
   * so the connection gets another one around it; where Node looks different inside, it stays as it is.
   */
  takeOver(accepted: net.Socket): net.Socket {
    const inside = accepted as SocketInside;
    const handle = inside._handle;
    if (READ_BUFFER === undefined || typeof handle?.useUserBuffer !== 'function') return accepted;
    inside._handle = null;
    const { allowHalfOpen } = accepted;
    const socket = new net.Socket({ handle, allowHalfOpen, ...this.options } as net.SocketConstructorOpts);
    accepted.destroy();
    return socket;
  }

  /** Gives `take` what comes from now on: memory that is written again when it returns. */
  start(socket: net.Socket, take: (chunk: Buffer) => void): void {
    this.#take = take;
    if (!this.#isSharing) socket.on('data', take).resume();
  }
}
