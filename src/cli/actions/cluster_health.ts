import { describeCluster, describeLogDirs, describeQuorum } from '../../client/admin/cluster.ts';
import { describeConfigs } from '../../client/admin/configs.ts';
import type { ClusterClient } from '../../client/cluster_client.ts';
import type { TopicMetadata } from '../../client/cluster_metadata.ts';
import { pause } from '../../client/retries.ts';
import { ERROR_NAMES, Errors } from '../../model/error_codes.ts';
import { type Failure, failed } from '../../model/failure.ts';
import { asNodeId } from '../../model/ids.ts';
import type { CommandContext } from '../command_context.ts';
import { ExitCode, Misuse } from '../exit_codes.ts';
import { allTopics } from '../find_topics.ts';
import { type Health, type HealthFacts, judgeHealth } from '../health_verdict.ts';
import { facts as factsBlock, text } from '../output/blocks.ts';
import type { Action } from '../run_action.ts';

interface Options {
  readonly watch?: boolean;
  readonly exitWhenHealthy?: boolean;
}

const WATCH_MS = 1_000;
/** A broker that does not answer within this does not answer. */
const PROBE_MS = 3_000;
/** A voter that has not fetched up to the end for so long is behind. */
const VOTER_BEHIND_MS = 10_000;
/** Topics whose settings are asked for in one request. */
const CONFIG_CHUNK = 500;

export const clusterHealth: Action<[], Options> = async (context, _args, options) => {
  const { exitWhenHealthy = false, watch = false } = options;
  if (exitWhenHealthy && !watch) return new Misuse('--exit-when-healthy waits: add --watch');
  const client = await context.connect();
  if (failed(client)) return client;
  context.handleInterrupts();
  let isInterrupted = false;
  void context.interrupted.then(() => {
    isInterrupted = true;
  });
  let before = '';
  for (;;) {
    const found = await look(client);
    if (failed(found) && !watch) return found;
    const health: Health = failed(found)
      ? { verdict: 'red', reasons: [{ verdict: 'red', text: found.message }] }
      : judgeHealth(found);
    const shown = JSON.stringify(health);
    if (shown !== before) await show(context, health, found);
    before = shown;
    const isDone = !watch || isInterrupted || (exitWhenHealthy && health.verdict === 'green');
    if (isDone) return health.verdict === 'green' ? ExitCode.ok : ExitCode.unhealthy;
    await Promise.race([pause(client.ports.clock, WATCH_MS), context.interrupted]);
  }
};

async function show({ output }: CommandContext, health: Health, facts: HealthFacts | Failure): Promise<void> {
  const { paint } = output;
  const paints = { green: paint.good, yellow: paint.warning, red: paint.bad };
  const partitions = failed(facts) ? [] : facts.topics.flatMap(topic => topic.partitions);
  const brokers = failed(facts) ? [] : facts.brokers;
  const summary = {
    brokers: brokers.length,
    brokersServing: brokers.filter(({ isFenced, isReachable }) => !isFenced && isReachable).length,
    topics: failed(facts) ? 0 : facts.topics.length,
    partitions: partitions.length,
    leaderless: partitions.filter(({ leader }) => leader < 0).length,
    underReplicated: partitions.filter(({ isr, replicas }) => isr.length < replicas.length).length,
  };
  await output.show(
    { verdict: health.verdict, ...summary, reasons: health.reasons },
    factsBlock([
      ['Health', paints[health.verdict](health.verdict)],
      ['Brokers', `${summary.brokersServing} of ${summary.brokers} serve`],
      ['Partitions', `${summary.partitions} of ${summary.topics} topics`],
      ['Without a leader', summary.leaderless],
      ['Under-replicated', summary.underReplicated],
    ]),
    ...(health.reasons.length === 0
      ? []
      : [
          text(
            health.reasons
              .map(reason => `${paints[reason.verdict](reason.verdict)}: ${reason.text}`)
              .join('\n'),
          ),
        ]),
  );
}

/** Collects what is known of the cluster. */
async function look(client: ClusterClient): Promise<HealthFacts | Failure> {
  const [cluster, topics, quorum] = await Promise.all([
    describeCluster(client),
    allTopics(client),
    describeQuorum(client),
  ]);
  if (failed(cluster)) return cluster;
  if (failed(topics)) return topics;
  const dirs = await Promise.all(
    cluster.brokers.map(async ({ brokerId, isFenced }) => ({
      nodeId: brokerId,
      isFenced,
      found: isFenced ? undefined : await probe(client, brokerId),
    })),
  );
  const minimums = await minInSync(client, topics);
  return {
    brokers: dirs.map(({ found, isFenced, nodeId }) => ({
      nodeId,
      isFenced,
      isReachable: isFenced || (found !== undefined && !failed(found)),
    })),
    topics: topics.map(({ name, partitions }) => ({
      name,
      minInSyncReplicas: minimums.get(name),
      partitions,
    })),
    quorum: failed(quorum) ? undefined : quorumFacts(quorum),
    offlineLogDirs: dirs.flatMap(({ found, nodeId }) =>
      found === undefined || failed(found)
        ? []
        : found
            .filter(({ errorCode }) => errorCode !== Errors.NONE)
            .map(({ errorCode, logDir }) => ({
              nodeId,
              path: logDir,
              error: ERROR_NAMES.get(errorCode) ?? String(errorCode),
            })),
    ),
  };
}

/** The log directories of a broker, without its partitions; a failure when it does not answer soon. */
async function probe(client: ClusterClient, nodeId: number) {
  const timeout = pause(client.ports.clock, PROBE_MS).then(() => undefined);
  return await Promise.race([describeLogDirs(client, asNodeId(nodeId), []), timeout]);
}

async function minInSync(
  client: ClusterClient,
  topics: readonly TopicMetadata[],
): Promise<Map<string, number>> {
  const minimums = new Map<string, number>();
  for (let at = 0; at < topics.length; at += CONFIG_CHUNK) {
    const chunk = topics.slice(at, at + CONFIG_CHUNK);
    const resources = chunk.map(({ name }) => ({ type: 'topic' as const, name }));
    const described = await describeConfigs(client, resources, { keys: ['min.insync.replicas'] });
    if (failed(described)) return minimums;
    described.forEach((entries, index) => {
      const value = failed(entries) ? undefined : entries[0]?.value;
      if (value !== undefined && value !== null) minimums.set(chunk[index]!.name, Number(value));
    });
  }
  return minimums;
}

function quorumFacts(
  quorum: Exclude<Awaited<ReturnType<typeof describeQuorum>>, Failure>,
): HealthFacts['quorum'] {
  const { currentVoters, leaderId } = quorum;
  const leader = currentVoters.find(({ replicaId }) => replicaId === leaderId);
  const nowMs = leader?.lastFetchTimestamp ?? -1n;
  return {
    leaderId,
    voters: currentVoters.map(({ lastCaughtUpTimestamp, logEndOffset, replicaId }) => ({
      nodeId: replicaId,
      lag: leader === undefined || logEndOffset < 0n ? null : leader.logEndOffset - logEndOffset,
      isCurrent:
        replicaId === leaderId || nowMs < 0n || nowMs - lastCaughtUpTimestamp <= BigInt(VOTER_BEHIND_MS),
    })),
  };
}
