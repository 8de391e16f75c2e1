import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalText } from '../../src/settings/canonical.ts';
import type { Setting } from '../../src/settings/setting.ts';
import { GROUP_DEFAULTS, TOPIC_DEFAULTS } from '../../src/settings/synonyms.ts';
import {
  BROKER_SETTINGS,
  CLIENT_METRICS_SETTINGS,
  camelCase,
  GROUP_SETTINGS,
  TOPIC_SETTINGS,
} from '../../src/settings/tables.ts';

const TABLES: Record<string, Readonly<Record<string, Setting>>> = {
  broker: BROKER_SETTINGS,
  topic: TOPIC_SETTINGS,
  group: GROUP_SETTINGS,
  'client metrics': CLIENT_METRICS_SETTINGS,
};

for (const [kind, table] of Object.entries(TABLES)) {
  test(`every ${kind} setting is whole`, () => {
    for (const [name, setting] of Object.entries(table)) {
      assert.equal(setting.name, name);
      assert.match(setting.doc, /^([A-Z]|min\.insync\.replicas ).*\.$/, name);
      assert.doesNotMatch(setting.unused ?? '', /[.A-Z]$/, name);
      if (setting.defaultText === null) continue;
      assert.notEqual(setting.parse(setting.defaultText), undefined, `the default of ${name} is not allowed`);
      assert.equal(canonicalText(setting, setting.defaultText), setting.defaultText, name);
    }
  });
}

test('no two names are the same as typed settings or environment variables', () => {
  const names = Object.keys(BROKER_SETTINGS);
  assert.equal(new Set(names.map(name => camelCase(name))).size, names.length);
  assert.equal(new Set(names.map(name => name.replaceAll('.', '_').toUpperCase())).size, names.length);
  assert.ok(names.every(name => /^[a-z0-9.]+$/.test(name)));
});

test('what is the default of a topic or group is of the same type, and with the same default', () => {
  const pairs = [
    ...Object.entries(TOPIC_DEFAULTS).map(([name, broker]) => [TOPIC_SETTINGS, name, broker] as const),
    ...Object.entries(GROUP_DEFAULTS).map(([name, broker]) => [GROUP_SETTINGS, name, broker] as const),
  ];
  /** Kafka says these in another unit unless they are set. */
  const inOtherUnits = ['segment.ms', 'segment.jitter.ms', 'retention.ms', 'flush.ms'];
  for (const [table, name, broker] of pairs) {
    const [own, default_]: Setting[] = [(table as Record<string, Setting>)[name]!, BROKER_SETTINGS[broker]];
    assert.equal(own!.type, default_!.type, name);
    if (!inOtherUnits.includes(name)) assert.equal(own!.defaultText, default_!.defaultText, name);
    assert.equal(own!.unused, default_!.unused, name);
  }
});
