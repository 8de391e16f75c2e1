import type { Me, Role } from '../../api/session.ts';
import { get, problemOf } from './api_client.ts';
import { Store, useStore } from './store.ts';

/** Who looks at the page, or why that is not known yet. */
export const session = new Store<{ readonly me: Me | undefined; readonly problem: string | undefined }>({
  me: undefined,
  problem: undefined,
});

export async function askWhoIAm(): Promise<void> {
  try {
    session.set({ me: await get<Me>('me'), problem: undefined });
  } catch (error) {
    session.set({ me: session.value.me, problem: problemOf(error) });
  }
}

const RANK: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };

/** Why one may not do what needs a role; undefined when one may. */
export function whyNot(me: Me | undefined, needed: Role): string | undefined {
  if (me === undefined) return 'The page does not know yet what you may do.';
  if (me.readOnly && needed !== 'viewer') {
    return me.why ?? 'This console is for reading. Log in as somebody with another role to change something.';
  }
  if (me.role !== null && RANK[me.role] >= RANK[needed]) return undefined;
  return `This needs the role ${needed}, and yours is ${me.role ?? 'none'}. Log in as somebody who has it.`;
}

export function useWhyNot(needed: Role): string | undefined {
  return whyNot(useStore(session).me, needed);
}
