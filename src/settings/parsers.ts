/* Parsers of the settings that hold more than a word or a number; each with what it allows, in words. */

import {
  type HostPort,
  type ListenerAddress,
  parseHostPort,
  parseListenerAddress,
  parseQuorumVoter,
  type QuorumVoter,
} from './address.ts';
import { splitList } from './setting.ts';

/** The security protocols that Kafka knows. */
export const SECURITY_PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
export type SecurityProtocol = (typeof SECURITY_PROTOCOLS)[number];

/** Replicas of a topic that are throttled: all of them, or those named. */
export type ThrottledReplicas = '*' | readonly { readonly partition: number; readonly brokerId: number }[];

function eachPart<T>(text: string, parse: (part: string) => T | undefined): readonly T[] | undefined {
  const values: T[] = [];
  for (const part of new Set(splitList(text))) {
    const value = parse(part);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

export const listenerAddresses = {
  allowed: 'a list of NAME://host:port with ports up to 65535, separated by commas and not empty',
  parse(text: string): readonly ListenerAddress[] | undefined {
    const listeners = eachPart(text, parseListenerAddress);
    return listeners?.length === 0 ? undefined : listeners;
  },
};

export const listenerNames = {
  allowed: "a list of listeners' names (letters, digits, . _ -), separated by commas and not empty",
  parse(text: string): readonly string[] | undefined {
    const names = eachPart(text, part => (/^[A-Za-z0-9._-]+$/.test(part) ? part : undefined));
    return names?.length === 0 ? undefined : names;
  },
};

export const quorumVoters = {
  allowed: 'a list of id@host:port, each id once, separated by commas',
  parse(text: string): readonly QuorumVoter[] | undefined {
    const voters = eachPart(text, parseQuorumVoter);
    return voters !== undefined && new Set(voters.map(voter => voter.nodeId)).size === voters.length
      ? voters
      : undefined;
  },
};

export const hostPorts = {
  allowed: 'a list of host:port, separated by commas',
  parse: (text: string): readonly HostPort[] | undefined => eachPart(text, parseHostPort),
};

/** Addresses of HTTP servers; a port of 0 is any free one. */
export const httpAddresses = {
  allowed: 'a list of http://host:port, separated by commas',
  parse: (text: string): readonly HostPort[] | undefined =>
    eachPart(text, part => {
      const match = /^http:\/\/([^/]+)\/?$/i.exec(part);
      return match === null ? undefined : parseHostPort(match[1]!);
    }),
};

export const httpUrls = {
  allowed: 'a list of http:// and https:// addresses, separated by commas',
  parse: (text: string): readonly string[] | undefined =>
    eachPart(text, part => (/^https?:\/\/[^\s/]+(\/\S*)?$/i.test(part) ? part : undefined)),
};

export const mailAddresses = {
  allowed: 'a list of mail addresses, separated by commas',
  parse: (text: string): readonly string[] | undefined =>
    eachPart(text, part => (/^[^\s@<>]+@[^\s@<>]+$/.test(part) ? part : undefined)),
};

/** `name=value` pairs with names as Prometheus allows them. */
export const labelPairs = {
  allowed: 'a list of name=value with names of letters, digits and _, each once, separated by commas',
  parse(text: string): ReadonlyMap<string, string> | undefined {
    const labels = new Map<string, string>();
    for (const part of splitList(text)) {
      const match = /^([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*(.*)$/.exec(part);
      if (match === null || match[1]!.startsWith('__') || labels.has(match[1]!)) return undefined;
      labels.set(match[1]!, match[2]!);
    }
    return labels;
  },
};

/** `NAME:PROTOCOL` pairs; names in upper case. */
export const securityProtocolMap = {
  allowed: `a list of NAME:PROTOCOL with each name once and one of ${SECURITY_PROTOCOLS.join(', ')}`,
  parse(text: string): ReadonlyMap<string, SecurityProtocol> | undefined {
    const protocols = new Map<string, SecurityProtocol>();
    for (const part of splitList(text)) {
      const [name, protocol, more] = part.split(':');
      const known = SECURITY_PROTOCOLS.find(each => each === protocol?.trim().toUpperCase());
      const key = name?.trim().toUpperCase();
      if (!key || known === undefined || more !== undefined || protocols.has(key)) return undefined;
      protocols.set(key, known);
    }
    return protocols;
  },
};

/** `address:count` pairs. */
export const connectionBounds = {
  allowed: 'a list of address:count with counts of 0 or more, separated by commas',
  parse(text: string): ReadonlyMap<string, number> | undefined {
    const bounds = new Map<string, number>();
    for (const part of splitList(text)) {
      const match = /^\[?([0-9a-zA-Z\-%._:]+)\]?:(\d{1,9})$/.exec(part);
      if (match === null) return undefined;
      bounds.set(match[1]!, Number(match[2]));
    }
    return bounds;
  },
};

export const throttledReplicas = {
  allowed: '* or a list of partition:broker, separated by commas',
  parse(text: string): ThrottledReplicas | undefined {
    if (text.trim() === '*') return '*';
    return eachPart(text, part => {
      const match = /^(\d{1,9}):(\d{1,9})$/.exec(part);
      return match === null ? undefined : { partition: Number(match[1]), brokerId: Number(match[2]) };
    });
  },
};

/** Where a share group begins: KIP-932's three forms. */
export const offsetReset = {
  allowed: 'earliest, latest, or by_duration: with a duration such as PT1H',
  parse(text: string): string | undefined {
    const trimmed = text.trim();
    const duration = /^by_duration:P(?=[\dT])(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/i;
    return trimmed === 'earliest' || trimmed === 'latest' || duration.test(trimmed) ? trimmed : undefined;
  },
};

/** Names by which a client-metrics subscription can choose clients (KIP-714). */
const CLIENT_MATCHERS = new Set([
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
]);

export const clientMatchers = {
  allowed: `a list of name=pattern with a name of ${[...CLIENT_MATCHERS].join(', ')}`,
  parse: (text: string): readonly string[] | undefined =>
    eachPart(text, part => {
      const [name, pattern, more] = part.split('=');
      if (!CLIENT_MATCHERS.has(name!.trim()) || !pattern || more !== undefined) return undefined;
      return isPattern(pattern.trim()) ? part : undefined;
    }),
};

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** No class can be loaded; the one selector that Kafka brings is built in under its name. */
export const RACK_AWARE_SELECTOR = 'org.apache.kafka.common.replica.RackAwareReplicaSelector';

export const replicaSelector = {
  allowed: RACK_AWARE_SELECTOR,
  parse: (text: string): typeof RACK_AWARE_SELECTOR | undefined =>
    text.trim() === RACK_AWARE_SELECTOR ? RACK_AWARE_SELECTOR : undefined,
};

/** Accepting an authorizer that does nothing would let everyone in where someone meant to keep them out. */
export const noAuthorizer = {
  allowed: 'empty, since there is no authorizer yet and everything would be allowed',
  parse: (text: string): '' | undefined => (text.trim() === '' ? '' : undefined),
};
