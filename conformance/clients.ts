/* The clients of the suite: how each one's program is built and started, and which of the common cases it can't do. */
import { join } from 'node:path';
import { COMMON_CASES, type CommonCase } from './cases.ts';
import { cases as fileCases } from './files/cases.ts';
import { cases as interopCases } from './interop/cases.ts';
import { cases as javaToolCases } from './java-tools/cases.ts';
import { cases as commandCases } from './odradek-cli/cases.ts';
import { cases as prometheusCases } from './prometheus/cases.ts';
import type { Command } from './runner/children.ts';
import { build, requireTool, TOOLS, type Workshop } from './runner/toolchain.ts';

export interface Client {
  readonly name: string;
  readonly cases: readonly string[];
  /** How long a case may take, where that is longer than usual. */
  readonly caseTimeoutMs?: number;
  /** Finds or builds what the program needs, and resolves to what starts it. Throws MissingTool. */
  prepare(workshop: Workshop): Promise<Command>;
}

const here = import.meta.dirname;

/** The common cases, without those that the client has no means for; the reason is for the reader. */
const without = (reasons: Partial<Record<CommonCase, string>>): string[] =>
  COMMON_CASES.filter(name => reasons[name] === undefined);

const kafkajs: Client = {
  name: 'kafkajs',
  cases: without({
    'group-cooperative': 'kafkajs rebalances eagerly only',
    'group-static': 'kafkajs has no group instance ids',
  }),
  async prepare() {
    return { file: process.execPath, args: ['--import', 'tsx', join(here, 'kafkajs/main.ts')] };
  },
};

/** Builds the suite's Java programs and fetches Kafka's clients, tools and broker. */
export async function javaClassPath(workshop: Workshop): Promise<string> {
  for (const tool of [TOOLS.java, TOOLS.javac, TOOLS.maven]) await requireTool(tool);
  const into = join(workshop.cache, 'java');
  const maven = ['--quiet', '--batch-mode', '--file', join(here, 'java/pom.xml'), `-Dinto=${into}`];
  await build(workshop, {
    what: "fetching Kafka's clients and tools with Maven, compiling the suite's programs",
    into,
    sources: [join(here, 'java/pom.xml'), `${join(here, 'java/src')}/`],
    steps: [{ file: 'mvn', args: [...maven, 'compile', 'dependency:copy-dependencies'] }],
  });
  return `${join(into, 'classes')}:${join(into, 'libs')}/*`;
}

const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

const javaTools: Client = {
  name: 'java-tools',
  cases: Object.keys(javaToolCases),
  async prepare(workshop) {
    const env = { CONFORMANCE_CLASS_PATH: await javaClassPath(workshop) };
    return { file: process.execPath, args: ['--import', 'tsx', join(here, 'java-tools/main.ts')], env };
  },
};

/** Each case starts several nodes, most of them Kafka's. */
const files: Client = {
  name: 'files',
  cases: Object.keys(fileCases),
  caseTimeoutMs: 300_000,
  async prepare(workshop) {
    const env = { CONFORMANCE_CLASS_PATH: await javaClassPath(workshop) };
    return { file: process.execPath, args: ['--import', 'tsx', join(here, 'files/main.ts')], env };
  },
};

const java: Client = {
  name: 'java',
  cases: COMMON_CASES,
  async prepare(workshop) {
    return { file: 'java', args: [...JVM, '-cp', await javaClassPath(workshop), 'Main'] };
  },
};

const franzGo: Client = {
  name: 'franz-go',
  cases: COMMON_CASES,
  async prepare(workshop) {
    await requireTool(TOOLS.go);
    const folder = join(here, 'franz-go');
    const into = join(workshop.cache, 'franz-go');
    const program = join(into, 'program');
    await build(workshop, {
      what: 'building the program with Go',
      into,
      sources: [`${folder}/`],
      steps: [{ file: 'go', args: ['build', '-o', program, '.'], cwd: folder }],
    });
    return { file: program, args: [] };
  },
};

/** It wants a Node of at least 22.22 or 24.6, which the npm package `node` brings along. */
const platformatic: Client = {
  name: 'platformatic',
  cases: without({ 'group-cooperative': '@platformatic/kafka rebalances eagerly only' }),
  async prepare(workshop) {
    await requireTool(TOOLS.npm);
    const folder = join(here, 'platformatic');
    const into = join(folder, 'node_modules');
    await build(workshop, {
      what: 'installing @platformatic/kafka and Node 24 with npm',
      into,
      sources: [join(folder, 'package.json'), join(folder, 'package-lock.json')],
      steps: [{ file: 'npm', args: ['ci', '--no-audit', '--no-fund'], cwd: folder }],
    });
    return { file: join(into, '.bin/node'), args: [join(folder, 'main.ts')] };
  },
};

/** Makes a client of Python's a virtual environment of its own. @returns the path of its interpreter */
async function pythonWith(workshop: Workshop, name: string, module: string): Promise<string> {
  await requireTool(TOOLS.python);
  const requirements = join(here, 'python', module, 'requirements.txt');
  const into = join(workshop.cache, name);
  const interpreter = join(into, 'bin/python');
  await build(workshop, {
    what: 'installing the client with pip',
    into,
    sources: [requirements],
    steps: [
      { file: 'python3', args: ['-m', 'venv', into] },
      {
        file: interpreter,
        args: ['-m', 'pip', 'install', '--disable-pip-version-check', '-r', requirements],
      },
    ],
  });
  return interpreter;
}

/** A Python that has librdkafka's client, for other programs than the suite's. */
export const librdkafkaPython = (workshop: Workshop): Promise<string> =>
  pythonWith(workshop, 'librdkafka', 'librdkafka');

const python = (name: string, module: string): Client => ({
  name,
  cases: COMMON_CASES,
  async prepare(workshop) {
    const interpreter = await pythonWith(workshop, name, module);
    const env = { PYTHONPATH: join(here, 'python'), PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' };
    return { file: interpreter, args: ['-m', module], env };
  },
});

/** Odradek's own commands, which work against Kafka as well. */
const odradekCli: Client = {
  name: 'odradek-cli',
  cases: Object.keys(commandCases),
  async prepare() {
    return { file: process.execPath, args: ['--import', 'tsx', join(here, 'odradek-cli/main.ts')] };
  },
};

/** Not a client: brokers of both makes in one cluster, which it starts itself. */
const interop: Client = {
  name: 'interop',
  cases: Object.keys(interopCases),
  async prepare(workshop) {
    const env = { CONFORMANCE_CLASS_PATH: await javaClassPath(workshop) };
    return { file: process.execPath, args: ['--import', 'tsx', join(here, 'interop/main.ts')], env };
  },
};

/** Not a client either: Prometheus and Alertmanager, watching three nodes that it starts itself. */
const prometheus: Client = {
  name: 'prometheus',
  cases: Object.keys(prometheusCases),
  async prepare() {
    for (const tool of [TOOLS.prometheus, TOOLS.promtool, TOOLS.alertmanager]) await requireTool(tool);
    return { file: process.execPath, args: ['--import', 'tsx', join(here, 'prometheus/main.ts')] };
  },
};

export const CLIENTS: readonly Client[] = [
  javaTools,
  files,
  java,
  python('librdkafka', 'librdkafka'),
  python('kafka-python', 'kafkapython'),
  franzGo,
  kafkajs,
  platformatic,
  odradekCli,
  interop,
  prometheus,
];
