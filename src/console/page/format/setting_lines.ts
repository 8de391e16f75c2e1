export interface ParsedSettings {
  readonly settings: Readonly<Record<string, string>>;
  readonly problem: string | undefined;
}

/** Settings as a person writes them: `name=value`, one a line. */
export function parseSettings(text: string): ParsedSettings {
  const settings: Record<string, string> = {};
  for (const line of nonEmptyLines(text)) {
    const at = line.indexOf('=');
    if (at < 1) return { settings: {}, problem: `"${line}" is no setting: write name=value` };
    settings[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return { settings, problem: undefined };
}

export interface WrittenHeader {
  readonly name: string;
  readonly value: string;
}

/** Headers as a person writes them: `name: value`, one a line; a name may come twice. */
export function parseHeaders(text: string): {
  readonly headers: readonly WrittenHeader[];
  readonly problem: string | undefined;
} {
  const headers: WrittenHeader[] = [];
  for (const line of nonEmptyLines(text)) {
    const at = line.indexOf(':');
    if (at < 1) return { headers: [], problem: `"${line}" is no header: write name: value` };
    headers.push({ name: line.slice(0, at).trim(), value: line.slice(at + 1).trim() });
  }
  return { headers, problem: undefined };
}

function nonEmptyLines(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
}
