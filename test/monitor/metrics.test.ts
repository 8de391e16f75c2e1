import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { parseExposition, type ScrapedSample } from '../support/exposition.ts';
import { MonitoredNode } from '../support/monitored_node.ts';
import { until } from '../support/until.ts';
import { DASHBOARDS } from './dashboard_series.ts';

const STATIC_LABELS = {
  namespace: 'ours',
  strimzi_io_cluster: 'my-cluster',
  strimzi_io_name: 'my-cluster-kafka',
  kubernetes_pod_name: 'my-cluster-kafka-1',
  container: 'kafka',
};
const RECORDS = 30;

describe('a scrape of a node that has clients', () => {
  let node: MonitoredNode;
  let samples: ScrapedSample[];

  before(async () => {
    const labels = Object.entries(STATIC_LABELS).map(([name, value]) => `${name}=${value}`);
    node = await MonitoredNode.start(
      `metrics.labels=${labels.join(',')}`,
      'group.initial.rebalance.delay.ms=0',
    );
    await work(node.bootstrap);
    await until(async () => {
      samples = await scrape(node);
      return find('kafka_consumergroup_current_offset_sum', { topic: 'orders' })[0]?.value === RECORDS;
    });
  });
  after(() => node.stop());

  const find = (name: string, labels: Record<string, string> = {}) =>
    samples.filter(
      sample =>
        sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
  const value = (name: string, labels?: Record<string, string>) => {
    const found = find(name, labels);
    assert.equal(found.length, 1, `${name} ${JSON.stringify(labels)}`);
    return found[0]!.value;
  };

  for (const [dashboard, series] of Object.entries(DASHBOARDS)) {
    test(`has every series of ${dashboard}`, () => {
      const missing = series.filter(
        ({ name, labels = [] }) =>
          !find(name, STATIC_LABELS).some(sample =>
            labels.every(label => (sample.labels[label] ?? '') !== ''),
          ),
      );
      assert.deepEqual(missing, []);
    });
  }

  test('counts what clients did', () => {
    const topic = { topic: 'orders' };
    assert.equal(value('kafka_server_brokertopicmetrics_messagesin_total', topic), RECORDS);
    assert.ok(value('kafka_server_brokertopicmetrics_bytesin_total', topic) > RECORDS * 100);
    assert.ok(value('kafka_server_brokertopicmetrics_bytesout_total', topic) > RECORDS * 100);
    assert.equal(
      find('kafka_server_brokertopicmetrics_messagesin_total').filter(each => !('topic' in each.labels))
        .length,
      1,
    );
    const produced = { request: 'Produce' };
    assert.ok(value('kafka_network_requestmetrics_totaltimems_count', produced) >= 1);
    assert.ok(value('kafka_network_requestmetrics_errors_total', { ...produced, error: 'NONE' }) >= 1);
    assert.ok(
      find('kafka_network_requestmetrics_requests_total', produced)[0]!.labels['version'] !== undefined,
    );
  });

  test('gives quantiles that rise, and stages that make up the whole', () => {
    const of = (name: string) =>
      ['0.50', '0.75', '0.95', '0.98', '0.99', '0.999'].map(quantile =>
        value(`kafka_network_requestmetrics_${name}`, { request: 'FetchConsumer', quantile }),
      );
    for (const stage of ['totaltimems', 'remotetimems', 'localtimems']) {
      const quantiles = of(stage);
      assert.deepEqual(
        quantiles,
        [...quantiles].sort((left, right) => left - right),
      );
    }
    const sum = (name: string) =>
      value(`kafka_network_requestmetrics_${name}_sum`, { request: 'FetchConsumer' });
    const stages = [
      'requestqueuetimems',
      'localtimems',
      'remotetimems',
      'responsequeuetimems',
      'responsesendtimems',
    ];
    const together = stages.map(sum).reduce((left, right) => left + right);
    assert.ok(Math.abs(together - sum('totaltimems')) < 1, `${together} and ${sum('totaltimems')}`);
  });

  test('knows how far the group is', () => {
    const orders = { consumergroup: 'readers', topic: 'orders' };
    const lag = find('kafka_consumergroup_lag', orders).map(each => each.value);
    assert.equal(
      value('kafka_consumergroup_lag_sum', orders),
      lag.reduce((left, right) => left + right),
    );
    const end = find('kafka_topic_partition_current_offset', { topic: 'orders' });
    assert.equal(
      end.reduce((sum, each) => sum + each.value, 0),
      RECORDS,
    );
    assert.equal(value('kafka_consumergroup_current_offset_sum', orders), RECORDS);
  });

  test('knows the node and its cluster', () => {
    assert.equal(value('kafka_controller_kafkacontroller_activecontrollercount'), 1);
    assert.equal(value('kafka_server_kafkaserver_brokerstate'), 3);
    assert.equal(value('kafka_server_raftmetrics_current_leader'), 1);
    assert.equal(value('kafka_server_raftmetrics_current_state', { current_state: 'leader' }), 1);
    assert.equal(value('kafka_brokers'), 1);
    assert.equal(value('kafka_topic_partitions', { topic: 'orders' }), 3);
    assert.equal(value('kafka_server_replicamanager_underreplicatedpartitions'), 0);
    assert.ok(value('odradek_log_directory_usable_bytes') > 0);
    assert.ok(value('kafka_log_logflushstats_logflushrateandtimems_count') > 0);
  });

  test('is written in OpenMetrics for those who ask for it', async () => {
    const response = await node.get('/metrics', { accept: 'application/openmetrics-text;version=1.0.0' });
    assert.match(response.headers.get('content-type')!, /^application\/openmetrics-text; version=1\.0\.0/);
    const text = await response.text();
    assert.ok(text.endsWith('\n# EOF\n'));
    assert.match(text, /^# TYPE kafka_server_brokertopicmetrics_bytesin counter$/m);
    assert.match(text, /^kafka_server_brokertopicmetrics_bytesin_total\{/m);
    assert.equal(parseExposition(text).length > 500, true);
  });
});

async function scrape(node: MonitoredNode): Promise<ScrapedSample[]> {
  const response = await node.get('/metrics');
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
  return parseExposition(await response.text());
}

/** Produces, and has a group read all and commit. */
async function work(bootstrap: string): Promise<void> {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 3 }] });
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  const messages = Array.from({ length: RECORDS }, (_, index) => ({
    key: `${index}`,
    value: 'v'.repeat(100),
  }));
  await producer.send({ topic: 'orders', messages });
  await producer.disconnect();
  const consumer = kafka.consumer({ groupId: 'readers' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'orders', fromBeginning: true });
  let read = 0;
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async () => {
      if (++read === RECORDS) resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.stop();
  await consumer.disconnect();
}
