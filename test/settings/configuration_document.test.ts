import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { configurationDocument } from '../../src/settings/configuration_document.ts';
import { BROKER_SETTINGS, GROUP_SETTINGS, TOPIC_SETTINGS } from '../../src/settings/tables.ts';

test('docs/configuration.md is what the tables say', () => {
  const kept = fs.readFileSync('docs/configuration.md', 'utf8');
  assert.ok(kept === configurationDocument(), 'it is not: run npm run docs:configuration');
});

test('every setting is in it, with its range', () => {
  const text = configurationDocument();
  for (const { name, unused, doc } of Object.values({
    ...BROKER_SETTINGS,
    ...TOPIC_SETTINGS,
    ...GROUP_SETTINGS,
  })) {
    if (unused === undefined) assert.match(text, new RegExp(`^### ${name.replaceAll('.', '\\.')}( |$)`, 'm'));
    else assert.ok(text.includes(`\`${name}\``), name);
    assert.notEqual(doc, '', name);
  }
});
