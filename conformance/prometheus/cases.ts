/* What Prometheus makes of three nodes under load, and what Alertmanager is told. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import kafkajs from 'kafkajs';
import { DASHBOARDS } from '../../test/monitor/dashboard_series.ts';
import type { Case } from '../support/program.ts';
import { until } from '../support/wait.ts';
import { RULES } from './rules.ts';
import { WatchedCluster } from './watched_cluster.ts';

const TOPIC = 'orders';
const GROUP = 'readers';
const LABELS = { namespace: 'kafka', strimzi_io_cluster: 'my-cluster' };
/** promtool's exit code for what can be read and might have better names: these are Kafka's exporters'. */
const LINT_FOUND = 3;
/** Alerts wait for their time, and Prometheus for the next scrape. */
const TIMEOUT_MS = 60_000;

/** A producer and a group at work until they are told to end. */
class Load {
  readonly #producer: kafkajs.Producer;
  readonly #consumer: kafkajs.Consumer;
  #isOver = false;
  #producing: Promise<void> = Promise.resolve();

  private constructor(client: kafkajs.Kafka) {
    this.#producer = client.producer();
    this.#consumer = client.consumer({ groupId: GROUP });
  }

  static async start(bootstrap: string): Promise<Load> {
    const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: 100 };
    const client = new kafkajs.Kafka({
      brokers: bootstrap.split(','),
      logLevel: kafkajs.logLevel.NOTHING,
      retry,
    });
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 6 }] });
    await admin.disconnect();
    const load = new Load(client);
    await load.#producer.connect();
    await load.#consumer.connect();
    await load.#consumer.subscribe({ topic: TOPIC, fromBeginning: true });
    await load.#consumer.run({ eachMessage: async () => {} });
    load.#producing = load.#produce();
    return load;
  }

  async #produce(): Promise<void> {
    for (let at = 0; !this.#isOver; at++) {
      const messages = Array.from({ length: 20 }, (_, index) => ({
        key: `${at} ${index}`,
        value: 'v'.repeat(100),
      }));
      await this.#producer.send({ topic: TOPIC, acks: -1, messages }).catch(() => {});
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#producing;
    await this.#consumer.disconnect();
    await this.#producer.disconnect();
  }
}

async function withCluster(run: (cluster: WatchedCluster) => Promise<void>): Promise<void> {
  const cluster = await WatchedCluster.start();
  let isDone = false;
  try {
    await cluster.watching();
    const load = await Load.start(cluster.bootstrap);
    try {
      await run(cluster);
      isDone = true;
    } finally {
      await load.stop();
    }
  } finally {
    await cluster.stop({ keep: !isDone });
  }
}

async function dashboards(cluster: WatchedCluster): Promise<void> {
  const up = async () => (await cluster.query('up')).filter(({ value }) => value === 1).length === 3;
  await until('Prometheus to have scraped all three nodes', up);
  const selector = Object.entries(LABELS).map(([name, value]) => `${name}="${value}"`);
  let missing: string[] = [];
  const all = Object.entries(DASHBOARDS).flatMap(([dashboard, series]) =>
    series.map(({ name, labels = [] }) => ({ dashboard, name, labels })),
  );
  await until(
    'every series of every dashboard',
    async () => {
      missing = [];
      for (const { dashboard, name, labels } of all) {
        const found = await cluster.query(`${name}{${[...selector, ...labels.map(each => `${each}!=""`)]}}`);
        if (found.length === 0) missing.push(`${dashboard}: ${name}`);
      }
      return missing.length === 0;
    },
    { timeoutMs: TIMEOUT_MS, detail: () => missing.join(', ') },
  );
  // What there is once in a cluster is exported once.
  for (const once of ['kafka_brokers', 'kafka_topic_partitions{topic="orders"}'])
    assert.equal((await cluster.query(once)).length, 1, once);
  const [controllers] = await cluster.query('sum(kafka_controller_kafkacontroller_activecontrollercount)');
  assert.equal(controllers!.value, 1);
}

async function isReadable(cluster: WatchedCluster): Promise<void> {
  for (let index = 0; index < 3; index++) {
    const text = await (await fetch(`${cluster.httpUrl(index)}/metrics`)).text();
    const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text });
    assert.ok(status === 0 || status === LINT_FOUND, `promtool ended with ${status}: ${stderr}`);
  }
}

/** The rules that fire, in Prometheus. */
async function firingRules(cluster: WatchedCluster): Promise<readonly string[]> {
  const answer = (await (await fetch(`${cluster.prometheusUrl}/api/v1/rules`)).json()) as {
    readonly data: {
      readonly groups: readonly {
        readonly rules: readonly { name: string; state: string; health: string; lastError?: string }[];
      }[];
    };
  };
  const rules = answer.data.groups.flatMap(group => group.rules);
  assert.deepEqual(
    rules.map(({ name }) => name),
    RULES.map(({ alert }) => alert),
  );
  const broken = rules.filter(({ health }) => health === 'err');
  assert.deepEqual(broken, [], 'every rule can be evaluated');
  return rules.filter(({ state }) => state === 'firing').map(({ name }) => name);
}

interface TakenAlert {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly status: { readonly state: string };
}

/** What Alertmanager has been told. */
async function takenAlerts(cluster: WatchedCluster): Promise<readonly TakenAlert[]> {
  return (await (await fetch(`${cluster.alertmanagerUrl}/api/v2/alerts?active=true`)).json()) as TakenAlert[];
}

async function killedNode(cluster: WatchedCluster): Promise<void> {
  const { controllerId } = (await (await fetch(`${cluster.httpUrl(0)}/api/v1/health`)).json()) as {
    readonly controllerId: number;
  };
  // The controller with it: the next one tells of the dead broker.
  const index = controllerId - 1;
  await cluster.killNode(index);
  let taken: readonly TakenAlert[] = [];
  const isTold = async () => {
    taken = await takenAlerts(cluster);
    return taken.some(({ labels }) => labels['alertname'] === 'BrokerDown');
  };
  await until('Alertmanager to be told of the dead broker', isTold, {
    timeoutMs: TIMEOUT_MS,
    detail: () => taken.map(({ labels }) => labels['alertname']).join(', '),
  });
  const [alert] = taken.filter(({ labels }) => labels['alertname'] === 'BrokerDown');
  assert.equal(alert!.labels['broker'], String(controllerId));
  assert.match(alert!.annotations['description']!, /is not alive\..* Since .* See: odradek broker describe /);
  assert.equal(
    taken.some(({ labels }) => labels['alertname'] === 'UnderReplicatedPartitions'),
    false,
    'a dead broker does not page for each of its partitions',
  );
  const fires = async () => (await firingRules(cluster)).includes('UnderReplicatedPartitions');
  await until("Strimzi's rule to fire in Prometheus", fires, { timeoutMs: TIMEOUT_MS });
  await cluster.startNode(index);
  const isOver = async () => {
    taken = await takenAlerts(cluster);
    return !taken.some(({ labels }) => labels['alertname'] === 'BrokerDown');
  };
  await until('Alertmanager to be told that the broker is back', isOver, { timeoutMs: TIMEOUT_MS });
}

export const cases: Readonly<Record<string, Case>> = {
  async dashboards() {
    await withCluster(async cluster => {
      await dashboards(cluster);
      await isReadable(cluster);
      const firing = await firingRules(cluster);
      for (const quiet of ['AbnormalControllerState', 'OfflinePartitions', 'UnderMinIsrPartitionCount'])
        assert.equal(firing.includes(quiet), false, quiet);
    });
  },
  async 'kill-9-alerts'() {
    await withCluster(async cluster => {
      const up = async () => (await cluster.query('up')).filter(({ value }) => value === 1).length === 3;
      await until('Prometheus to have scraped all three nodes', up);
      await killedNode(cluster);
    });
  },
};
