import { ApiVersions } from '../messages/18_api_versions.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { MAX_PEER_REQUESTS_IN_FLIGHT, MAX_RESPONSE_BYTES } from '../model/limits.ts';
import type { Clock, Connection, ConnectionHandler, Network, Timer } from '../model/ports.ts';
import { FrameAssembler } from '../protocol/frame_assembler.ts';
import { correlationIdOf, decodeResponse, encodeRequest, LEAST_RESPONSE_BYTES } from '../protocol/framing.ts';
import type { Api, MessageInput, MessageOf } from '../protocol/schema.ts';
import { parseVersions } from '../protocol/versions.ts';
import type { Endpoint, SendOptions } from './peer_sender.ts';

export interface PeerConnectionOptions {
  readonly network: Network;
  readonly clock: Clock;
  /** How this node calls itself in its requests. */
  readonly clientId: string;
}

interface Waiting {
  readonly api: Api;
  readonly version: number;
  readonly timer: Timer;
  readonly resolve: (response: MessageOf<Api['response']> | Failure) => void;
}

/** The version in which the peer is first asked for its versions: the newest that Kafka 4.3 has too. */
const FIRST_API_VERSIONS_VERSION = 4;

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
  readonly #opened: Promise<Failure | undefined>;

  constructor(endpoint: Endpoint, openTimeoutMs: number, options: PeerConnectionOptions) {
    this.#options = options;
    this.#endpoint = endpoint;
    this.#opened = this.#open(openTimeoutMs);
  }

  get isClosed(): boolean {
    return this.#closedBecause !== undefined;
  }

  async #open(timeoutMs: number): Promise<Failure | undefined> {
    const { network, clock } = this.#options;
    const { host, port } = this.#endpoint;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    try {
      this.#connection = await network.connect(host, port, timeoutMs, () => this);
    } catch (error) {
      return this.#close(`Cannot connect to ${host}:${port}: ${(error as Error).message}`);
    }
    if (this.#closedBecause !== undefined) {
      this.#connection.destroy();
      return this.#closedBecause;
    }
    const answer = await this.#sendNow(
      ApiVersions,
      FIRST_API_VERSIONS_VERSION,
      { clientSoftwareName: 'odradek', clientSoftwareVersion: '0' },
      Math.max(1, deadlineMs - clock.monotonicMs()),
    );
    if (failed(answer)) return this.#close(answer.message, answer.code);
    const { apiKeys } = answer as MessageOf<typeof ApiVersions.response>;
    this.#versions = new Map(apiKeys.map(({ apiKey, ...versions }) => [apiKey, versions]));
    return undefined;
  }

  /** Sends a request as soon as the connection is open. */
  async send<A extends Api>(
    api: A,
    request: MessageInput<A['request']>,
    options: SendOptions,
  ): Promise<MessageOf<A['response']> | Failure> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const problem = await this.#opened;
    if (problem !== undefined) return problem;
    const version = this.#chooseVersion(api, options);
    if (failed(version)) return version;
    const leftMs = options.timeoutMs - (clock.monotonicMs() - startedMs);
    if (leftMs <= 0) return this.#timedOut(api, options.timeoutMs);
    return (await this.#sendNow(api, version, request, leftMs)) as MessageOf<A['response']> | Failure;
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
    if (this.#closedBecause !== undefined) return Promise.resolve(this.#closedBecause);
    if (this.#waiting.size >= MAX_PEER_REQUESTS_IN_FLIGHT) {
      return Promise.resolve(
        new Failure(
          Errors.NETWORK_EXCEPTION,
          `Cannot send ${api.name} to ${this.#endpoint.host}:${this.#endpoint.port}: ${this.#waiting.size} requests wait for their responses already`,
        ),
      );
    }
    const correlationId = this.#nextCorrelationId;
    this.#nextCorrelationId = (correlationId + 1) & 0x7fffffff;
    const { clientId, clock } = this.#options;
    const frame = encodeRequest(api, version, { correlationId, clientId }, request);
    return new Promise(resolve => {
      const timer = clock.startTimer(timeoutMs, () => {
        // Responses come in order, so what is behind this one can't come either.
        const { message, code } = this.#timedOut(api, timeoutMs);
        this.#close(message, code);
      });
      this.#waiting.set(correlationId, { api, version, timer, resolve });
      this.#connection?.write(frame.chunks);
    });
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
      if (frame === undefined) return;
      if (failed(frame)) this.#close(frame.message);
      else this.#receive(frame);
    }
  }

  #receive(frame: Buffer): void {
    const correlationId = correlationIdOf(frame);
    const waiting = correlationId === undefined ? undefined : this.#waiting.get(correlationId);
    if (correlationId === undefined || waiting === undefined) {
      this.#close(`${this.#endpoint.host}:${this.#endpoint.port} answered a request that was not sent`);
      return;
    }
    this.#waiting.delete(correlationId);
    waiting.timer.cancel();
    waiting.resolve(decodeResponse(waiting.api, waiting.version, frame));
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
    this.#connection?.destroy();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { timer, resolve } of waiting) {
      timer.cancel();
      resolve(failure);
    }
    return failure;
  }
}
