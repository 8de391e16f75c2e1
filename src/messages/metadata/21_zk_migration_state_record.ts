import { int8, type MessageOf, message } from '../../protocol/schema.ts';

/* A trace of clusters that came from ZooKeeper. */

export const ZkMigrationStateRecord = message(
  { name: 'ZkMigrationStateRecord', key: 21, versions: '0', flexible: '0+' },
  {
    zkMigrationState: int8('0+'),
  },
);
export type ZkMigrationStateRecord = MessageOf<typeof ZkMigrationStateRecord>;
