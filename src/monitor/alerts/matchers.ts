import type { Labels } from '../metric.ts';

/** `label=value`, `!=`, and with `=~` or `!~` a regular expression for the whole of the value. */
export interface Matcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

/** Longest regular expression: each is tried on every alert or series. */
const MAX_PATTERN_LENGTH = 200;

/** Whether all of the matchers hold; a label that is not there counts as empty. */
export function matchesAll(labels: Labels, matchers: readonly Matcher[]): boolean {
  return matchers.every(({ name, value, isRegex, isEqual }) => {
    const actual = labels[name] ?? '';
    const isMatch = isRegex ? new RegExp(`^(?:${value})$`).test(actual) : actual === value;
    return isMatch === isEqual;
  });
}

/** @returns what is wrong with a matcher, in words; undefined when nothing is */
export function matcherProblem({ name, value, isRegex }: Matcher): string | undefined {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) return `"${name}" is no label's name`;
  if (!isRegex) return undefined;
  if (value.length > MAX_PATTERN_LENGTH) {
    return `the regular expression for ${name} has more than ${MAX_PATTERN_LENGTH} characters`;
  }
  // What repeats a repetition can take for ever on a value that does not match.
  if (/[+*}]\)*[+*{]/.test(value)) return `the regular expression for ${name} repeats a repetition`;
  try {
    new RegExp(value);
    return undefined;
  } catch {
    return `"${value}" is no regular expression`;
  }
}
