import { ApiVersions } from '../messages/18_api_versions.ts';
import { type ErrorCode, Errors, errorText } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { MAX_PEER_REQUESTS_IN_FLIGHT, MAX_RESPONSE_BYTES } from '../model/limits.ts';
import type { Clock, Connection, ConnectionHandler, Network, Timer } from '../model/ports.ts';
import { FrameAssembler } from '../protocol/frame_assembler.ts';
import { correlationIdOf, decodeResponse, encodeRequest, LEAST_RESPONSE_BYTES } from '../protocol/framing.ts';
import type { Api, MessageInput, MessageOf } from '../protocol/schema.ts';
import { parseVersions } from '../protocol/versions.ts';
import { NotSent } from './not_sent.ts';
import type { Endpoint, SendOptions } from './peer_sender.ts';
import type { PeerTraffic } from './peer_traffic.ts';

export interface PeerConnectionOptions {
  readonly network: Network;
  readonly clock: Clock;
  /** How this node calls itself in its requests. */
  readonly clientId: string;
  readonly traffic: PeerTraffic;
  /** Is called once, when the connection is closed or could not be made, before what waits on it fails. */
  readonly ended?: (reason: Failure) => void;
}

/** A request as it is, or as the version that both sides agree on wants it. */
export type RequestOf<A extends Api> =
  | MessageInput<A['request']>
  | ((version: number) => MessageInput<A['request']>);

interface Waiting {
  readonly api: Api;
  readonly version: number;
  readonly timer: Timer;
  readonly resolve: (response: MessageOf<Api['response']> | Failure) => void;
}

/** The version in which the peer is first asked for its versions: the newest that Kafka 4.3 has too. */
const FIRST_API_VERSIONS_VERSION = 4;
/** What every node answers, and in which a node refuses a version that it does not have (KIP-511). */
const OLDEST_API_VERSIONS_VERSION = 0;
/** Where the error code is in the response of ApiVersions, in all of its versions. */
const API_VERSIONS_ERROR_POSITION = 4;

/**
 * One connection to a peer. Opens, asks for the peer's versions once, sends requests one behind the other and matches
 * the responses, which come in the order of the requests. After any fault it is closed for good, and everything that
 * waits fails: {@link PeerClient} makes a new one for the next request.
 */
export class PeerConnection implements ConnectionHandler {
  readonly #options: PeerConnectionOptions;
  readonly #endpoint: Endpoint;
  readonly #assembler = new FrameAssembler({
    leastBytes: LEAST_RESPONSE_BYTES,
    mostBytes: MAX_RESPONSE_BYTES,
  });
  /** In the order of their correlation ids; at most {@link MAX_PEER_REQUESTS_IN_FLIGHT}. */
  readonly #waiting = new Map<number, Waiting>();
  #connection: Connection | undefined;
  #nextCorrelationId = 0;
  /** Why nothing more can be sent. */
  #closedBecause: Failure | undefined;
  /** The versions of the peer by API key, once it has told them. */
  #versions: ReadonlyMap<number, { readonly minVersion: number; readonly maxVersion: number }> | undefined;
  /** Settled when requests can be sent, or never will be. */
  readonly #opened: Promise<Failure | undefined>;
  #settleOpened: (problem: Failure | undefined) => void = () => {};
  /** Requests that wait for {@link #opened}: none that comes later overtakes them. */
  #held = 0;

  constructor(endpoint: Endpoint, openTimeoutMs: number, options: PeerConnectionOptions) {
    this.#options = options;
    this.#endpoint = endpoint;
    this.#opened = new Promise(resolve => {
      this.#settleOpened = resolve;
    });
    void this.#open(openTimeoutMs).then(this.#settleOpened);
  }

  get isClosed(): boolean {
    return this.#closedBecause !== undefined;
  }

  /** Resolves when the peer has told its versions, or with why it will not. */
  get opened(): Promise<Failure | undefined> {
    return this.#opened;
  }

  async #open(timeoutMs: number): Promise<Failure | undefined> {
    const { network, clock } = this.#options;
    const { host, port } = this.#endpoint;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    try {
      this.#connection = await network.connect(host, port, timeoutMs, () => this);
    } catch (error) {
      return this.#close((error as Error).message);
    }
    if (this.#closedBecause !== undefined) {
      this.#connection.destroy();
      return this.#closedBecause;
    }
    let answer = await this.#askVersions(FIRST_API_VERSIONS_VERSION, deadlineMs - clock.monotonicMs());
    if (!failed(answer) && answer.errorCode === Errors.UNSUPPORTED_VERSION) {
      answer = await this.#askVersions(OLDEST_API_VERSIONS_VERSION, deadlineMs - clock.monotonicMs());
    }
    if (failed(answer)) return this.#close(answer.message, answer.code);
    const { apiKeys, errorCode } = answer;
    if (errorCode !== Errors.NONE) {
      const code = errorCode as ErrorCode;
      return this.#close(`${host}:${port} does not tell its versions: ${errorText(code)}`, code);
    }
    this.#versions = new Map(apiKeys.map(({ apiKey, ...versions }) => [apiKey, versions]));
    return undefined;
  }

  async #askVersions(
    version: number,
    timeoutMs: number,
  ): Promise<MessageOf<typeof ApiVersions.response> | Failure> {
    const request = { clientSoftwareName: 'odradek', clientSoftwareVersion: '0' };
    return (await this.#sendNow(ApiVersions, version, request, Math.max(1, timeoutMs))) as
      | MessageOf<typeof ApiVersions.response>
      | Failure;
  }

  /** Sends a request: at once when the connection is open, otherwise as soon as it is. */
  async send<A extends Api>(
    api: A,
    request: RequestOf<A>,
    options: SendOptions,
  ): Promise<MessageOf<A['response']> | Failure> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const opening = this.#hold();
    if (opening !== undefined) {
      const problem = await opening;
      this.#held--;
      if (problem !== undefined) return NotSent.because(problem);
    }
    const version = this.#chooseVersion(api, options);
    if (failed(version)) return NotSent.because(version);
    const leftMs = options.timeoutMs - (clock.monotonicMs() - startedMs);
    if (leftMs <= 0) return NotSent.because(this.#timedOut(api, options.timeoutMs));
    const body = typeof request === 'function' ? request(version) : request;
    return (await this.#sendNow(api, version, body, leftMs)) as MessageOf<A['response']> | Failure;
  }

  /**
   * Sends a request that its kind has no response to (a Produce with acks 0).
   * @returns why it could not be sent
   */
  async post<A extends Api>(
    api: A,
    request: RequestOf<A>,
    options: SendOptions,
  ): Promise<Failure | undefined> {
    const opening = this.#hold();
    if (opening !== undefined) {
      const problem = await opening;
      this.#held--;
      if (problem !== undefined) return NotSent.because(problem);
    }
    const version = this.#chooseVersion(api, options);
    if (failed(version)) return NotSent.because(version);
    if (this.#closedBecause !== undefined) return NotSent.because(this.#closedBecause);
    this.#write(api, version, typeof request === 'function' ? request(version) : request);
    return undefined;
  }

  /** What a request has to wait for, counted in {@link #held}; undefined where it can go at once. */
  #hold(): Promise<Failure | undefined> | undefined {
    if (this.#versions !== undefined && this.#held === 0) return undefined;
    this.#held++;
    return this.#opened;
  }

  #chooseVersion(api: Api, { minVersion = 0, maxVersion = 32767 }: SendOptions): number | Failure {
    const ours = parseVersions(api.request.versions);
    const theirs = this.#versions?.get(api.key);
    const highest = Math.min(ours.highest, theirs?.maxVersion ?? -1, maxVersion);
    const lowest = Math.max(ours.lowest, theirs?.minVersion ?? 0, minVersion);
    if (highest >= lowest) return highest;
    const { host, port } = this.#endpoint;
    const theirRange = theirs === undefined ? 'no version' : `${theirs.minVersion}-${theirs.maxVersion}`;
    return new Failure(
      Errors.UNSUPPORTED_VERSION,
      `Cannot send ${api.name} to ${host}:${port}: it speaks ${theirRange} of it, this node ${Math.max(ours.lowest, minVersion)}-${Math.min(ours.highest, maxVersion)}`,
    );
  }

  #sendNow(
    api: Api,
    version: number,
    request: MessageInput<Api['request']>,
    timeoutMs: number,
  ): Promise<MessageOf<Api['response']> | Failure> {
    if (this.#closedBecause !== undefined) return Promise.resolve(NotSent.because(this.#closedBecause));
    if (this.#waiting.size >= MAX_PEER_REQUESTS_IN_FLIGHT) {
      return Promise.resolve(
        new NotSent(
          Errors.NETWORK_EXCEPTION,
          `Cannot send ${api.name} to ${this.#endpoint.host}:${this.#endpoint.port}: ${this.#waiting.size} requests wait for their responses already`,
        ),
      );
    }
    return new Promise(resolve => {
      const correlationId = this.#write(api, version, request);
      const timer = this.#options.clock.startTimer(timeoutMs, () => {
        // Responses come in order, so what is behind this one can't come either.
        const { message, code } = this.#timedOut(api, timeoutMs);
        this.#close(message, code);
      });
      this.#waiting.set(correlationId, { api, version, timer, resolve });
    });
  }

  /** Writes a request; its correlation id. */
  #write(api: Api, version: number, request: MessageInput<Api['request']>): number {
    const correlationId = this.#nextCorrelationId;
    this.#nextCorrelationId = (correlationId + 1) & 0x7fffffff;
    const { clientId, traffic } = this.#options;
    const { chunks, sizeBytes } = encodeRequest(api, version, { correlationId, clientId }, request);
    traffic.requests++;
    traffic.outgoingBytes += sizeBytes;
    this.#connection?.write(chunks);
    return correlationId;
  }

  #timedOut(api: Api, timeoutMs: number): Failure {
    return new Failure(
      Errors.REQUEST_TIMED_OUT,
      `${this.#endpoint.host}:${this.#endpoint.port} did not answer ${api.name} within ${Math.round(timeoutMs)} ms`,
    );
  }

  data(chunk: Buffer): void {
    this.#assembler.add(chunk);
    while (this.#closedBecause === undefined) {
      const frame = this.#assembler.next();
      // Then nothing is left of the chunk.
      if (frame === undefined) return;
      if (failed(frame)) this.#close(frame.message);
      else this.#receive(frame);
    }
  }

  #receive(frame: Buffer): void {
    this.#options.traffic.responses++;
    this.#options.traffic.incomingBytes += frame.length;
    const correlationId = correlationIdOf(frame);
    const waiting = correlationId === undefined ? undefined : this.#waiting.get(correlationId);
    if (correlationId === undefined || waiting === undefined) {
      this.#close(`${this.#endpoint.host}:${this.#endpoint.port} answered a request that was not sent`);
      return;
    }
    this.#waiting.delete(correlationId);
    waiting.timer.cancel();
    const version = isVersionRefusal(waiting, frame) ? OLDEST_API_VERSIONS_VERSION : waiting.version;
    waiting.resolve(decodeResponse(waiting.api, version, frame));
  }

  drained(): void {}

  closed(error?: Error): void {
    const { host, port } = this.#endpoint;
    this.#close(`The connection to ${host}:${port} ended${error === undefined ? '' : `: ${error.message}`}`);
  }

  /** Ends the connection; what waits fails. */
  close(): void {
    this.#close('This node closed the connection');
  }

  #close(message: string, code = Errors.NETWORK_EXCEPTION): Failure {
    if (this.#closedBecause !== undefined) return this.#closedBecause;
    const failure = new Failure(code, message);
    this.#closedBecause = failure;
    this.#settleOpened(failure);
    this.#connection?.destroy();
    this.#options.ended?.(failure);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { timer, resolve } of waiting) {
      timer.cancel();
      resolve(failure);
    }
    return failure;
  }
}

/** An older node answers an ApiVersions that is too new for it in version 0, with its error. */
function isVersionRefusal({ api, version }: Waiting, frame: Buffer): boolean {
  if (api !== ApiVersions || version === OLDEST_API_VERSIONS_VERSION) return false;
  if (frame.length < API_VERSIONS_ERROR_POSITION + 2) return false;
  return frame.readInt16BE(API_VERSIONS_ERROR_POSITION) === Errors.UNSUPPORTED_VERSION;
}
