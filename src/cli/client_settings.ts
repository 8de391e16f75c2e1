import type { ClientTimeouts } from '../client/client_options.ts';
import type { ConsumerOptions } from '../client/consumer/consumer_options.ts';
import type { GroupOptions } from '../client/group/group_options.ts';
import type { ProducerOptions } from '../client/producer/producer_options.ts';
import { failed } from '../model/failure.ts';
import type { Endpoint } from '../peers/peer_sender.ts';
import { CompressionType } from '../records/record_batch.ts';
import { parseHostPort } from '../settings/address.ts';
import { Misuse } from './exit_codes.ts';

type Writable<T> = { -readonly [Key in keyof T]?: T[Key] };

/** What the user's settings say, by those who heed them. */
export interface ClientSettings {
  bootstrapServers: readonly Endpoint[];
  clientId: string;
  readonly timeouts: Writable<ClientTimeouts>;
  readonly producer: Writable<ProducerOptions>;
  readonly consumer: Writable<ConsumerOptions>;
  readonly group: Writable<Omit<GroupOptions, 'groupId' | 'topics' | 'assignors' | 'consumer'>>;
}

/** Takes a value over, or says what is allowed. */
type Take = (settings: ClientSettings, value: string) => string | undefined;

const INT32 = 0x7fffffff;

function whole(take: (settings: ClientSettings, value: number) => void, least = 0): Take {
  return (settings, text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > INT32)
      return `a whole number from ${least} to ${INT32}`;
    take(settings, value);
    return undefined;
  };
}

function oneOf<Name extends string>(
  names: readonly Name[],
  take: (settings: ClientSettings, value: Name) => void,
): Take {
  return (settings, text) => {
    const name = names.find(each => each === text.toLowerCase());
    if (name === undefined) return `one of ${names.join(', ')}`;
    take(settings, name);
    return undefined;
  };
}

function yesNo(take: (settings: ClientSettings, value: boolean) => void): Take {
  return oneOf(['true', 'false'], (settings, value) => take(settings, value === 'true'));
}

const COMPRESSIONS = Object.keys(CompressionType) as (keyof typeof CompressionType)[];
const DEFAULT_PORT = 9092;

/** The settings of Kafka's clients that count here, by their keys. */
const KEYS: Readonly<Record<string, Take>> = {
  'bootstrap.servers': (settings, text) => {
    const servers = parseServers(text);
    if (failed(servers)) return servers.message;
    settings.bootstrapServers = servers;
    return undefined;
  },
  'client.id': (settings, text) => {
    settings.clientId = text;
    return undefined;
  },
  'request.timeout.ms': whole((to, value) => {
    to.timeouts.requestTimeoutMs = value;
  }, 1),
  'default.api.timeout.ms': whole((to, value) => {
    to.timeouts.apiTimeoutMs = value;
  }, 1),
  'socket.connection.setup.timeout.ms': whole((to, value) => {
    to.timeouts.connectTimeoutMs = value;
  }, 1),
  'retry.backoff.ms': whole((to, value) => {
    to.timeouts.retryBackoffMs = value;
  }, 1),
  'retry.backoff.max.ms': whole((to, value) => {
    to.timeouts.maxRetryBackoffMs = value;
  }, 1),
  'metadata.max.age.ms': whole((to, value) => {
    to.timeouts.metadataMaxAgeMs = value;
  }, 1),
  acks: oneOf(['all', '-1', '0', '1'], ({ producer }, value) => {
    producer.acks = value === 'all' ? -1 : (Number(value) as ProducerOptions['acks']);
  }),
  'enable.idempotence': yesNo(({ producer }, value) => {
    producer.isIdempotent = value;
  }),
  'linger.ms': whole(({ producer }, value) => {
    producer.lingerMs = value;
  }),
  'batch.size': whole(({ producer }, value) => {
    producer.batchSizeBytes = value;
  }),
  'max.request.size': whole(({ producer }, value) => {
    producer.maxRequestSizeBytes = value;
  }, 1),
  'buffer.memory': whole(({ producer }, value) => {
    producer.bufferMemoryBytes = value;
  }, 1),
  'max.block.ms': whole(({ producer }, value) => {
    producer.maxBlockMs = value;
  }),
  'delivery.timeout.ms': whole(({ producer }, value) => {
    producer.deliveryTimeoutMs = value;
  }, 1),
  'max.in.flight.requests.per.connection': whole(({ producer }, value) => {
    producer.maxInFlightRequests = value;
  }, 1),
  'compression.type': oneOf(COMPRESSIONS, ({ producer }, value) => {
    producer.compression = CompressionType[value];
  }),
  'isolation.level': oneOf(['read_uncommitted', 'read_committed'], ({ consumer }, value) => {
    consumer.isolationLevel = value;
  }),
  'auto.offset.reset': oneOf(['earliest', 'latest', 'none'], ({ consumer }, value) => {
    consumer.offsetReset = value;
  }),
  'fetch.max.wait.ms': whole(({ consumer }, value) => {
    consumer.fetchMaxWaitMs = value;
  }),
  'fetch.min.bytes': whole(({ consumer }, value) => {
    consumer.fetchMinBytes = value;
  }),
  'fetch.max.bytes': whole(({ consumer }, value) => {
    consumer.fetchMaxBytes = value;
  }, 1),
  'max.partition.fetch.bytes': whole(({ consumer }, value) => {
    consumer.maxPartitionFetchBytes = value;
  }, 1),
  'check.crcs': yesNo(({ consumer }, value) => {
    consumer.checksCrcs = value;
  }),
  'session.timeout.ms': whole(({ group }, value) => {
    group.sessionTimeoutMs = value;
  }, 1),
  'heartbeat.interval.ms': whole(({ group }, value) => {
    group.heartbeatIntervalMs = value;
  }, 1),
  'max.poll.interval.ms': whole(({ group }, value) => {
    group.maxPollIntervalMs = value;
  }, 1),
  'group.instance.id': ({ group }, text) => {
    group.groupInstanceId = text === '' ? null : text;
    return undefined;
  },
  'enable.auto.commit': yesNo(({ group }, value) => {
    group.commitsByItself = value;
  }),
  'auto.commit.interval.ms': whole(({ group }, value) => {
    group.commitIntervalMs = value;
  }),
  'security.protocol': (_, text) =>
    text.toUpperCase() === 'PLAINTEXT' ? undefined : 'PLAINTEXT: these commands speak no other yet',
};

export const CLIENT_SETTING_KEYS: readonly string[] = Object.keys(KEYS).sort();

/** Patient enough for a cluster that elects a leader, not so much that a person gives up first. */
const TIMEOUTS: Partial<ClientTimeouts> = {
  requestTimeoutMs: 10_000,
  connectTimeoutMs: 5_000,
  apiTimeoutMs: 15_000,
};

export function defaultClientSettings(): ClientSettings {
  return {
    bootstrapServers: [{ host: 'localhost', port: DEFAULT_PORT }],
    clientId: 'odradek-cli',
    timeouts: { ...TIMEOUTS },
    producer: {},
    consumer: {},
    group: {},
  };
}

export function isClientSetting(key: string): boolean {
  return Object.hasOwn(KEYS, key);
}

/** @param origin where the setting is from, for the error */
export function takeClientSetting(
  settings: ClientSettings,
  { key, origin, value }: { readonly key: string; readonly value: string; readonly origin: string },
): Misuse | undefined {
  const take = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  if (take === undefined)
    return new Misuse(`${origin}: "${key}" is no setting of a client${didYouMean(key)}`);
  const allowed = take(settings, value.trim());
  return allowed === undefined
    ? undefined
    : new Misuse(`${origin}: ${key} is "${value}", but must be ${allowed}`);
}

function didYouMean(key: string): string {
  const near = CLIENT_SETTING_KEYS.filter(known => known.includes(key) || key.includes(known));
  return `: ${near.length > 0 ? `is it ${near.join(' or ')}?` : `there are ${CLIENT_SETTING_KEYS.join(', ')}`}`;
}

/** Reads `host:port,host:port`; the port may be left out. */
export function parseServers(text: string): readonly Endpoint[] | Misuse {
  const servers: Endpoint[] = [];
  for (const each of text.split(',').map(item => item.trim())) {
    if (each === '') continue;
    const server = parseHostPort(each) ?? parseHostPort(`${each}:${DEFAULT_PORT}`);
    if (server === undefined || server.host === '' || server.port === 0) {
      return new Misuse(`addresses as host:port, with commas between them, and "${each}" is none`);
    }
    servers.push(server);
  }
  return servers.length > 0 ? servers : new Misuse('one address or more, as host:port');
}
