import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Failure } from '../../src/model/failure.ts';
import { resolveBrokerSettings } from '../../src/settings/broker_settings.ts';
import { checkChanges } from '../../src/settings/check_changes.ts';
import { applyChanges, incrementalChanges, tableOf } from '../../src/settings/config_changes.ts';
import { ConfigResourceType } from '../../src/settings/config_resource.ts';
import { loadConfiguration } from '../../src/settings/configuration.ts';
import { describeBroker, describeGroup, describeTopic } from '../../src/settings/describe_configs.ts';
import { DynamicSettings } from '../../src/settings/dynamic_settings.ts';
import { BROKER_SETTINGS } from '../../src/settings/tables.ts';

/** Texts that settings have, and texts that nobody thought of. */
const value = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '*',
    '-1',
    '0',
    '1',
    '9223372036854775807',
    'true',
    'a,b',
    ',',
    'PLAINTEXT://:1',
    '1@a:2',
  ),
  fc.constantFrom('a b', '1e309', '0x10', '+5', '１', 'by_duration:P', '[::1]:5', 'a=(', '\0', '\\u12'),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const name = (type: number) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...Object.keys(tableOf(type) ?? BROKER_SETTINGS)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '__proto__',
        'constructor',
        'listener.name..x',
        'listener.name.a.listeners',
        '',
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  );

test('whatever a configuration holds, it is a configuration or a list of failures', () => {
  const entry = fc.tuple(name(0), value);
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(entry),
      fc.array(entry),
      (text, file, more) => {
        const configuration = loadConfiguration({
          file: { name: 'x', text: `${text}\n${file.map(([key, each]) => `${key}=${each}`).join('\n')}` },
          environment: Object.fromEntries(
            more.map(([key, each]) => [`KAFKA_${key.toUpperCase().replaceAll('.', '_')}`, each]),
          ),
          overrides: more.map(([key, each]) => `${key}=${each}`),
          hostname: 'host',
        });
        if ('settings' in configuration)
          describeBroker(new DynamicSettings(configuration), { includeSynonyms: true });
        else assert.ok(configuration.length > 0 && configuration.every(each => each instanceof Failure));
      },
    ),
    { numRuns: 200 },
  );
});

test('whatever is to change, it is refused or in force afterwards, and can be described', () => {
  const broker = resolveBrokerSettings(new Map(), 'host');
  const configuration = loadConfiguration({ hostname: 'host' });
  assert.ok('settings' in configuration);
  for (const type of Object.values(ConfigResourceType)) {
    const operation = fc.record({
      name: name(type),
      configOperation: fc.integer({ min: -1, max: 4 }),
      value: fc.option(value),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 4 }), operations => {
        const resource = { type, name: '1' };
        const changes = incrementalChanges(resource, operations, new Map());
        if (changes instanceof Failure) return;
        const refused = checkChanges({ resource, changes, current: new Map(), broker });
        const own = applyChanges(new Map(), changes);
        const node = new DynamicSettings(configuration);
        if (type === ConfigResourceType.TOPIC) describeTopic(node, own);
        if (type === ConfigResourceType.GROUP) describeGroup(node, own);
        if (type !== ConfigResourceType.BROKER) return;
        const fits = refused === undefined && node.check('broker', own) === undefined;
        const leftOut = node.replace({ broker: own });
        assert.equal(leftOut.length === 0, fits, `${refused} ${leftOut}`);
        assert.deepEqual(node.resolved.problems, []);
        describeBroker(node, { includeSynonyms: true });
      }),
      { numRuns: 150 },
    );
  }
});
