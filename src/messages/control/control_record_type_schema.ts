import { int16, type MessageOf, message } from '../../protocol/schema.ts';

/* The key of a control record. */

export const ControlRecordTypeSchema = message(
  { name: 'ControlRecordTypeSchema', versions: '0', flexible: 'none' },
  {
    type: int16('0+'),
  },
);
export type ControlRecordTypeSchema = MessageOf<typeof ControlRecordTypeSchema>;
