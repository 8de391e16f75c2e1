/*
 * npm run conformance [-- OPTIONS]: real clients, each in its own language, against a node of the suite's own, or
 * against one that is there already. See README.md for what is covered.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CLUSTER_CASES } from './cases.ts';
import { CLIENTS, type Client, javaClassPath } from './clients.ts';
import { commandEngine, kafkaEngine, odradekEngine } from './engines.ts';
import { type Command, killAll } from './runner/children.ts';
import { Cluster } from './runner/cluster.ts';
import { type Engine, Node, type NodeUnderTest } from './runner/node.ts';
import { Report } from './runner/report.ts';
import { runCases } from './runner/run_cases.ts';
import { MissingTool, type Workshop } from './runner/toolchain.ts';

const USAGE = `npm run conformance [-- OPTIONS]
  --only NAME,…          clients (kafkajs), or cases of theirs (kafkajs/kill-9)
  --require-all          a toolchain that is missing is a failure
  --bootstrap HOST:PORT  a node that runs already; cases that restart it are skipped
  --brokers N            so many nodes with replication 3, one of which is killed in the middle of each client's run;
                         without the cases that are about a single node
  --engine COMMAND       starts the node, {file} is its server.properties: 'bin/odradek serve -c {file}';
                         'kafka' is Apache Kafka itself, to check the suite
  --keep                 keep the folder with the node's data and all logs
  --list                 print the clients and their cases`;

function readOptions() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string' },
        'require-all': { type: 'boolean', default: false },
        bootstrap: { type: 'string' },
        engine: { type: 'string' },
        brokers: { type: 'string', default: '1' },
        keep: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const KILL = 'kill-9';

interface Selection {
  readonly client: Client;
  readonly cases: readonly string[];
}

/** The clients and cases that --only names, or all that fit; unknown names end the program. */
function select({ only, brokers }: ReturnType<typeof readOptions>): Selection[] {
  if (!/^[1-9]$/.test(brokers)) {
    console.error(`--brokers: a number from 1 to 9, not ${brokers}`);
    process.exit(2);
  }
  const isCluster = brokers !== '1';
  const fitting = (cases: readonly string[]) =>
    isCluster ? withKillAmong(cases.filter(name => CLUSTER_CASES.has(name))) : cases;
  if (only === undefined) {
    return CLIENTS.map(client => ({ client, cases: fitting(client.cases) })).filter(hasCases);
  }
  const wanted = only.split(',').map(name => name.trim());
  const known = new Set(
    CLIENTS.flatMap(({ name, cases }) => [name, ...cases.map(each => `${name}/${each}`)]),
  );
  for (const name of wanted) {
    if (known.has(name)) continue;
    console.error(`--only: there is no client or case ${name}; --list names them all`);
    process.exit(2);
  }
  return CLIENTS.map(client => ({
    client,
    cases: wanted.includes(client.name)
      ? fitting(client.cases)
      : client.cases.filter(each => wanted.includes(`${client.name}/${each}`)),
  })).filter(hasCases);
}

/** Has the node killed in the middle of the cases: those behind find its coordinators and leaders elsewhere. */
function withKillAmong(cases: readonly string[]): string[] {
  const others = cases.filter(name => name !== KILL);
  const groups = others.findIndex(name => name.startsWith('group-'));
  const at = groups < 0 ? Math.ceil(others.length / 2) : groups;
  return cases.length === others.length ? others : [...others.slice(0, at), KILL, ...others.slice(at)];
}

const hasCases = ({ cases }: Selection): boolean => cases.length > 0;

class Run {
  readonly #options: ReturnType<typeof readOptions>;
  readonly #report = new Report();
  /** The node's files and every log. */
  readonly #folder = mkdtempSync(join(tmpdir(), 'odradek-conformance-'));
  #node: NodeUnderTest | undefined;

  constructor(options: ReturnType<typeof readOptions>) {
    this.#options = options;
  }

  async main(selected: readonly Selection[]): Promise<void> {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => this.#interrupted());
    this.#report.progress(`${selected.map(({ client }) => client.name).join(', ')}; logs in ${this.#folder}`);
    try {
      const bootstrap = this.#options.bootstrap ?? (await this.#startNode());
      for (const each of selected) await this.#runClient(each, bootstrap);
    } catch (error) {
      const ofNode = this.#options.brokers === '1' ? 'node.log' : '1/node.log';
      this.#failed('node', 'start', error, join(this.#folder, 'node', ofNode));
    }
    await this.#node?.stop();
    this.#report.close();
    if (this.#report.failed > 0) process.exitCode = 1;
    if (this.#report.failed > 0 || this.#options.keep) console.log(`Kept: ${this.#folder}`);
    else rmSync(this.#folder, { recursive: true });
  }

  #failed(client: string, name: string, error: unknown, log: string): void {
    this.#report.outcome({ client, name, seconds: 0, failure: { reason: (error as Error).message, log } });
  }

  #workshop(name: string): Workshop {
    const cache = join(import.meta.dirname, '.cache');
    mkdirSync(cache, { recursive: true });
    const progress = (text: string) => this.#report.progress(`${name}: ${text}`);
    return { cache, logPath: join(this.#folder, `${name}-setup.log`), progress };
  }

  async #startNode(): Promise<string> {
    const engine = await this.#engine();
    const startedMs = performance.now();
    this.#report.progress(`starting the node: ${engine.name}`);
    const folder = join(this.#folder, 'node');
    const count = Number(this.#options.brokers);
    this.#node = count === 1 ? await Node.start(engine, folder) : await Cluster.start(engine, folder, count);
    const { bootstrap } = this.#node;
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    this.#report.progress(`the node is ready at ${bootstrap} after ${seconds} s`);
    return bootstrap;
  }

  async #engine(): Promise<Engine> {
    const { engine } = this.#options;
    if (engine === undefined) return odradekEngine();
    return engine === 'kafka'
      ? kafkaEngine(await javaClassPath(this.#workshop('kafka')))
      : commandEngine(engine);
  }

  async #runClient({ client, cases }: Selection, bootstrap: string): Promise<void> {
    const { name } = client;
    const command = await this.#prepare(client, cases.length);
    if (command === undefined) return;
    const runnable = cases.filter(each => this.#node !== undefined || !each.startsWith('kill-9'));
    const prefix = `${name}-${Date.now().toString(36)}`;
    const logPath = join(this.#folder, `${name}.log`);
    const clientRun = {
      client: name,
      command,
      bootstrap,
      node: this.#node,
      prefix,
      logPath,
      caseTimeoutMs: client.caseTimeoutMs,
      report: this.#report,
    };
    try {
      await runCases(clientRun, runnable);
    } catch (error) {
      this.#failed(name, 'the remaining cases', error, logPath);
    }
    for (const each of cases.filter(each => !runnable.includes(each))) {
      this.#report.skipped({ client: name, name: each, why: 'the node of --bootstrap is not killed' });
    }
  }

  async #prepare(client: Client, cases: number): Promise<Command | undefined> {
    const workshop = this.#workshop(client.name);
    try {
      return await client.prepare(workshop);
    } catch (error) {
      if (error instanceof MissingTool && !this.#options['require-all']) {
        this.#report.skipped({ client: client.name, name: `all ${cases} cases`, why: error.message });
      } else this.#failed(client.name, 'set-up', error, workshop.logPath);
      return undefined;
    }
  }

  #interrupted(): void {
    console.error(`Interrupted; logs in ${this.#folder}`);
    killAll();
    process.exit(130);
  }
}

const options = readOptions();
const selected = select(options);
if (options.list) for (const { client, cases } of selected) console.log(`${client.name}: ${cases.join(' ')}`);
else await new Run(options).main(selected);
