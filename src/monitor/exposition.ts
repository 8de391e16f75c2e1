import { type Labels, type MetricFamily, sampleName } from './metric.ts';

/** The two forms in which Prometheus reads metrics. */
export type ExpositionFormat = 'prometheus' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Samples in one piece of text: made in about a millisecond. */
const SAMPLES_A_PIECE = 1000;

/** The form that a client prefers, by the `Accept` header of its request. */
export function chooseFormat(accept: string | undefined): ExpositionFormat {
  const wants = (accept ?? '').split(',').map(part => {
    const [type, ...parameters] = part.split(';').map(each => each.trim());
    const quality = parameters.find(each => each.startsWith('q='));
    return { type: type!.toLowerCase(), quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 };
  });
  const openMetrics = wants.find(({ type }) => type === 'application/openmetrics-text')?.quality ?? 0;
  const plain = Math.max(
    0,
    ...wants.filter(({ type }) => type === 'text/plain' || type === '*/*').map(({ quality }) => quality),
  );
  return openMetrics > 0 && openMetrics >= plain ? 'openmetrics' : 'prometheus';
}

export interface ExpositionOptions {
  readonly format: ExpositionFormat;
  /** Labels that every sample gets besides its own. */
  readonly staticLabels: Labels;
}

/** Writes families in the text form, piece by piece: whoever takes the pieces lets others run between them. */
export function* expose(
  families: Iterable<MetricFamily>,
  { format, staticLabels }: ExpositionOptions,
): Generator<string> {
  const always = labelText(staticLabels);
  let text = '';
  let samples = 0;
  for (const family of families) {
    let head = `${headOf(family, format)}`;
    for (const sample of family.samples) {
      const own = labelText(sample.labels);
      const separator = own === '' || always === '' ? '' : ',';
      const labels = own === '' && always === '' ? '' : `{${own}${separator}${always}}`;
      text += `${head}${sampleName(family, sample)}${labels} ${numberText(sample.value)}\n`;
      head = '';
      samples++;
      if (samples < SAMPLES_A_PIECE) continue;
      yield text;
      text = '';
      samples = 0;
    }
  }
  if (format === 'openmetrics') text += '# EOF\n';
  if (text !== '') yield text;
}

function headOf({ name, type, help }: MetricFamily, format: ExpositionFormat): string {
  // The older form has the suffix in a counter's name.
  const named = type === 'counter' && format === 'prometheus' ? `${name}_total` : name;
  return `# HELP ${named} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${named} ${type}\n`;
}

function labelText(labels: Labels): string {
  let text = '';
  for (const name in labels) {
    const value = labels[name]!;
    text += `${text === '' ? '' : ','}${name}="${/[\\"\n]/.test(value) ? escaped(value) : value}"`;
  }
  return text;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number | bigint): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
