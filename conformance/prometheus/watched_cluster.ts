/* Three nodes, with the real Prometheus that scrapes them and the real Alertmanager that they tell their alerts. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { odradekEngine } from '../engines.ts';
import { type Command, end, hasEnded, signalGroup, start } from '../runner/children.ts';
import { until } from '../support/wait.ts';
import { RULES } from './rules.ts';

const NODES = 3;
const READY_TIMEOUT_MS = 60_000;
const PATIENCE_MS = 10_000;
/** What a scraper in Kubernetes adds. */
const KUBERNETES_LABELS = {
  namespace: 'kafka',
  strimzi_io_cluster: 'my-cluster',
  strimzi_io_name: 'my-cluster-kafka',
  container: 'kafka',
};

interface Ports {
  readonly client: number;
  readonly controller: number;
  readonly http: number;
}

export class WatchedCluster {
  readonly bootstrap: string;
  readonly prometheusUrl: string;
  readonly alertmanagerUrl: string;
  readonly #folder: string;
  readonly #ports: readonly Ports[];
  readonly #nodes: (ChildProcess | undefined)[] = [];
  readonly #watchers: ChildProcess[] = [];

  private constructor(folder: string, ports: readonly number[]) {
    this.#folder = folder;
    this.#ports = Array.from({ length: NODES }, (_, index) => ({
      client: ports[index * 3]!,
      controller: ports[index * 3 + 1]!,
      http: ports[index * 3 + 2]!,
    }));
    this.bootstrap = this.#ports.map(({ client }) => `127.0.0.1:${client}`).join(',');
    this.prometheusUrl = `http://127.0.0.1:${ports[NODES * 3]}`;
    this.alertmanagerUrl = `http://127.0.0.1:${ports[NODES * 3 + 1]}`;
  }

  static async start(): Promise<WatchedCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'odradek-watched-'));
    const cluster = new WatchedCluster(folder, await freePorts(NODES * 3 + 2));
    cluster.#startAlertmanager();
    cluster.#startPrometheus();
    await Promise.all(cluster.#ports.map((_, index) => cluster.startNode(index)));
    return cluster;
  }

  /** Where a node serves HTTP. */
  httpUrl(index: number): string {
    return `http://127.0.0.1:${this.#ports[index]!.http}`;
  }

  async startNode(index: number): Promise<void> {
    const { client, controller, http } = this.#ports[index]!;
    const id = index + 1;
    const file = join(this.#folder, `${id}.properties`);
    const voters = this.#ports.map((each, at) => `${at + 1}@127.0.0.1:${each.controller}`);
    writeFileSync(
      file,
      `process.roles=broker,controller
node.id=${id}
controller.quorum.voters=${voters}
listeners=PLAINTEXT://127.0.0.1:${client},CONTROLLER://127.0.0.1:${controller}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=${join(this.#folder, `data${id}`)}
offsets.topic.num.partitions=4
offsets.topic.replication.factor=3
default.replication.factor=3
min.insync.replicas=2
group.initial.rebalance.delay.ms=0
http.listeners=http://127.0.0.1:${http}
metrics.poll.interval.ms=1000
alerts.interval.ms=500
alerts.alertmanager.urls=${this.alertmanagerUrl}
alert.broker.down.for.ms=1000
alert.under.replicated.partitions.for.ms=1000
`,
    );
    const child = start(odradekEngine().command(file), ['ignore', 'pipe', 'pipe']);
    this.#nodes[index] = child;
    const log = createWriteStream(join(this.#folder, `${id}.log`), { flags: 'a' });
    child.stderr!.pipe(log, { end: false });
    await new Promise<void>((resolve, reject) => {
      const fail = (what: string) => reject(new Error(`Node ${id} ${what}; its log: ${log.path}`));
      const timer = setTimeout(() => fail('was not ready in time'), READY_TIMEOUT_MS);
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        fail(`ended with ${signal ?? code}`);
      });
      createInterface({ input: child.stdout! }).on('line', line => {
        log.write(`${line}\n`);
        if (!odradekEngine().isReady(line)) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async killNode(index: number): Promise<void> {
    const child = this.#nodes[index]!;
    if (hasEnded(child)) return;
    const ended = once(child, 'exit');
    signalGroup(child, 'SIGKILL');
    await ended;
  }

  #startPrometheus(): void {
    const folder = this.#watcherFolder('prometheus');
    const targets = this.#ports.map(({ http }, index) => ({
      targets: [`127.0.0.1:${http}`],
      labels: { ...KUBERNETES_LABELS, kubernetes_pod_name: `my-cluster-kafka-${index}` },
    }));
    const rules = {
      groups: [
        {
          name: 'strimzi',
          interval: '1s',
          rules: RULES.map(rule => ({ ...rule, labels: { severity: 'warning' } })),
        },
      ],
    };
    const rulesFile = join(folder, 'rules.yml');
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [rulesFile],
      scrape_configs: [{ job_name: 'kafka', static_configs: targets }],
    };
    // JSON is YAML.
    writeFileSync(rulesFile, JSON.stringify(rules));
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    this.#watch('prometheus', {
      file: 'prometheus',
      args: [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${new URL(this.prometheusUrl).host}`,
      ],
    });
  }

  #startAlertmanager(): void {
    const folder = this.#watcherFolder('alertmanager');
    const config = { route: { receiver: 'nobody' }, receivers: [{ name: 'nobody' }] };
    writeFileSync(join(folder, 'alertmanager.yml'), JSON.stringify(config));
    this.#watch('alertmanager', {
      file: 'prometheus-alertmanager',
      args: [
        `--config.file=${join(folder, 'alertmanager.yml')}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=${new URL(this.alertmanagerUrl).host}`,
        '--cluster.listen-address=',
      ],
    });
  }

  #watcherFolder(name: string): string {
    const folder = join(this.#folder, name);
    mkdirSync(folder);
    return folder;
  }

  #watch(name: string, command: Command): void {
    const child = start(command, ['ignore', 'pipe', 'pipe']);
    const log = createWriteStream(join(this.#folder, `${name}.log`), { flags: 'a' });
    child.stdout!.pipe(log, { end: false });
    child.stderr!.pipe(log, { end: false });
    this.#watchers.push(child);
  }

  /** Asks Prometheus. @returns the labels and the value of each series that an expression gives now */
  async query(expression: string): Promise<readonly { metric: Record<string, string>; value: number }[]> {
    const url = `${this.prometheusUrl}/api/v1/query?query=${encodeURIComponent(expression)}`;
    const answer = (await (await fetch(url)).json()) as {
      readonly status: string;
      readonly error?: string;
      readonly data: {
        readonly result: readonly { metric: Record<string, string>; value: [number, string] }[];
      };
    };
    if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`);
    return answer.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  /** Waits until Prometheus and Alertmanager answer. */
  async watching(): Promise<void> {
    for (const url of [this.prometheusUrl, this.alertmanagerUrl]) {
      const isReady = async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true;
      await until(`${url} to be ready`, isReady);
    }
  }

  /** @param keep leaves the logs and the data, and says where */
  async stop({ keep }: { readonly keep: boolean }): Promise<void> {
    const all = [...this.#watchers, ...this.#nodes.filter(each => each !== undefined)];
    await Promise.all(all.map(each => end(each, { patienceMs: PATIENCE_MS })));
    if (keep) console.error(`Kept: ${this.#folder}`);
    else rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ports.push((server.address() as { port: number }).port);
  }
  for (const server of servers) await once(server.close(), 'close');
  return ports;
}
