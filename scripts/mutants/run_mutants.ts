import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { MUTANTS, type Mutant } from '../../src/simulation/mutants/mutants.ts';
import { isOfAnyShape, PROFILES } from '../../src/simulation/run/profiles.ts';

/** Seeds that a mutant may live through. */
const MAX_SEEDS = 40;
/** Of each cluster that may be of any shape: small ones run through more in the same time. */
const NODES = 3;
/** So much is told of what was found. */
const MESSAGE_LENGTH = 200;

/** What a row of runs came to, as `npm run sim -- --json` says it. */
interface Outcome {
  readonly events: number;
  readonly found?: Found;
}

interface Found {
  /** 0 where the simulation itself ended. */
  readonly seed: number;
  readonly events: number;
  readonly message: string;
}

interface Caught extends Found {
  /** Of all seeds up to the one that caught it. */
  readonly allEvents: number;
}

/**
 * Runs the simulation with each of the mutants, one after the other, until a seed finds its bug: one that finds nothing
 * without the bug.
 * @param only names of mutants; all without any
 * @returns how many survived
 */
export function runMutants(only: readonly string[]): number {
  const unknown = only.filter(name => MUTANTS.every(mutant => mutant.name !== name));
  if (unknown.length > 0) throw new Error(`There is no mutant ${unknown.join(', ')}`);
  const mutants = MUTANTS.filter(({ name }) => only.length === 0 || only.includes(name));
  const survivors: string[] = [];
  for (const mutant of mutants) {
    const caught = hunt(mutant);
    if (caught === undefined) survivors.push(mutant.name);
    console.log(`${mutant.name.padEnd(24)} ${describe(mutant, caught)}`);
  }
  const outcome = survivors.length === 0 ? 'all caught' : `SURVIVED: ${survivors.join(', ')}`;
  console.log(`${mutants.length} mutants, ${mutants.length - survivors.length} caught; ${outcome}`);
  return survivors.length;
}

function describe({ bug, profile = 'mixed' }: Mutant, caught: Caught | undefined): string {
  if (caught === undefined) return `SURVIVED ${MAX_SEEDS} seeds of ${profile}: ${bug}`;
  const { seed, events, allEvents, message } = caught;
  const where = `caught by ${profile} seed ${seed} after ${events} events (${allEvents} with the seeds before)`;
  return `${where}: ${bug}\n${' '.repeat(25)}${message.split('\n')[0]!.slice(0, MESSAGE_LENGTH)}`;
}

function hunt({ name, profile = 'mixed' }: Mutant): Caught | undefined {
  let allEvents = 0;
  for (let first = 1; first <= MAX_SEEDS; ) {
    const { events, found } = simulate(profile, `${first}..${MAX_SEEDS}`, name);
    allEvents += events;
    if (found === undefined) return undefined;
    if (found.seed === 0 || !failsAnyway(profile, found.seed)) return { ...found, allEvents };
    first = found.seed + 1;
  }
  return undefined;
}

/** By profile and seed: whether it finds something in the code as it is. */
const controls = new Map<string, boolean>();

function failsAnyway(profile: string, seed: number): boolean {
  const key = `${profile} ${seed}`;
  let fails = controls.get(key);
  if (fails === undefined) {
    fails = simulate(profile, `${seed}..${seed}`, undefined).found !== undefined;
    controls.set(key, fails);
    if (fails) console.log(`${key} finds something without any mutant: it does not count`);
  }
  return fails;
}

function simulate(profile: string, seeds: string, mutant: string | undefined): Outcome {
  const script = new URL('../sim.ts', import.meta.url).pathname;
  const register = new URL('./register.ts', import.meta.url).href;
  const hook = mutant === undefined ? [] : ['--import', register];
  const size = isOfAnyShape(PROFILES[profile]!) ? ['--nodes', String(NODES)] : [];
  const options = ['--profile', profile, ...size, '--seeds', seeds, '--until-found', '--json'];
  const child = spawnSync(
    process.execPath,
    ['--max-semi-space-size=64', '--import', 'tsx', ...hook, script, ...options],
    {
      env: { ...process.env, ...(mutant !== undefined && { SIMULATED_MUTANT: mutant }) },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  try {
    return JSON.parse(child.stdout.trim().split('\n').at(-1) ?? '') as Outcome;
  } catch {
    // A bug may end the simulation itself: then that is how it is seen.
    const message = `the simulation ended: ${child.stderr.trim().split('\n').slice(-6).join(' | ')}`;
    return { events: 0, found: { seed: 0, events: 0, message } };
  }
}
