import type { ConfigEntry as ClientEntry, ConfigChange } from '../client/admin/configs.ts';
import { entryOf, type Setting } from '../settings/setting.ts';
import { BROKER_SETTINGS } from '../settings/tables.ts';
import type { ConfigEntry } from './api/common.ts';
import { Refusal } from './refusal.ts';
import type { RequestFields } from './request_fields.ts';

/** Settings of one request. */
const MAX_CHANGES = 200;

/** By name; without what the nodes keep for themselves, such as the state of alerts. */
export function configEntries(entries: readonly ClientEntry[]): ConfigEntry[] {
  return entries.filter(({ name }) => !isKept(name)).sort((left, right) => (left.name < right.name ? -1 : 1));
}

function isKept(name: string): boolean {
  const setting = entryOf<Setting>(BROKER_SETTINGS, name);
  return setting?.hidden === true && setting.ours;
}

/** What a `PATCH …/configs` asks for. */
export function configsChange(fields: RequestFields): {
  readonly changes: readonly ConfigChange[];
  readonly validateOnly: boolean;
} {
  const set = Object.entries(fields.optionalTexts('set', MAX_CHANGES) ?? {});
  const unset = fields.optionalList('unset', MAX_CHANGES) ?? [];
  if (!unset.every((key): key is string => typeof key === 'string')) {
    throw new Refusal(400, 'unset must be a list of names of settings');
  }
  if (set.length + unset.length === 0) {
    throw new Refusal(400, 'There is nothing to change: give some settings in set, or their names in unset');
  }
  return {
    changes: [
      ...set.map(([key, value]) => ({ key, value, operation: 'set' as const })),
      ...unset.map(key => ({ key, value: null, operation: 'unset' as const })),
    ],
    validateOnly: fields.flag('validateOnly'),
  };
}
