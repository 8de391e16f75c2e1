import { encodePrincipal } from '../handlers/principal.ts';
import type { RequestContext } from '../handlers/request_context.ts';
import { ApiVersions } from '../messages/18_api_versions.ts';
import { Envelope } from '../messages/58_envelope.ts';
import { BrokerRegistration } from '../messages/62_broker_registration.ts';
import { BrokerHeartbeat } from '../messages/63_broker_heartbeat.ts';
import { type ErrorCode, Errors, errorText } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asOffset, type Offset } from '../model/ids.ts';
import { addressBytes } from '../model/ip_address.ts';
import type { Clock, Network } from '../model/ports.ts';
import { PeerClient } from '../peers/peer_client.ts';
import type { Endpoint } from '../peers/peer_sender.ts';
import { FRAME_SIZE_BYTES } from '../protocol/codec.ts';
import { decodeResponse, encodeRequest } from '../protocol/framing.ts';
import type { Api, MessageInput, MessageOf } from '../protocol/schema.ts';
import { parseVersions } from '../protocol/versions.ts';

export interface RemoteControllerOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly clientId: string;
}

/** Of a request in an envelope: its answer comes back in another, so one id is as good as any. */
const CORRELATION_ID = 0;
/** The address of a client whose own is no address of the internet protocol (in a simulated network). */
const NO_ADDRESS = Buffer.alloc(4);
/** What keeps a broker unfenced waits behind nothing else. */
const LIVENESS: ReadonlySet<number> = new Set([BrokerRegistration.key, BrokerHeartbeat.key]);

/**
 * Sends requests to the active controller on another node, over three connections: requests of one are answered in
 * their order, and a client's that waits must hold up neither this broker's own nor its heartbeats. The controller
 * takes the end of the one with the heartbeats for a sign that this process may be gone.
 */
export class RemoteController {
  readonly #liveness: PeerClient;
  readonly #own: PeerClient;
  readonly #clients: PeerClient;

  constructor(options: RemoteControllerOptions) {
    this.#liveness = new PeerClient(options);
    this.#own = new PeerClient(options);
    this.#clients = new PeerClient(options);
  }

  /**
   * Sends a request of this node's own.
   * @returns NOT_CONTROLLER when the node is not, or not any more, the active controller; the failures of PeerSender
   */
  async send<A extends Api>(
    endpoint: Endpoint,
    api: A,
    { request, timeoutMs }: { readonly request: MessageInput<A['request']>; readonly timeoutMs: number },
  ): Promise<MessageOf<A['response']> | Failure> {
    const peers = LIVENESS.has(api.key) ? this.#liveness : this.#own;
    const response = await peers.send(endpoint, api, request, { timeoutMs });
    if (!failed(response) && 'errorCode' in response && response['errorCode'] === Errors.NOT_CONTROLLER) {
      return new Failure(
        Errors.NOT_CONTROLLER,
        `${endpoint.host}:${endpoint.port} is not the active controller`,
      );
    }
    return response;
  }

  /** Passes a client's request on, in an envelope. */
  async forward<A extends Api>(
    endpoint: Endpoint,
    api: A,
    parts: {
      readonly request: MessageOf<A['request']> | MessageInput<A['request']>;
      readonly context: RequestContext;
      readonly timeoutMs: number;
    },
  ): Promise<MessageOf<A['response']> | Failure> {
    const { request, context, timeoutMs } = parts;
    const { apiVersion, clientId, client } = context;
    const requester = { correlationId: CORRELATION_ID, clientId };
    const { chunks } = encodeRequest(api, apiVersion, requester, request as MessageInput<A['request']>);
    const envelope = {
      requestData: Buffer.concat(chunks).subarray(FRAME_SIZE_BYTES),
      requestPrincipal: encodePrincipal(client.principal),
      clientHostAddress: addressBytes(client.host) ?? NO_ADDRESS,
    };
    const response = await this.#clients.send(endpoint, Envelope, envelope, { timeoutMs });
    if (failed(response)) return response;
    const { errorCode, responseData } = response;
    if (errorCode === Errors.NONE && responseData !== null) {
      return decodeResponse(api, apiVersion, responseData) as MessageOf<A['response']> | Failure;
    }
    const where = `the controller at ${endpoint.host}:${endpoint.port}`;
    const text = `${api.name} was not decided by ${where}: ${errorText(errorCode as ErrorCode)}`;
    return new Failure(
      errorCode === Errors.NONE ? Errors.UNKNOWN_SERVER_ERROR : (errorCode as ErrorCode),
      text,
    );
  }

  /** The last offset that the active controller has committed. It stands in its answer to ApiVersions (KIP-584). */
  async committedOffset(endpoint: Endpoint, timeoutMs: number): Promise<Offset | Failure> {
    const request = { clientSoftwareName: 'odradek', clientSoftwareVersion: '0' };
    const response = await this.#clients.send(endpoint, ApiVersions, request, {
      timeoutMs,
      maxVersion: Math.min(parseVersions(ApiVersions.request.versions).highest, LAST_PLAIN_VERSION),
    });
    return failed(response) ? response : asOffset(response.finalizedFeaturesEpoch);
  }

  close(): void {
    for (const peers of [this.#liveness, this.#own, this.#clients]) peers.close();
  }
}

/** In later versions the request names the cluster and the node that it is for. */
const LAST_PLAIN_VERSION = 4;
