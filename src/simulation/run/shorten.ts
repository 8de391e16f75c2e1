import { Simulation, SimulationFailure, type SimulationOptions } from './simulation.ts';

/** The prefix is found to so many milliseconds. */
const PRECISION_MS = 1_000;

/**
 * The shortest time of faults after which the run still fails. What is found while things go wrong ends the run at once:
 * that is the shortest already. What shows only at the end is looked for by halving: runs of a seed are the same as far
 * as they go.
 */
export async function shorten(
  failure: SimulationFailure,
  options: SimulationOptions,
): Promise<SimulationFailure> {
  if (failure.isInChaos) return failure;
  let shortest = failure;
  let passesMs = 0;
  let failsMs = options.chaosMs ?? options.profile.chaosMs;
  while (failsMs - passesMs > PRECISION_MS) {
    const chaosMs = Math.round((passesMs + failsMs) / 2);
    const found = await failureOf({ ...options, chaosMs });
    if (found === undefined) {
      passesMs = chaosMs;
    } else {
      shortest = found;
      failsMs = chaosMs;
    }
  }
  return shortest;
}

/** Runs a simulation for what goes wrong in it. */
export async function failureOf(options: SimulationOptions): Promise<SimulationFailure | undefined> {
  try {
    await new Simulation(options).run();
    return undefined;
  } catch (error) {
    if (error instanceof SimulationFailure) return error;
    throw error;
  }
}
