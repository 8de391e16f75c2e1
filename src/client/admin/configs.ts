import { DescribeConfigs } from '../../messages/32_describe_configs.ts';
import { IncrementalAlterConfigs } from '../../messages/44_incremental_alter_configs.ts';
import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import { asNodeId } from '../../model/ids.ts';
import type { ClusterClient, Target } from '../cluster_client.ts';
import { answeredFailure, notController } from './answers.ts';
import type { ChangeOptions } from './topics.ts';

/** What has settings. */
export interface ConfigResource {
  readonly type: ConfigResourceType;
  /** Of a topic or group; a broker's id, empty for the default of all brokers. */
  readonly name: string;
}

export type ConfigResourceType = keyof typeof RESOURCE_NUMBERS;

/** As the wire numbers them. */
const RESOURCE_NUMBERS = {
  topic: 2,
  broker: 4,
  'broker-logger': 8,
  'client-metrics': 16,
  group: 32,
} as const;

/** Where a value comes from, by the wire's number. */
const SOURCES = [
  'unknown',
  'topic',
  'broker',
  'cluster default',
  'server.properties',
  'default',
  'broker logger',
  'client metrics',
  'group',
] as const;
export type ConfigSource = (typeof SOURCES)[number];

const TYPES = [
  'unknown',
  'boolean',
  'string',
  'int',
  'short',
  'long',
  'double',
  'list',
  'class',
  'password',
] as const;

export interface ConfigEntry {
  readonly name: string;
  /** Null where it is secret, or has none. */
  readonly value: string | null;
  readonly source: ConfigSource;
  readonly isReadOnly: boolean;
  readonly isSensitive: boolean;
  readonly type: (typeof TYPES)[number];
  readonly documentation: string | null;
  /** From which the value is chosen, the one that counts first. */
  readonly synonyms: readonly {
    readonly name: string;
    readonly value: string | null;
    readonly source: ConfigSource;
  }[];
}

export interface DescribeConfigOptions {
  /** All without it. */
  readonly keys?: readonly string[];
  readonly withDocumentation?: boolean;
}

/** The settings of a topic, broker or group, with where each value comes from. */
export async function describeConfigs(
  client: ClusterClient,
  resources: readonly ConfigResource[],
  { keys, withDocumentation = false }: DescribeConfigOptions = {},
): Promise<(ConfigEntry[] | Failure)[] | Failure> {
  const response = await client.request(
    targetOf(resources),
    DescribeConfigs,
    {
      resources: resources.map(({ name, type }) => ({
        resourceType: RESOURCE_NUMBERS[type],
        resourceName: name,
        configurationKeys: keys === undefined ? null : [...keys],
      })),
      includeSynonyms: true,
      includeDocumentation: withDocumentation,
    },
    withDocumentation ? { minVersion: 3 } : {},
  );
  if (failed(response)) return response;
  return resources.map(({ name, type }) => {
    const result = response.results.find(
      each => each.resourceName === name && each.resourceType === RESOURCE_NUMBERS[type],
    );
    const what = `Cannot read the settings of the ${type} "${name}"`;
    if (result === undefined) return new Failure(Errors.UNKNOWN_SERVER_ERROR, `${what}: there was no answer`);
    const failure = answeredFailure(result.errorCode, result.errorMessage, what);
    return failure ?? result.configs.map(toEntry);
  });
}

type AnsweredConfig = {
  readonly name: string;
  readonly value: string | null;
  readonly configSource: number;
  readonly configType: number;
  readonly readOnly: boolean;
  readonly isSensitive: boolean;
  readonly documentation: string | null;
  readonly synonyms: readonly {
    readonly name: string;
    readonly value: string | null;
    readonly source: number;
  }[];
};

function toEntry(config: AnsweredConfig): ConfigEntry {
  return {
    name: config.name,
    value: config.value,
    source: SOURCES[config.configSource] ?? 'unknown',
    isReadOnly: config.readOnly,
    isSensitive: config.isSensitive,
    type: TYPES[config.configType] ?? 'unknown',
    documentation: config.documentation || null,
    synonyms: config.synonyms.map(({ source, ...synonym }) => ({
      ...synonym,
      source: SOURCES[source] ?? 'unknown',
    })),
  };
}

/** One change of a setting, as IncrementalAlterConfigs numbers them. */
export const ConfigOperation = { set: 0, unset: 1, append: 2, subtract: 3 } as const;

export interface ConfigChange {
  readonly key: string;
  readonly operation: keyof typeof ConfigOperation;
  readonly value: string | null;
}

/** Changes some settings of one resource and leaves the others; all changes or none. */
export async function alterConfigs(
  client: ClusterClient,
  resource: ConfigResource,
  changes: readonly ConfigChange[],
  { validateOnly = false }: ChangeOptions = {},
): Promise<Failure | undefined> {
  const what = `Cannot change the settings of the ${resource.type} "${resource.name}"`;
  const response = await client.request(
    targetOf([resource]),
    IncrementalAlterConfigs,
    {
      resources: [
        {
          resourceType: RESOURCE_NUMBERS[resource.type],
          resourceName: resource.name,
          configs: changes.map(({ key, operation, value }) => ({
            name: key,
            configOperation: ConfigOperation[operation],
            value,
          })),
        },
      ],
      validateOnly,
    },
    {
      errorOf: answer =>
        notController(
          answer.responses.map(each => each.errorCode),
          what,
        ),
    },
  );
  if (failed(response)) return response;
  const [result] = response.responses;
  return answeredFailure(result?.errorCode ?? -1, result?.errorMessage, what);
}

/** A broker tells and checks its own settings; any knows the others. */
function targetOf(resources: readonly ConfigResource[]): Target {
  const own = resources.find(({ name, type }) => type.startsWith('broker') && name !== '');
  return own === undefined ? 'controller' : { node: asNodeId(Number(own.name)) };
}
