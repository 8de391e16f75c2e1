import { int32, type MessageOf, message } from '../../protocol/schema.ts';

/* A controller was unregistered. */

export const UnregisterControllerRecord = message(
  { name: 'UnregisterControllerRecord', key: 29, versions: '0', flexible: '0+' },
  {
    controllerId: int32('0+'),
  },
);
export type UnregisterControllerRecord = MessageOf<typeof UnregisterControllerRecord>;
