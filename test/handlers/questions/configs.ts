import { DescribeConfigs } from '../../../src/messages/32_describe_configs.ts';
import { AlterConfigs } from '../../../src/messages/33_alter_configs.ts';
import { IncrementalAlterConfigs } from '../../../src/messages/44_incremental_alter_configs.ts';
import { ListConfigResources } from '../../../src/messages/74_list_config_resources.ts';
import { ask, type Question } from './question.ts';

interface Operation {
  readonly name: string;
  readonly configOperation: number;
  readonly value: string | null;
}

const config = (name: string, value: string | null) => ({ name, value });
/** 0 sets, 1 deletes, 2 appends, 3 subtracts. */
const operation = (name: string, configOperation: number, value: string | null): Operation => ({
  name,
  configOperation,
  value,
});
const describeConfigs = (
  resourceType: number,
  resourceName: string,
  configurationKeys: string[] | null = null,
  more: { includeSynonyms?: boolean; includeDocumentation?: boolean } = {},
  version = 4,
) =>
  ask(DescribeConfigs, version, {
    resources: [{ resourceType, resourceName, configurationKeys }],
    ...more,
  });
const alterIncrementally = (resourceType: number, resourceName: string, configs: Operation[]) =>
  ask(IncrementalAlterConfigs, 1, {
    resources: [{ resourceType, resourceName, configs }],
    validateOnly: false,
  });
const alterConfigs = (resourceType: number, resourceName: string, configs: ReturnType<typeof config>[]) =>
  ask(AlterConfigs, 2, { resources: [{ resourceType, resourceName, configs }], validateOnly: false });

export const configsQuestions: Readonly<Record<string, Question>> = {
  'dc topic keys': describeConfigs(2, 'data', ['retention.ms', 'segment.bytes', 'no.such'], {
    includeSynonyms: true,
  }),
  'dc topic empty keys': describeConfigs(2, 'data', []),
  'dc topic unknown': describeConfigs(2, 'nope'),
  'dc topic bad': describeConfigs(2, 'a b'),
  'dc topic empty': describeConfigs(2, ''),
  'dc broker 9': describeConfigs(4, '9'),
  'dc broker x': describeConfigs(4, 'x'),
  'dc broker default': describeConfigs(4, ''),
  'dc broker keys': describeConfigs(
    4,
    '1',
    ['node.id', 'log.retention.ms', 'num.partitions', 'message.max.bytes', 'process.roles', 'listeners2'],
    { includeSynonyms: true },
  ),
  'dc type 99': describeConfigs(99, 'x'),
  'dc type 0': describeConfigs(0, 'x'),
  'dc metrics none': describeConfigs(16, 'cm'),
  'dc metrics empty': describeConfigs(16, ''),
  'dc group none': describeConfigs(32, 'g', null, { includeSynonyms: true }),
  'dc group empty': describeConfigs(32, ''),
  'dc v1': describeConfigs(2, 'compacted', ['cleanup.policy'], { includeSynonyms: true }, 1),
  'dc docs': describeConfigs(2, 'data', ['retention.ms'], { includeDocumentation: false }, 3),
  'iac set': alterIncrementally(2, 'data', [operation('retention.ms', 0, '1234')]),
  'iac del': alterIncrementally(2, 'data', [operation('retention.ms', 1, null)]),
  'iac append': alterIncrementally(2, 'data', [operation('cleanup.policy', 2, 'compact')]),
  'dc after append': describeConfigs(2, 'data', ['cleanup.policy']),
  'iac subtract': alterIncrementally(2, 'data', [operation('cleanup.policy', 3, 'compact')]),
  'iac append nonlist': alterIncrementally(2, 'data', [operation('retention.ms', 2, '5')]),
  'iac unknown': alterIncrementally(2, 'data', [operation('no.such', 0, '5')]),
  'iac bad value': alterIncrementally(2, 'data', [operation('retention.ms', 0, 'x')]),
  'iac null': alterIncrementally(2, 'data', [operation('retention.ms', 0, null)]),
  'iac dup key': alterIncrementally(2, 'data', [
    operation('retention.ms', 0, '1'),
    operation('retention.ms', 0, '2'),
  ]),
  'iac unknown topic': alterIncrementally(2, 'nope', [operation('retention.ms', 0, '1')]),
  'iac bad topic': alterIncrementally(2, 'a b', [operation('retention.ms', 0, '1')]),
  'iac empty topic': alterIncrementally(2, '', [operation('retention.ms', 0, '1')]),
  'iac dup resource': ask(IncrementalAlterConfigs, 1, {
    resources: [
      { resourceType: 2, resourceName: 'data', configs: [operation('retention.ms', 0, '1')] },
      { resourceType: 2, resourceName: 'data', configs: [operation('retention.ms', 0, '2')] },
    ],
    validateOnly: true,
  }),
  'iac type 0': alterIncrementally(0, 'x', [operation('a', 0, '1')]),
  'iac type 77': alterIncrementally(77, 'x', [operation('a', 0, '1')]),
  'iac broker ro': alterIncrementally(4, '1', [operation('node.id', 0, '5')]),
  'iac broker ok': alterIncrementally(4, '1', [operation('log.retention.ms', 0, '77777')]),
  'iac broker default': alterIncrementally(4, '', [operation('log.retention.ms', 0, '88888')]),
  'dc broker after': describeConfigs(4, '1', ['log.retention.ms'], { includeSynonyms: true }),
  'dc topic after': describeConfigs(2, 'data', ['retention.ms'], { includeSynonyms: true }),
  'dc default after': describeConfigs(4, '', ['log.retention.ms'], { includeSynonyms: true }),
  'iac broker bad': alterIncrementally(4, '1', [operation('log.retention.ms', 0, 'x')]),
  'iac broker x': alterIncrementally(4, 'x', [operation('log.retention.ms', 0, '5')]),
  'iac broker perbroker default': alterIncrementally(4, '', [operation('listeners', 0, 'PLAINTEXT://:1')]),
  'iac broker clear': alterIncrementally(4, '1', [operation('log.retention.ms', 1, null)]),
  'iac default clear': alterIncrementally(4, '', [operation('log.retention.ms', 1, null)]),
  'iac group ok': alterIncrementally(32, 'grp', [operation('consumer.session.timeout.ms', 0, '50000')]),
  'iac group bad range': alterIncrementally(32, 'grp', [operation('consumer.session.timeout.ms', 0, '5')]),
  'iac group unknown': alterIncrementally(32, 'grp', [operation('foo', 0, '5')]),
  'iac group empty name': alterIncrementally(32, '', [operation('consumer.session.timeout.ms', 0, '50000')]),
  'dc group': describeConfigs(32, 'grp', ['consumer.session.timeout.ms'], { includeSynonyms: true }),
  'iac metrics': alterIncrementally(16, 'cm', [
    operation('metrics', 0, 'org.apache'),
    operation('interval.ms', 0, '5000'),
  ]),
  'iac metrics bad': alterIncrementally(16, 'cm', [operation('interval.ms', 0, '5')]),
  'iac metrics unk': alterIncrementally(16, 'cm', [operation('foo', 0, '5')]),
  'dc metrics': describeConfigs(16, 'cm'),
  'ac topic': alterConfigs(2, 'other', [config('retention.ms', '99')]),
  'dc ac': describeConfigs(2, 'other', ['retention.ms']),
  'ac empty': alterConfigs(2, 'other', []),
  'dc ac2': describeConfigs(2, 'other', ['retention.ms']),
  'ac bad': alterConfigs(2, 'other', [config('retention.ms', 'x')]),
  'ac null': alterConfigs(2, 'other', [config('retention.ms', null)]),
  'ac unknown topic': alterConfigs(2, 'nope', [config('retention.ms', '5')]),
  'ac broker ro': alterConfigs(4, '1', [config('node.id', '2')]),
  'lcr all': ask(ListConfigResources, 1, { resourceTypes: [] }),
  'lcr v0': ask(ListConfigResources, 0, {}),
  'lcr group': ask(ListConfigResources, 1, { resourceTypes: [32] }),
  'lcr bad': ask(ListConfigResources, 1, { resourceTypes: [99] }),
  'lcr broker': ask(ListConfigResources, 1, { resourceTypes: [4, 8] }),
  'lcr 0': ask(ListConfigResources, 1, { resourceTypes: [0] }),
};
