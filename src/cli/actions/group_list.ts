import { listGroups } from '../../client/admin/groups.ts';
import { failed } from '../../model/failure.ts';
import { table } from '../output/blocks.ts';
import type { Action } from '../run_action.ts';

export const groupList: Action<[], { readonly state?: string }> = async (context, _args, { state }) => {
  const client = await context.connect();
  if (failed(client)) return client;
  const groups = await listGroups(client);
  if (failed(groups)) return groups;
  const rows = groups.filter(
    group => state === undefined || group.state.toLowerCase() === state.toLowerCase(),
  );
  const block = table(
    [
      { header: 'GROUP', value: row => row.groupId },
      { header: 'STATE', value: row => row.state },
      { header: 'TYPE', value: row => row.type },
      { header: 'PROTOCOL', value: row => row.protocolType, isWide: true },
      { header: 'COORDINATOR', value: row => row.coordinator, isRight: true },
    ],
    rows,
    { empty: 'There are no groups.' },
  );
  await context.output.show(rows, block);
  return undefined;
};
