import assert from 'node:assert/strict';
import type { Case, Scenario } from '../support/program.ts';
import { parseTable, run } from './tools.ts';
import { makeTopic } from './topics.ts';

const address = ({ bootstrap }: Scenario) => ['--bootstrap-server', bootstrap];

/** What a default Java producer and consumer need, with the versions that no node may lack. */
const NEEDED = [
  'Produce(0)',
  'Fetch(1)',
  'ListOffsets(2)',
  'Metadata(3)',
  'OffsetCommit(8)',
  'OffsetFetch(9)',
];

const apiVersions: Case = async scenario => {
  const text = await run('broker-api-versions', address(scenario));
  assert.match(
    text.split('\n')[0]!,
    new RegExp(`^${scenario.bootstrap} \\(id: 1 rack: null isFenced: false\\) -> \\($`),
  );
  const usable = new Map(
    [...text.matchAll(/^\t([\w()]+): (.*?),?$/gm)].map(([, api, range]) => [api!, range!]),
  );
  for (const api of [...NEEDED, 'ApiVersions(18)', 'CreateTopics(19)', 'InitProducerId(22)']) {
    assert.match(usable.get(api) ?? 'absent', /\[usable: \d+\]$/, api);
  }
  // librdkafka takes a node whose Produce begins later for one that does not know compression.
  assert.match(usable.get('Produce(0)')!, /^0 to /);
};

const clusterId: Case = async scenario => {
  const text = await run('cluster', ['cluster-id', ...address(scenario)]);
  assert.match(text, /^Cluster ID: [\w-]{22}$/m);
  const rows = parseTable(await run('cluster', ['list-endpoints', ...address(scenario)]));
  const [host, port] = scenario.bootstrap.split(':');
  assert.deepEqual(
    rows.map(({ ID, HOST, PORT, STATE }) => ({ ID, HOST, PORT, STATE })),
    [{ ID: '1', HOST: host, PORT: port, STATE: 'unfenced' }],
  );
};

const quorum: Case = async scenario => {
  const describe = (what: string) => run('metadata-quorum', [...address(scenario), 'describe', what]);
  const status = new Map(
    [...(await describe('--status')).matchAll(/^(\w+): +(.*)$/gm)].map(([, key, value]) => [key!, value!]),
  );
  assert.match(status.get('ClusterId') ?? '', /^[\w-]{22}$/);
  assert.equal(status.get('LeaderId'), '1');
  assert.ok(Number(status.get('LeaderEpoch')) >= 1, 'the leader has an epoch');
  assert.ok(Number(status.get('HighWatermark')) > 0, 'the high watermark has advanced');
  assert.deepEqual([status.get('MaxFollowerLag'), status.get('MaxFollowerLagTimeMs')], ['0', '0']);
  assert.match(status.get('CurrentVoters') ?? '', /"id": ?1\b/);
  assert.equal(status.get('CurrentObservers'), '[]');
  const [replica, ...others] = (await describe('--replication')).split('\n').filter(line => /^\d/.test(line));
  assert.deepEqual(others, []);
  const cells = replica!.trim().split(/\s+/);
  assert.deepEqual([cells[0], cells[3], cells.at(-1)], ['1', '0', 'Leader']);
};

const features: Case = async scenario => {
  const text = await run('features', [...address(scenario), 'describe']);
  const metadata = text.split('\n').find(line => line.includes('metadata.version'));
  assert.match(
    metadata ?? 'metadata.version is not described',
    /SupportedMaxVersion: ([34]\.\d|UNKNOWN).*FinalizedVersionLevel: [34]\.\d/,
  );
};

const leaderElection: Case = async scenario => {
  const topic = await makeTopic(scenario, 1);
  const elect = (...args: string[]) =>
    run('leader-election', [...address(scenario), '--election-type', 'preferred', ...args]);
  assert.match(
    await elect('--topic', topic, '--partition', '0'),
    new RegExp(`Valid replica already elected.*${topic}-0`),
  );
  await elect('--all-topic-partitions');
};

export const clusterCases: Record<string, Case> = {
  'broker-api-versions': apiVersions,
  'cluster-id': clusterId,
  'metadata-quorum': quorum,
  features,
  'leader-election': leaderElection,
};
