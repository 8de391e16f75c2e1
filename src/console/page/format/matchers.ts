/** As Alertmanager has it: of a label, its value or an expression for it, and whether it must or must not be so. */
export interface WrittenMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex?: boolean;
  readonly isEqual?: boolean;
}

const MATCHER = /^([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"?(.*?)"?$/;

/** Matchers as people write them for Prometheus: `topic=orders`, `topic=~orders.*`, `!=`, `!~`; one a line. */
export function parseMatchers(text: string): {
  readonly matchers: readonly WrittenMatcher[];
  readonly problem: string | undefined;
} {
  const matchers: WrittenMatcher[] = [];
  for (const line of text.split('\n').map(each => each.trim())) {
    if (line === '') continue;
    const match = MATCHER.exec(line);
    if (match === null)
      return { matchers: [], problem: `"${line}" is no matcher: write label=value or label=~expression` };
    const [, name, operator, value] = match;
    matchers.push({
      name: name!,
      value: value!,
      isRegex: operator!.endsWith('~'),
      isEqual: !operator!.startsWith('!'),
    });
  }
  return { matchers, problem: undefined };
}

export function formatMatcher({ name, value, isRegex = false, isEqual = true }: WrittenMatcher): string {
  const operator = isEqual ? (isRegex ? '=~' : '=') : isRegex ? '!~' : '!=';
  return `${name}${operator}${value}`;
}
