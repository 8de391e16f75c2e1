/** What came and went by a listener since the node started. */
export class ListenerTraffic {
  readonly listenerName: string;
  /** Connections that were accepted, and those of them that have ended. */
  accepted = 0;
  closed = 0;
  /** Connections that were refused because there were too many. */
  refused = 0;
  /** Bytes of requests that were answered, and of their responses. */
  incomingBytes = 0;
  outgoingBytes = 0;

  constructor(listenerName: string) {
    this.listenerName = listenerName;
  }
}
