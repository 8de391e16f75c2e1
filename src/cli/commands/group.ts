import type { Command } from 'commander';
import { collect, runs, type Session, withConnection } from '../run_action.ts';
import { noun } from './noun.ts';

export function declareGroup(program: Command, session: Session): void {
  const group = noun(program, 'group', 'consumer groups: how far they are, and moving them');
  runs(
    session,
    withConnection(group.command('list'))
      .description('list the groups')
      .option('--state <state>', 'only those in this state, as Stable or Empty'),
    async () => (await import('../actions/group_list.ts')).groupList,
  );
  runs(
    session,
    withConnection(group.command('describe <name...>')).description(
      'show the members of groups, what each reads, and how far behind it is',
    ),
    async () => (await import('../actions/group_describe.ts')).groupDescribe,
  );
  runs(
    session,
    withConnection(group.command('seek <name>'))
      .description(
        'move a group without members to other offsets; only shows what it would do without --execute',
      )
      .option('--to <position>', 'start, end, an offset, +10, -10, or @time')
      .option('--by <count>', 'so many records further (10) or back (-10)')
      .option('--to-group <name>', 'where another group is')
      .option(
        '-t, --topic <topic[:partitions]>',
        'only these, as events or events:0,2-4; may be repeated',
        collect,
        [],
      )
      .option('--execute', 'do it'),
    async () => (await import('../actions/group_seek.ts')).groupSeek,
  );
  runs(
    session,
    withConnection(group.command('delete <name...>'))
      .description(
        'delete groups without members, or offsets of one; only shows what it would do without --execute',
      )
      .option('-t, --topic <topic[:partitions]>', 'only the offsets of these; may be repeated', collect, [])
      .option('--execute', 'do it'),
    async () => (await import('../actions/group_delete.ts')).groupDelete,
  );
}
