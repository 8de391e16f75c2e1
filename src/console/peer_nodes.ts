import { describeConfigs } from '../client/admin/configs.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { NodeId } from '../model/ids.ts';
import { formatHostPort, parseHostPort } from '../settings/address.ts';
import type { Me } from './api/session.ts';
import type { ConsoleNode } from './console_node.ts';
import { Refreshed } from './refreshed.ts';

export interface PeerNodesOptions {
  readonly node: ConsoleNode;
  /** What this node shows the others that it is one of them; undefined where they ask nobody. */
  readonly token: () => string | undefined;
}

/** An address, or why a node has none that this one reaches. */
type Found = ReadonlyMap<NodeId, string | Failure>;

const ADDRESSES_AGE = { freshMs: 30_000, usableMs: 24 * 3_600_000 };
const TIMEOUT_MS = 1_500;
/** An answer of another node: its history, with the rates of its topics. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const EVERY_INTERFACE: ReadonlySet<string> = new Set(['', '0.0.0.0', '::']);

/**
 * The consoles of the other brokers. A broker tells its `http.listeners` as it tells its other settings; who answers
 * there counts when it is that node of this cluster, since the default is the same for all.
 */
export class PeerNodes {
  readonly #options: PeerNodesOptions;
  readonly #found: Refreshed<Found>;

  constructor(options: PeerNodesOptions) {
    this.#options = options;
    this.#found = new Refreshed(options.node.ports.clock, () => this.#find(), ADDRESSES_AGE);
  }

  /** By node, `host:port`: this one's own, and those that answered. */
  addresses(): ReadonlyMap<number, string> {
    const { node } = this.#options;
    const addresses = new Map<number, string>();
    for (const [id, found] of this.#found.peek() ?? []) if (!failed(found)) addresses.set(id, found);
    const [own] = node.httpAddresses();
    if (own !== undefined) addresses.set(node.parts.nodeId, formatHostPort(own));
    return addresses;
  }

  /** What each of the other brokers answers to a path, or why it does not. */
  async ask<T>(path: string): Promise<ReadonlyMap<NodeId, T | Failure>> {
    const found = await this.#found.get();
    if (failed(found)) return new Map();
    const answers = await Promise.all(
      Array.from(found, async ([id, address]) => {
        const answer = failed(address) ? address : await this.#get<T>(address, path);
        return [id, answer] as const;
      }),
    );
    return new Map(answers);
  }

  async #find(): Promise<Found> {
    const { node } = this.#options;
    const others = [...node.image.cluster.brokers.values()].filter(({ id }) => id !== node.parts.nodeId);
    const found = await Promise.all(
      others.map(async ({ fenced, id }) => {
        if (fenced)
          return [id, new Failure(Errors.BROKER_NOT_AVAILABLE, `Broker ${id} is not alive`)] as const;
        return [id, await this.#findOne(id)] as const;
      }),
    );
    return new Map(found);
  }

  async #findOne(id: NodeId): Promise<string | Failure> {
    const { node } = this.#options;
    const resource = { type: 'broker', name: String(id) } as const;
    const answers = await describeConfigs(node.client, [resource], { keys: ['http.listeners'] });
    if (failed(answers)) return answers;
    const [entries] = answers;
    if (entries === undefined || failed(entries)) return entries ?? nowhere(id);
    const first = (entries[0]?.value ?? '')
      .split(',')[0]!
      .trim()
      .replace(/^http:\/\//i, '')
      .replace(/\/$/, '');
    const parsed = parseHostPort(first);
    if (parsed === undefined || parsed.port === 0) return nowhere(id);
    const broker = node.image.cluster.brokers.get(id);
    const host = EVERY_INTERFACE.has(parsed.host) ? broker?.listeners[0]?.host : parsed.host;
    if (host === undefined) return nowhere(id);
    const address = formatHostPort({ host, port: parsed.port });
    const me = await this.#get<Me>(address, '/api/v1/me');
    if (failed(me)) return me;
    if (me.node.id === id && me.node.clusterId === node.parts.clusterId) return address;
    const text = `At ${address}, where broker ${id} listens for HTTP as it says, another node answers: give it an address in http.listeners that others reach`;
    return new Failure(Errors.BROKER_NOT_AVAILABLE, text);
  }

  async #get<T>(address: string, path: string): Promise<T | Failure> {
    const token = this.#options.token();
    try {
      const response = await fetch(`http://${address}${path}`, {
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'error',
        ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
      });
      const length = Number(response.headers.get('content-length') ?? 0);
      if (response.ok && length <= MAX_ANSWER_BYTES) return (await response.json()) as T;
      await response.body?.cancel();
      return new Failure(
        Errors.BROKER_NOT_AVAILABLE,
        `http://${address} answers ${path} with ${response.status}`,
      );
    } catch (error) {
      const { cause, message } = error as Error & { readonly cause?: { readonly code?: string } };
      return new Failure(
        Errors.NETWORK_EXCEPTION,
        `http://${address} does not answer: ${cause?.code ?? message}`,
      );
    }
  }
}

function nowhere(id: NodeId): Failure {
  const text = `Broker ${id} does not say where it listens for HTTP: give it an address with a port in http.listeners`;
  return new Failure(Errors.BROKER_NOT_AVAILABLE, text);
}
