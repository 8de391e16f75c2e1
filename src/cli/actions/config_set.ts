import { alterConfigs, type ConfigChange } from '../../client/admin/configs.ts';
import { type Failure, failed } from '../../model/failure.ts';
import type { CommandContext } from '../command_context.ts';
import { parseEntity } from '../config_entity.ts';
import { Misuse } from '../exit_codes.ts';
import { table } from '../output/blocks.ts';
import { parsePairs } from '../parse.ts';
import type { Action } from '../run_action.ts';

interface SetOptions {
  readonly append?: boolean;
  readonly subtract?: boolean;
  readonly dryRun?: boolean;
}

export const configSet: Action<[entity: string, pairs: string[]], SetOptions> = async (
  context,
  [entity, pairs],
  { append = false, dryRun = false, subtract = false },
) => {
  if (append && subtract) return new Misuse('Either --append or --subtract');
  const values = parsePairs(pairs, 'config set');
  if (failed(values)) return values;
  const operation = append ? 'append' : subtract ? 'subtract' : 'set';
  const changes = Object.entries(values).map(([key, value]) => ({ key, value, operation }) as const);
  return await alter(context, { entity, changes, dryRun });
};

export const configUnset: Action<[entity: string, keys: string[]], { readonly dryRun?: boolean }> = async (
  context,
  [entity, keys],
  { dryRun = false },
) => {
  const changes = keys.map(key => ({ key, value: null, operation: 'unset' }) as const);
  return await alter(context, { entity, changes, dryRun });
};

interface Alteration {
  readonly entity: string;
  readonly changes: readonly ConfigChange[];
  readonly dryRun: boolean;
}

async function alter(
  context: CommandContext,
  { changes, dryRun, entity }: Alteration,
): Promise<Failure | undefined> {
  const resource = parseEntity(entity);
  if (failed(resource)) return resource;
  const client = await context.connect();
  if (failed(client)) return client;
  const failure = await alterConfigs(client, resource, changes, { validateOnly: dryRun });
  if (failure !== undefined) return failure;
  const rows = changes.map(change => ({ entity, ...change, isDone: !dryRun }));
  const block = table(
    [
      { header: 'ENTITY', value: row => row.entity },
      { header: 'KEY', value: row => row.key },
      { header: 'CHANGE', value: row => row.operation },
      { header: 'VALUE', value: row => row.value },
      { header: 'RESULT', value: row => (row.isDone ? 'done' : 'can be done') },
    ],
    rows,
    { empty: 'There was nothing to do.' },
  );
  await context.output.show(rows, block);
  return undefined;
}
