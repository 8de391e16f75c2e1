import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_QUORUM_SETTINGS } from '../../src/raft/quorum_settings.ts';
import { QuorumWorld, type Sent } from '../support/quorum_world.ts';

/*
 * What nodes say and become, line by line: `1 > 2 Vote …` is a request, `1 leader in 1` a role and its epoch. A change
 * of the protocol shows here as a change of the conversation.
 */

const CLUSTER = 'MDEyMzQ1Njc4OWFiY2RlZg';
const REAL = { settings: DEFAULT_QUORUM_SETTINGS, latencyMs: 0.3, syncMs: 2 };

type Fields = Readonly<Record<string, unknown>>;

/** What of a request is worth a line; undefined: nothing. */
function line({ from, to, api, request }: Sent): string | undefined {
  const partition = (request as { topics?: { partitions: Fields[] }[] }).topics?.[0]?.partitions[0] ?? {};
  const { clusterId } = request as { clusterId: string | null };
  switch (api.name) {
    case 'Vote': {
      const kind = partition['preVote'] === true ? 'pre-vote' : 'vote';
      const end = `${partition['lastOffset']}/${partition['lastOffsetEpoch']}`;
      const cluster = clusterId === null ? ', of no cluster' : '';
      return `${from} > ${to} ${kind} in ${partition['replicaEpoch']}, log end ${end}${cluster}`;
    }
    case 'BeginQuorumEpoch':
      return `${from} > ${to} begins ${partition['leaderEpoch']}`;
    case 'EndQuorumEpoch': {
      const candidates = (partition['preferredCandidates'] as { candidateId: number }[]).map(
        each => each.candidateId,
      );
      return `${from} > ${to} ends ${partition['leaderEpoch']}, next ${candidates.join()}`;
    }
    case 'Fetch':
      return `${from} > ${to} fetch at ${partition['fetchOffset']}/${partition['lastFetchedEpoch']} in ${partition['currentLeaderEpoch']}`;
    case 'FetchSnapshot':
      return `${from} > ${to} snapshot from ${partition['position']}`;
    default:
      return `${from} > ${to} ${api.name}`;
  }
}

/** What of a log line is worth a line; undefined: nothing. */
function told(message: string, fields: Fields): string | undefined {
  const candidate = String(fields['candidate']).split('@')[0];
  const verb = fields['isPreVote'] === true ? 'would vote' : 'votes';
  switch (message) {
    case 'quorum role changed':
      return fields['votedFor'] !== undefined && fields['to'] === 'unattached'
        ? undefined
        : `${fields['to']} in ${fields['epoch']}`;
    case 'vote granted':
      return `${verb} for ${candidate}`;
    case 'vote refused':
      return `${verb} not for ${candidate}`;
    case 'a cluster was founded':
    case 'called into a cluster':
    case "the leader's process is gone":
    case 'the leader gives up':
      return message;
    default:
      return undefined;
  }
}

class Transcript {
  readonly #lines: string[] = [];
  readonly #isShown: (line: string) => boolean;

  constructor(world: QuorumWorld, isShown: (line: string) => boolean = () => true) {
    this.#isShown = isShown;
    world.onSend = sent => this.#add(line(sent));
    world.onLog = (member, message, fields) => {
      const text = told(message, fields);
      if (text !== undefined) this.#add(`${member.id} ${text}`);
    };
  }

  #add(text: string | undefined): void {
    if (text !== undefined && this.#isShown(text)) this.#lines.push(text);
  }

  /** The lines so far, which are forgotten. */
  take(): string[] {
    return this.#lines.splice(0);
  }
}

const noFetches = (text: string) => !text.includes('fetch');

test('an election of static voters', async () => {
  const world = new QuorumWorld({ voters: 3, formattedAs: CLUSTER, ...REAL });
  const transcript = new Transcript(world, noFetches);
  await world.startAll();
  await world.untilLeader();
  assert.deepEqual(transcript.take(), [
    '1 prospective in 0',
    '1 > 2 pre-vote in 0, log end 0/0',
    '1 > 3 pre-vote in 0, log end 0/0',
    '2 would vote for 1',
    '3 would vote for 1',
    '1 candidate in 1',
    '1 > 2 vote in 1, log end 0/0',
    '1 > 3 vote in 1, log end 0/0',
    '3 unattached in 1',
    '3 votes for 1',
    '2 unattached in 1',
    '2 votes for 1',
    '1 leader in 1',
    '1 > 2 begins 1',
    '1 > 3 begins 1',
    '2 follower in 1',
    '3 follower in 1',
  ]);
});

test('a founding', async () => {
  const world = new QuorumWorld({ voters: 2, ...REAL });
  const transcript = new Transcript(world, noFetches);
  await world.startAll();
  await world.untilLeader();
  assert.deepEqual(transcript.take(), [
    '2 > 1 pre-vote in 0, log end 0/0, of no cluster',
    '1 > 2 pre-vote in 0, log end 0/0, of no cluster',
    '2 > 1 pre-vote in 0, log end 0/0, of no cluster',
    '1 a cluster was founded',
    '1 prospective in 0',
    '1 > 2 pre-vote in 0, log end 0/0',
    '2 called into a cluster',
    '2 would vote for 1',
    '1 candidate in 1',
    '1 > 2 vote in 1, log end 0/0',
    '2 unattached in 1',
    '2 votes for 1',
    '1 leader in 1',
    '1 > 2 begins 1',
    '2 follower in 1',
  ]);
});

test('a leader whose process ends', async () => {
  const world = new QuorumWorld({ voters: 3, formattedAs: CLUSTER, ...REAL });
  await world.startAll();
  await world.commit('a');
  await world.advance(10);
  const transcript = new Transcript(world, noFetches);
  const old = world.leader!;
  old.kill();
  await world.until(() => world.leader !== undefined && world.leader !== old);
  assert.deepEqual(transcript.take(), [
    "3 the leader's process is gone",
    "2 the leader's process is gone",
    '2 prospective in 1',
    '2 > 1 pre-vote in 1, log end 2/1',
    '2 > 3 pre-vote in 1, log end 2/1',
    '3 would vote for 2',
    '2 candidate in 2',
    '2 > 3 vote in 2, log end 2/1',
    '3 unattached in 2',
    '3 votes for 2',
    '2 leader in 2',
    '2 > 1 begins 2',
    '2 > 3 begins 2',
    '3 follower in 2',
  ]);
});

test('a leader that shuts down', async () => {
  const world = new QuorumWorld({ voters: 3, formattedAs: CLUSTER, ...REAL });
  await world.startAll();
  await world.commit('a');
  await world.advance(10);
  const transcript = new Transcript(world, noFetches);
  const old = world.leader!;
  void old.node.shutdown(1_000);
  await world.until(() => world.leader !== undefined && world.leader !== old);
  assert.deepEqual(transcript.take(), [
    '1 resigned in 1',
    '1 > 2 ends 1, next 2,3',
    '1 > 3 ends 1, next 2,3',
    '2 the leader gives up',
    '2 prospective in 1',
    '2 > 1 pre-vote in 1, log end 2/1',
    '2 > 3 pre-vote in 1, log end 2/1',
    '3 the leader gives up',
    '1 would vote for 2',
    '3 would vote for 2',
    '2 candidate in 2',
    '2 > 1 vote in 2, log end 2/1',
    '2 > 3 vote in 2, log end 2/1',
    '3 unattached in 2',
    '3 votes for 2',
    '1 unattached in 2',
    '1 votes for 2',
    '2 leader in 2',
    '2 > 1 begins 2',
    '2 > 3 begins 2',
    '1 follower in 2',
    '3 follower in 2',
  ]);
});

test('a record on its way', async () => {
  const world = new QuorumWorld({ voters: 3, formattedAs: CLUSTER, ...REAL });
  await world.startAll();
  await world.commit('a');
  await world.advance(10);
  const transcript = new Transcript(world);
  await world.commit('b');
  assert.deepEqual(transcript.take(), [
    '3 > 1 fetch at 3/1 in 1',
    '2 > 1 fetch at 3/1 in 1',
    '2 > 1 fetch at 3/1 in 1',
    '3 > 1 fetch at 3/1 in 1',
  ]);
});
