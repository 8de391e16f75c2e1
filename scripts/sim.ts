/*
 * npm run sim -- [--seed N | --seeds A..B] [--hours H] [--profile NAME] [--nodes N] [--chaos SECONDS]
 * [--history DIRECTORY] [--json]: runs whole clusters in simulated worlds, in which things go wrong by the seed, and looks for what must not
 * be. Ends with 0 when there is nothing, 1 when there is, 2 when it is asked wrongly.
 *
 * npm run sim -- --mutants [NAME…]: puts deliberate bugs into the code, one at a time, and shows that each is found.
 *
 * A seed is always the same run: `--seed N` alone shows what happened in it, and can be stepped through with
 * `node --inspect-brk --import tsx scripts/sim.ts --seed N`.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { formatEvent } from '../src/checker/history_format.ts';
import { PROFILES, type Profile } from '../src/simulation/run/profiles.ts';
import { shorten } from '../src/simulation/run/shorten.ts';
import {
  Simulation,
  SimulationFailure,
  type SimulationOptions,
  type SimulationReport,
} from '../src/simulation/run/simulation.ts';
import { Tally } from '../src/simulation/run/tally.ts';

import { runMutants } from './mutants/run_mutants.ts';

const TRANSCRIPT_LINES = 60;
const MAX_NODES = 7;

interface Asked {
  readonly seeds: Iterable<number>;
  /** End when so much was simulated; Infinity to run all seeds. */
  readonly hours: number;
  readonly profileName: string;
  readonly profile: Profile;
  /** Of each cluster, as it was asked for. */
  readonly nodes: string | undefined;
  readonly chaosMs: number | undefined;
  readonly historyDirectory: string | undefined;
  readonly isJson: boolean;
  /** Whether to end with the first that is found, as it is. */
  readonly isUntilFound: boolean;
}

function ask(): Asked {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      mutants: { type: 'boolean', default: false },
      'until-found': { type: 'boolean', default: false },
      seed: { type: 'string' },
      seeds: { type: 'string' },
      hours: { type: 'string' },
      profile: { type: 'string', default: 'mixed' },
      nodes: { type: 'string' },
      chaos: { type: 'string' },
      history: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.mutants) process.exit(runMutants(positionals) === 0 ? 0 : 1);
  if (positionals.length > 0) misused(`"${positionals[0]}" is no option: they begin with --`);
  if (!Object.hasOwn(PROFILES, values.profile)) {
    misused(`--profile is one of ${Object.keys(PROFILES).join(', ')}, not ${values.profile}`);
  }
  const chaos = values.chaos === undefined ? undefined : 1_000 * number('chaos', values.chaos);
  const profile = profileOf(values.profile, values.nodes);
  const hours = values.hours === undefined ? undefined : number('hours', values.hours);
  return {
    seeds: seedsOf(values.seed, values.seeds, hours),
    hours: hours ?? Infinity,
    profileName: values.profile,
    profile,
    nodes: values.nodes,
    chaosMs: chaos,
    historyDirectory: values.history,
    isJson: values.json,
    isUntilFound: values['until-found'],
  };
}

/** The profile, with clusters of so many combined nodes if that is asked for. */
function profileOf(name: string, nodes: string | undefined): Profile {
  const profile = PROFILES[name]!;
  if (nodes === undefined) return profile;
  const count = number('nodes', nodes);
  if (!Number.isInteger(count) || count < 1 || count > MAX_NODES) {
    misused(`--nodes is a whole number from 1 to ${MAX_NODES}, not ${nodes}`);
  }
  return { ...profile, shapes: [[count, 0, 0]] };
}

function seedsOf(
  seed: string | undefined,
  seeds: string | undefined,
  hours: number | undefined,
): Iterable<number> {
  if (seed !== undefined) return [number('seed', seed)];
  const range = /^(\d+)\.\.(\d+)$/.exec(seeds ?? (hours === undefined ? '1..20' : '1..999999999'));
  if (range === null) return misused(`--seeds is a range like 1..100, not ${seeds}`);
  return between(Number(range[1]), Number(range[2]));
}

function* between(first: number, last: number): Iterable<number> {
  for (let seed = first; seed <= last; seed++) yield seed;
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    misused(`--${option} is a number from 0, not ${text}`);
  }
  return value;
}

function misused(problem: string): never {
  console.error(problem);
  process.exit(2);
}

/** Writes the histories of a run into files, one a topic, for npm run check-history. */
function historyWriter(directory: string, seed: number): NonNullable<SimulationOptions['onHistory']> {
  fs.mkdirSync(directory, { recursive: true });
  const files = new Map<string, number>();
  return (topic, event) => {
    let file = files.get(topic);
    if (file === undefined) {
      file = fs.openSync(path.join(directory, `seed-${seed}-${topic}.jsonl`), 'w');
      files.set(topic, file);
    }
    fs.writeSync(file, `${formatEvent(event)}\n`);
  };
}

async function run(asked: Asked, seed: number): Promise<SimulationReport | SimulationFailure> {
  const options: SimulationOptions = {
    seed,
    profile: asked.profile,
    ...(asked.chaosMs !== undefined && { chaosMs: asked.chaosMs }),
  };
  const { historyDirectory } = asked;
  const watched =
    historyDirectory === undefined
      ? options
      : { ...options, onHistory: historyWriter(historyDirectory, seed) };
  try {
    return await new Simulation(watched).run();
  } catch (error) {
    if (!(error instanceof SimulationFailure)) throw error;
    return asked.isUntilFound ? error : await shorten(error, options);
  }
}

function tellFailure(
  { seed, atMs, events, hash, message, transcript, chaosMs }: SimulationFailure,
  { profileName, nodes }: Asked,
): void {
  const prefix = `after ${events} events, ${(atMs / 1000).toFixed(3)} simulated seconds, trace ${hash}`;
  console.error(`\nseed ${seed} FAILED ${prefix}:\n${message}\n`);
  console.error(`The last that happened:\n${transcript.slice(-TRANSCRIPT_LINES).join('\n')}\n`);
  const size = nodes === undefined ? '' : ` --nodes ${nodes}`;
  const chaos = chaosMs === undefined ? '' : ` --chaos ${chaosMs / 1_000}`;
  console.error(`Again: npm run sim -- --profile ${profileName}${size} --seed ${seed}${chaos}`);
}

const asked = ask();
const tally = new Tally();
for (const seed of asked.seeds) {
  const before = process.cpuUsage();
  const result = await run(asked, seed);
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1_000;
  if (result instanceof SimulationFailure) {
    tally.failed(result);
    if (!asked.isUntilFound) tellFailure(result, asked);
    else break;
  } else {
    tally.passed(result, cpuMs);
    if (!asked.isJson) console.log(tally.describe(result, cpuMs));
  }
  if (tally.simulatedMs >= asked.hours * 3_600_000) break;
}
console.log(asked.isJson ? JSON.stringify(tally.toJson()) : tally.summary());
if (tally.failures > 0) process.exitCode = 1;
