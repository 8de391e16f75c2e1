import type { VoteRequest, VoteResponse } from '../../messages/52_vote.ts';
import type { MessageInput } from '../../protocol/schema.ts';
import type { NodeProcess, WorldNode } from '../world/world_node.ts';

/** A voter gives one vote in an epoch, whatever happens to its process: seen where answers leave the node. */
export class VoteInvariants {
  readonly #fail: (text: string) => void;
  /** By epoch, node and disk: the candidate. */
  readonly #votes = new Map<string, string>();

  constructor(fail: (text: string) => void) {
    this.#fail = fail;
  }

  opened(node: WorldNode, process: NodeProcess): void {
    const { quorum } = process.services!;
    const handle = quorum.handleVote.bind(quorum);
    quorum.handleVote = async (request, context) => {
      const response = await handle(request, context);
      this.#answered(node, request, response);
      return response;
    };
  }

  #answered(
    { id, name, diskCount }: WorldNode,
    request: VoteRequest,
    response: MessageInput<typeof VoteResponse>,
  ): void {
    const asked = request.topics[0]?.partitions[0];
    const answer = response.topics?.[0]?.partitions?.[0];
    if (asked === undefined || asked.preVote || answer?.voteGranted !== true) return;
    const candidate = `${asked.replicaId} (${asked.replicaDirectoryId})`;
    const key = `${asked.replicaEpoch} ${id} ${diskCount}`;
    const before = this.#votes.get(key);
    this.#votes.set(key, candidate);
    if (before !== undefined && before !== candidate) {
      this.#fail(
        `${name} votes for ${before} and for ${candidate} in epoch ${asked.replicaEpoch} of the quorum`,
      );
    }
  }
}
