import { Errors } from '../../model/error_codes.ts';
import { Failure } from '../../model/failure.ts';
import type { Setting, Table } from '../../settings/setting.ts';
import {
  BROKER_SETTINGS,
  CLIENT_METRICS_SETTINGS,
  GROUP_SETTINGS,
  TOPIC_SETTINGS,
} from '../../settings/tables.ts';
import { Misuse } from '../exit_codes.ts';
import { facts, table } from '../output/blocks.ts';
import type { Action } from '../run_action.ts';

const TABLES: Readonly<Record<string, Table>> = {
  broker: BROKER_SETTINGS,
  topic: TOPIC_SETTINGS,
  group: GROUP_SETTINGS,
  'client-metrics': CLIENT_METRICS_SETTINGS,
};

/** How a setting may change, for people. */
const UPDATES = {
  'read-only': 'at the start alone',
  'per-broker': 'while it runs, for one broker',
  'cluster-wide': 'while it runs, for one broker or all',
} as const;

export const configDescribe: Action<[key: string | undefined], { readonly of?: string }> = async (
  context,
  [key],
  { of: kind },
) => {
  if (kind !== undefined && !Object.hasOwn(TABLES, kind)) {
    return new Misuse(`--of is one of ${Object.keys(TABLES).join(', ')}, not "${kind}"`);
  }
  const all = Object.entries(TABLES)
    .filter(([name]) => kind === undefined || name === kind)
    .flatMap(([name, settings]) => Object.values(settings).map(setting => describe(name, setting)));
  const exact = all.filter(({ name }) => name === key);
  const rows =
    key === undefined ? all : exact.length > 0 ? exact : all.filter(({ name }) => name.includes(key));
  if (rows.length === 0) {
    return new Failure(Errors.INVALID_CONFIG, `There is no setting "${key}", nor one whose name has it`);
  }
  if (exact.length > 0) {
    const blocks = exact.map(setting =>
      facts([
        ['Setting', setting.name],
        ['Of', setting.of],
        ['Type', setting.type],
        ['Default', setting.default],
        ['Allowed', setting.allowed],
        ['Changes', setting.of === 'broker' ? UPDATES[setting.update] : 'at any time'],
        ['What it does', setting.doc],
        ...(setting.unused === null ? [] : ([['Does nothing here', setting.unused]] as const)),
      ]),
    );
    await context.output.show(exact, ...blocks);
    return undefined;
  }
  const block = table(
    [
      { header: 'SETTING', value: row => row.name },
      { header: 'OF', value: row => row.of },
      { header: 'TYPE', value: row => row.type, isWide: true },
      { header: 'DEFAULT', value: row => row.default },
      { header: 'WHAT IT DOES', value: row => row.doc },
    ],
    rows,
    { empty: 'None' },
  );
  await context.output.show(rows, block);
  return undefined;
};

function describe(of: string, { allowed, defaultText, doc, name, type, unused, update }: Setting) {
  return { name, of, type, default: defaultText, allowed, update, doc, unused: unused ?? null };
}
