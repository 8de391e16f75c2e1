/** What a client of other nodes sent and got since the node started. */
export class PeerTraffic {
  requests = 0;
  responses = 0;
  incomingBytes = 0;
  outgoingBytes = 0;
}
