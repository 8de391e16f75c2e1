import { Hono } from 'hono';
import { alterConfigs, type ConfigResource } from '../../client/admin/configs.ts';
import type { Setting, Table } from '../../settings/setting.ts';
import { BROKER_SETTINGS, GROUP_SETTINGS, TOPIC_SETTINGS } from '../../settings/tables.ts';
import type { SettingFacts, SettingsTable } from '../api/settings.ts';
import { configsChange } from '../config_views.ts';
import type { ConsoleServices } from '../console_services.ts';
import { orRefuse, Refusal } from '../refusal.ts';
import { RequestFields } from '../request_fields.ts';
import { configsOf } from './topics.ts';

/** `/api/v1/brokers/…/configs` and `/api/v1/settings`. */
export function settingRoutes({ node }: ConsoleServices): Hono {
  const table = settingsTable();
  const resourceOf = (id: string): ConfigResource => {
    if (id === 'default') return { type: 'broker', name: '' };
    const broker = [...node.image.cluster.brokers.values()].find(each => String(each.id) === id);
    if (broker === undefined) throw new Refusal(404, `There is no broker ${id.slice(0, 20)}`);
    if (!broker.fenced) return { type: 'broker', name: id };
    throw new Refusal(409, `Broker ${id} is not alive, and only it knows its settings: start it first`);
  };
  return new Hono()
    .get('/api/v1/settings', context => context.json(table))
    .get('/api/v1/brokers/:id/configs', async context =>
      context.json({ configs: await configsOf(node, resourceOf(context.req.param('id'))) }),
    )
    .patch('/api/v1/brokers/:id/configs', async context => {
      const resource = resourceOf(context.req.param('id'));
      const { changes, validateOnly } = configsChange(await RequestFields.ofBody(context));
      orRefuse(await alterConfigs(node.client, resource, changes, { validateOnly }));
      return context.json({ configs: await configsOf(node, resource) });
    });
}

function settingsTable(): SettingsTable {
  const facts = (of: SettingFacts['of'], table: Table) =>
    Object.values(table)
      .filter(({ hidden }) => !hidden)
      .map(setting => settingFacts(of, setting));
  return {
    settings: [
      ...facts('broker', BROKER_SETTINGS),
      ...facts('topic', TOPIC_SETTINGS),
      ...facts('group', GROUP_SETTINGS),
    ],
  };
}

const CHANGES = {
  'read-only': 'read-only',
  'per-broker': 'per broker',
  'cluster-wide': 'cluster-wide',
} as const;

function settingFacts(of: SettingFacts['of'], setting: Setting): SettingFacts {
  const { allowed, defaultText, doc, name, ours, type, unused, update } = setting;
  return {
    of,
    name,
    type,
    default: defaultText,
    allowed,
    change: of === 'broker' ? CHANGES[update] : 'cluster-wide',
    documentation: doc,
    isKafkas: !ours,
    unused: unused ?? null,
  };
}
