import { type ConfigEntry, describeConfigs } from '../../client/admin/configs.ts';
import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import { parseEntity } from '../config_entity.ts';
import { type Column, table } from '../output/blocks.ts';
import type { Action } from '../run_action.ts';

interface Options {
  readonly setOnly?: boolean;
  readonly synonyms?: boolean;
}

export const configGet: Action<[entity: string, keys: string[]], Options> = async (
  context,
  [entity, keys],
  { setOnly = false, synonyms = false },
) => {
  const resource = parseEntity(entity);
  if (failed(resource)) return resource;
  const client = await context.connect();
  if (failed(client)) return client;
  const described = await describeConfigs(client, [resource], keys.length === 0 ? {} : { keys });
  if (failed(described)) return described;
  const [entries = []] = described;
  if (failed(entries)) return entries;
  const missing = keys.find(key => !entries.some(({ name }) => name === key));
  if (missing !== undefined) {
    return new Failure(Errors.INVALID_CONFIG, `The ${resource.type} has no setting "${missing}"`);
  }
  const rows = entries
    .filter(({ source }) => !setOnly || source !== 'default')
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  const columns: Column<ConfigEntry>[] = [
    { header: 'KEY', value: row => row.name },
    { header: 'VALUE', value: row => (row.isSensitive ? '(secret)' : row.value) },
    {
      header: 'FROM',
      value: (row, paint) => (row.source === 'default' ? paint.dim(row.source) : row.source),
    },
    { header: 'TYPE', value: row => row.type, isWide: true },
    { header: 'READ-ONLY', value: row => (row.isReadOnly ? 'yes' : 'no'), isWide: true },
  ];
  if (synonyms) {
    columns.push({
      header: 'CHOSEN FROM',
      value: row =>
        row.synonyms.map(({ name, source, value }) => `${name}=${value ?? ''} (${source})`).join('; '),
    });
  }
  await context.output.show(rows, table(columns, rows, { empty: 'No setting is other than its default.' }));
  return undefined;
};
