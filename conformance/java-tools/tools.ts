/* Kafka's command line tools: one after the other in one JVM, and those that run for a while in JVMs of their own. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { until, within } from '../support/wait.ts';

const PACKAGE = 'org.apache.kafka.tools';

/** By the name of the script that starts it. */
const TOOLS = {
  'broker-api-versions': `${PACKAGE}.BrokerApiVersionsCommand`,
  cluster: `${PACKAGE}.ClusterTool`,
  configs: 'kafka.admin.ConfigCommand',
  'console-consumer': `${PACKAGE}.consumer.ConsoleConsumer`,
  'console-producer': `${PACKAGE}.ConsoleProducer`,
  'consumer-groups': `${PACKAGE}.consumer.group.ConsumerGroupCommand`,
  'consumer-perf-test': `${PACKAGE}.ConsumerPerformance`,
  'delete-records': `${PACKAGE}.DeleteRecordsCommand`,
  'dump-log': `${PACKAGE}.DumpLogSegments`,
  'e2e-latency': `${PACKAGE}.EndToEndLatency`,
  features: `${PACKAGE}.FeatureCommand`,
  'get-offsets': `${PACKAGE}.GetOffsetShell`,
  groups: `${PACKAGE}.GroupsCommand`,
  'leader-election': `${PACKAGE}.LeaderElectionCommand`,
  'log-dirs': `${PACKAGE}.LogDirsCommand`,
  'metadata-quorum': `${PACKAGE}.MetadataQuorumCommand`,
  'producer-perf-test': `${PACKAGE}.ProducerPerformance`,
  topics: `${PACKAGE}.TopicCommand`,
  'verifiable-consumer': `${PACKAGE}.VerifiableConsumer`,
  'verifiable-producer': `${PACKAGE}.VerifiableProducer`,
} as const;

export type Tool = keyof typeof TOOLS;

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const TOOL_TIMEOUT_MS = 60_000;

function startJvm(main: string, args: readonly string[]): ChildProcess {
  const options = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const classPath = process.env['CONFORMANCE_CLASS_PATH'];
  assert.ok(classPath, 'CONFORMANCE_CLASS_PATH is not set');
  return spawn('java', [...options, '-cp', classPath, main, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** The JVM that runs tools one after the other, and what it answers. */
let host: { child: ChildProcess; answers: AsyncIterator<string> } | undefined;

function toolHost() {
  if (host === undefined) {
    const child = startJvm('ToolHost', []);
    const answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    host = { child, answers };
  }
  return host;
}

/** Runs a tool to its end, whatever its exit code. */
export async function attempt(tool: Tool, args: readonly string[], input = ''): Promise<Result> {
  console.error(`$ ${tool} ${args.join(' ')}`);
  const { child, answers } = toolHost();
  child.stdin!.write(`${JSON.stringify({ tool: TOOLS[tool], args, input })}\n`);
  try {
    const { value } = await within(`${tool} ${args.join(' ')}`, answers.next(), TOOL_TIMEOUT_MS);
    assert.ok(value !== undefined, 'the JVM of the tools has ended');
    const result = JSON.parse(value) as Result;
    console.error(`${result.stdout}${result.stderr}exit code ${result.code}`);
    return result;
  } catch (error) {
    // It may be in the middle of a tool: the next one gets a new JVM.
    child.kill('SIGKILL');
    host = undefined;
    throw error;
  }
}

/** Runs a tool that must succeed, and resolves to its standard output. */
export async function run(tool: Tool, args: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await attempt(tool, args, input);
  assert.equal(code, 0, `${tool} ${args.join(' ')}: ${(stderr || stdout).trim()}`);
  return stdout;
}

/** Runs a tool that must fail, and checks what it says. */
export async function fails(tool: Tool, args: readonly string[], text: RegExp, input = ''): Promise<void> {
  const { code, stdout, stderr } = await attempt(tool, args, input);
  assert.notEqual(code, 0, `${tool} ${args.join(' ')} should fail`);
  assert.match(stdout + stderr, text);
}

/** A tool that runs until it is stopped, in a JVM of its own. */
export class RunningTool {
  static readonly #running = new Set<ChildProcess>();

  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #name: Tool;

  constructor(tool: Tool, args: readonly string[]) {
    this.#name = tool;
    this.#child = startJvm(TOOLS[tool], args);
    RunningTool.#running.add(this.#child);
    this.#child.once('exit', () => RunningTool.#running.delete(this.#child));
    createInterface({ input: this.#child.stdout! }).on('line', line => {
      this.lines.push(line);
    });
  }

  async waitFor(
    what: string,
    condition: (lines: readonly string[]) => boolean,
    timeoutMs = 30_000,
  ): Promise<void> {
    const detail = () => `${this.#name} printed ${this.lines.length} lines, at last ${this.lines.at(-1)}`;
    await until(what, () => condition(this.lines), { detail, timeoutMs });
  }

  /** As an operator does by control-C: the tool ends by itself. */
  async interrupt(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    await within(`${this.#name} ends`, ended);
  }

  /** Ends what a case that failed left running. */
  static endAll(): void {
    for (const child of RunningTool.#running) child.kill('SIGKILL');
  }

  async ended(): Promise<void> {
    if (this.#child.exitCode === null)
      await within(`${this.#name} ends`, once(this.#child, 'close'), TOOL_TIMEOUT_MS);
  }
}

/** The rows of a tool's table as objects by the names in its head, for tables that are separated by spaces. */
export function parseTable(text: string): Record<string, string>[] {
  const lines = text.split('\n').filter(line => line.trim() !== '' && !line.startsWith('Warning'));
  const start = lines.findIndex(line => /^[A-Z][A-Z-]+\s/.test(line));
  if (start < 0) return [];
  const head = lines[start]!.trim().split(/\s+/);
  return lines.slice(start + 1).map(line => {
    const cells = line.trim().split(/\s+/);
    return Object.fromEntries(head.map((name, index) => [name, cells[index] ?? '']));
  });
}
