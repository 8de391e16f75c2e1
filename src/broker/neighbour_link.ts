import { ApiVersions } from '../messages/18_api_versions.ts';
import { Errors } from '../model/error_codes.ts';
import { type Failure, failed } from '../model/failure.ts';
import type { BrokerEpoch } from '../model/ids.ts';
import type { Timer } from '../model/ports.ts';
import { PeerConnection, type PeerConnectionOptions } from '../peers/peer_connection.ts';
import type { Endpoint } from '../peers/peer_sender.ts';

/** One process of a broker. */
interface BrokerProcess {
  readonly endpoint: Endpoint;
  readonly epoch: BrokerEpoch;
}

type State = 'connecting' | 'answering' | 'silent' | 'doubtful' | 'closed';

/** What every node answers at once. */
const QUESTION = { clientSoftwareName: 'odradek', clientSoftwareVersion: '0' };
/** A process that has not answered for so long is slow, hangs, or can't be reached: nobody waits for it any more. */
const ANSWER_MS = 500;
/** A connection on which nothing comes for so long after a question is given up. */
const SILENCE_MS = 2_000;
/** Pauses between attempts to connect. The system may accept for a process that is gone while it clears up after it. */
const CONNECT_AGAIN_MS = [0, 5, 20, 80, 320, 1_000] as const;
/** The cluster decides sooner than this that a broker is gone, or clients are answered all the same. */
const MAX_DOUBT_MS = 2_000;

/**
 * The connection to one process of a broker, by which it is asked for a sign of life.
 *
 *     connecting → answering     it has told its versions
 *     connecting → silent        that takes a while
 *     answering → silent         a question was not answered for a while: it may hang, or be cut off
 *     silent → answering         an answer came
 *     answering → doubtful       the other side ended the connection: another one is made at once
 *     silent → doubtful          the same, or it refuses a connection
 *     doubtful → answering       it told its versions again: only the connection had ended
 *     doubtful → silent          nothing comes back from its machine
 *     doubtful → connecting      the time for doubt is over
 *     any → closed
 */
export class NeighbourLink {
  readonly epoch: BrokerEpoch;
  readonly #endpoint: Endpoint;
  readonly #options: PeerConnectionOptions;
  /** The doubt has ended. */
  readonly #decided: () => void;
  #connection: PeerConnection | undefined;
  #state: State = 'connecting';
  /** Attempts in a row without an answer. */
  #attempts = 0;
  #connecting: Timer | undefined;
  #doubt: Timer | undefined;

  constructor(options: PeerConnectionOptions, { endpoint, epoch }: BrokerProcess, decided: () => void) {
    this.#options = options;
    this.#endpoint = endpoint;
    this.epoch = epoch;
    this.#decided = decided;
    this.#connect();
  }

  /** Whether the process is seen to be gone, or about to be, and the metadata has not said so yet. */
  get isDoubtful(): boolean {
    return this.#state === 'doubtful';
  }

  /** Resolves when it has answered a question asked now, or is in doubt, or is not worth waiting for. */
  async hear(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined || this.#state === 'doubtful' || this.#state === 'silent') return;
    await this.#orSilent(this.#ask(connection));
  }

  async #ask(connection: PeerConnection): Promise<void> {
    const answer = await connection.send(ApiVersions, QUESTION, { timeoutMs: SILENCE_MS });
    if (!failed(answer) && connection === this.#connection) this.#answered();
  }

  #connect(): void {
    const connection = new PeerConnection(this.#endpoint, SILENCE_MS, {
      ...this.#options,
      ended: reason => {
        if (connection === this.#connection) this.#ended(reason);
      },
    });
    this.#connection = connection;
    const opened = connection.opened.then(problem => {
      if (problem === undefined && connection === this.#connection) this.#answered();
    });
    void this.#orSilent(opened);
  }

  /** Waits for a sign of life; when it does not come nobody shall wait for this broker. */
  #orSilent(sign: Promise<void>): Promise<void> {
    return new Promise(resolve => {
      const connection = this.#connection;
      const timer = this.#options.clock.startTimer(ANSWER_MS, () => {
        if (connection === this.#connection && this.#state !== 'closed') this.#become('silent');
        resolve();
      });
      void sign.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #answered(): void {
    this.#attempts = 0;
    this.#become('answering');
  }

  #ended({ code }: Failure): void {
    this.#connection = undefined;
    // What this side gave up says nothing, nor does a listener that never answered.
    if (this.#state !== 'connecting' && code !== Errors.REQUEST_TIMED_OUT) this.#become('doubtful');
    const pauseMs = CONNECT_AGAIN_MS[Math.min(this.#attempts++, CONNECT_AGAIN_MS.length - 1)]!;
    this.#connecting = this.#options.clock.startTimer(pauseMs, () => this.#connect());
  }

  #become(state: State): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#doubt?.cancel();
    if (state === 'doubtful')
      this.#doubt = this.#options.clock.startTimer(MAX_DOUBT_MS, () => this.#become('connecting'));
    else this.#decided();
  }

  close(): void {
    this.#become('closed');
    this.#connecting?.cancel();
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.close();
  }
}
