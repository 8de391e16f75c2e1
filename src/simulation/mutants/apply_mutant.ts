import type { Mutant } from './mutants.ts';

/**
 * The source with the bug in it.
 * @throws {Error} when the place is not there exactly once: the code has changed, and the mutant has to follow
 */
export function applyMutant({ name, file, find, replace }: Mutant, source: string): string {
  const at = source.indexOf(find);
  if (at < 0)
    throw new Error(`The mutant ${name} finds nothing to change in src/${file}: has the code changed?`);
  if (source.indexOf(find, at + 1) >= 0) {
    throw new Error(`The mutant ${name} finds its place in src/${file} more than once`);
  }
  return source.slice(0, at) + replace + source.slice(at + find.length);
}
