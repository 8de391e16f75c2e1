import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { MUTANTS, type Mutant } from '../../src/simulation/mutants/mutants.ts';

/** Seeds that a mutant may live through. */
const MAX_SEEDS = 40;

interface Caught {
  readonly seed: number;
  readonly events: number;
  readonly message: string;
}

/**
 * Runs the simulation with each of the mutants, one after the other, until a seed finds its bug.
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

function describe({ bug }: Mutant, caught: Caught | undefined): string {
  if (caught === undefined) return `SURVIVED ${MAX_SEEDS} seeds: ${bug}`;
  const { seed, events, message } = caught;
  return `caught by seed ${seed} after ${events} events: ${bug}\n${' '.repeat(25)}${message.split('\n')[0]!.slice(0, 200)}`;
}

function hunt({ name, profile = 'mixed' }: Mutant): Caught | undefined {
  const script = new URL('../sim.ts', import.meta.url).pathname;
  const register = new URL('./register.ts', import.meta.url).href;
  const seeds = ['--profile', profile, '--seeds', `1..${MAX_SEEDS}`, '--until-found', '--json'];
  const child = spawnSync(process.execPath, ['--import', 'tsx', '--import', register, script, ...seeds], {
    env: { ...process.env, SIMULATED_MUTANT: name },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const line = child.stdout.trim().split('\n').at(-1) ?? '';
  if (child.status === 0) return undefined;
  try {
    const { found } = JSON.parse(line) as { found?: Caught };
    if (found !== undefined) return found;
  } catch {
    // Told below.
  }
  // A bug may end the simulation itself: then that is how it is seen.
  return {
    seed: 0,
    events: 0,
    message: `the simulation ended: ${child.stderr.trim().split('\n').slice(-6).join(' | ')}`,
  };
}
