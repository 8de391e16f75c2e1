import { bool, type MessageOf, message, string } from '../../protocol/schema.ts';

/* A principal, as a broker forwards it to the controller. */

export const DefaultPrincipalData = message(
  { name: 'DefaultPrincipalData', versions: '0', flexible: '0+' },
  {
    type: string('0+'),
    name: string('0+'),
    tokenAuthenticated: bool('0+'),
  },
);
export type DefaultPrincipalData = MessageOf<typeof DefaultPrincipalData>;
