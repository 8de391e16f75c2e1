/** An assignor that a member offers, with what the member says to it (its subscription). */
export interface MemberProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface ClassicMemberOptions {
  readonly id: string;
  /** `group.instance.id` of a static member. */
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  readonly protocols: readonly MemberProtocol[];
  readonly assignment?: Buffer;
}

const EMPTY = Buffer.alloc(0);

/** A member of a classic group. Its buffers are its own. */
export class ClassicMember {
  readonly id: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** How long the group waits for it to join again. */
  rebalanceTimeoutMs: number;
  /** How long it may be silent. */
  sessionTimeoutMs: number;
  /** In the order of the member's preference. */
  protocols: readonly MemberProtocol[];
  /** Of the present generation; empty before its leader has made it. */
  assignment: Buffer;
  /** It has never been part of a generation: while it waits for its first, it may still be found dead. */
  isNew = false;

  constructor(options: ClassicMemberOptions) {
    this.id = options.id;
    this.instanceId = options.instanceId;
    this.clientId = options.clientId;
    this.clientHost = options.clientHost;
    this.rebalanceTimeoutMs = options.rebalanceTimeoutMs;
    this.sessionTimeoutMs = options.sessionTimeoutMs;
    this.protocols = options.protocols;
    this.assignment = options.assignment ?? EMPTY;
  }

  /** What the member says to an assignor; empty where it does not offer it. */
  metadataOf(protocolName: string | undefined): Buffer {
    return this.protocols.find(({ name }) => name === protocolName)?.metadata ?? EMPTY;
  }

  /** Whether it offers the same, in the same order. */
  offers(protocols: readonly MemberProtocol[]): boolean {
    return (
      protocols.length === this.protocols.length &&
      protocols.every(({ name, metadata }, at) => {
        const own = this.protocols[at]!;
        return own.name === name && own.metadata.equals(metadata);
      })
    );
  }

  /** The assignor that it likes best of the candidates, of which it offers at least one. */
  vote(candidates: ReadonlySet<string>): string {
    return this.protocols.find(({ name }) => candidates.has(name))!.name;
  }
}
