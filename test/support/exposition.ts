/** A sample of a scrape, read by the rules of Prometheus' text format. */
export interface ScrapedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads a scrape strictly: what Prometheus would refuse throws. */
export function parseExposition(text: string): ScrapedSample[] {
  const samples: ScrapedSample[] = [];
  const families = new Set<string>();
  let seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (line === '' || line === '# EOF') continue;
    const type = /^# TYPE (\S+) (gauge|counter|summary)$/.exec(line);
    if (type !== null) {
      if (families.has(type[1]!)) throw new Error(`the family ${type[1]} comes twice`);
      families.add(type[1]!);
      seen = new Set();
      continue;
    }
    if (/^# HELP \S+ \S/.test(line)) continue;
    const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match === null) throw new Error(`no sample: ${line}`);
    const series = line.slice(0, line.lastIndexOf(' '));
    if (seen.has(series)) throw new Error(`the series comes twice: ${series}`);
    seen.add(series);
    samples.push({ name: match[1]!, labels: parseLabels(match[2] ?? ''), value: Number(match[3]) });
  }
  return samples;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const match = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/.exec(rest);
    if (match === null) throw new Error(`no labels: ${rest}`);
    labels[match[1]!] = match[2]!.replace(/\\(.)/g, (_, character: string) =>
      character === 'n' ? '\n' : character,
    );
    rest = rest.slice(match[0].length);
  }
  return labels;
}
