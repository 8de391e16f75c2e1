/*
 * Listeners as a broker or controller uses them: each with its security protocol, and with the address that others
 * are told. The rules are Kafka's.
 */

import { formatHostPort, type HostPort, type ListenerAddress } from './address.ts';
import type { SecurityProtocol } from './parsers.ts';
import type { BROKER_SETTINGS, Values } from './tables.ts';
import type { Problem, Properties } from './values.ts';

export interface Listener extends ListenerAddress {
  readonly securityProtocol: SecurityProtocol;
  /** Connections that this listener may hold; `max.connections` bounds all listeners together. */
  readonly maxConnections: number;
  /** New connections a second that this listener may accept. */
  readonly maxConnectionCreationRate: number;
}

/** Where others reach a listener. A port of 0 stands for the port that the listener got. */
export interface AdvertisedListener extends HostPort {
  readonly name: string;
  readonly securityProtocol: SecurityProtocol;
}

export interface ResolvedListeners {
  /** Of all roles, in the order of `listeners`. */
  readonly listeners: readonly Listener[];
  /** Those for clients and brokers. */
  readonly advertisedListeners: readonly AdvertisedListener[];
  /** Those for the quorum, in the order of `controller.listener.names`; empty for a node that is no controller. */
  readonly advertisedControllerListeners: readonly AdvertisedListener[];
  /** In upper case. */
  readonly controllerListenerNames: readonly string[];
  /** In upper case. */
  readonly interBrokerListenerName: string;
}

export interface ListenerSources {
  readonly values: Values<typeof BROKER_SETTINGS>;
  readonly properties: Properties;
  /** Advertised for listeners on every interface. */
  readonly hostname: string;
}

const SECURED = new Set<string>(['SSL', 'SASL_PLAINTEXT', 'SASL_SSL']);
const LISTENERS = 'listeners';
const ADVERTISED = 'advertised.listeners';
const PROTOCOLS = 'listener.security.protocol.map';
const INTER_BROKER = 'inter.broker.listener.name';

/** Puts the settings of listeners together and checks them against each other. */
export function resolveListeners(sources: ListenerSources): ResolvedListeners & { problems: Problem[] } {
  const { values } = sources;
  const problems: Problem[] = [];
  const controllerListenerNames = values['controller.listener.names'].map(name => name.toUpperCase());
  const isControllers = (listener: ListenerAddress) => controllerListenerNames.includes(listener.name);
  const protocols = effectiveProtocols(sources, controllerListenerNames);
  const protocolOf = (name: string, key: string): SecurityProtocol => {
    const protocol = protocols.get(name);
    if (protocol === undefined) problems.push({ keys: [key, PROTOCOLS], text: unmapped(name, key) });
    return protocol ?? 'PLAINTEXT';
  };
  const listeners = values.listeners.map(
    (address): Listener => ({
      ...address,
      securityProtocol: protocolOf(address.name, LISTENERS),
      maxConnections: perListener(sources, address.name, 'max.connections'),
      maxConnectionCreationRate: perListener(sources, address.name, 'max.connection.creation.rate'),
    }),
  );
  problems.push(...supported(listeners), ...distinct(LISTENERS, listeners), ...distinctPorts(listeners));

  const explicit = values['advertised.listeners'];
  if (explicit !== undefined) problems.push(...distinct(ADVERTISED, explicit));
  const advertise = (address: ListenerAddress): AdvertisedListener => ({
    name: address.name,
    host: address.host === '' ? sources.hostname : address.host,
    port: address.port,
    securityProtocol: protocolOf(address.name, explicit === undefined ? LISTENERS : ADVERTISED),
  });
  const ofBrokers = (explicit ?? values.listeners).filter(address => !isControllers(address));
  const ofControllers = controllerListenerNames.flatMap(name => {
    const own = values.listeners.find(address => address.name === name);
    if (own === undefined) return [];
    return [explicit?.find(address => address.name === name) ?? reachable(own, sources)];
  });
  problems.push(...routable([...ofBrokers, ...ofControllers]));
  if (explicit !== undefined) problems.push(...listened(explicit, listeners));
  const interBroker = interBrokerListener(sources, protocols);
  if (typeof interBroker !== 'string') problems.push(interBroker);
  return {
    listeners,
    advertisedListeners: ofBrokers.map(advertise),
    advertisedControllerListeners: ofControllers.map(advertise),
    controllerListenerNames,
    interBrokerListenerName: typeof interBroker === 'string' ? interBroker : '',
    problems,
  };
}

/** Controllers' listeners speak PLAINTEXT unless a map was given, or something else is in use. */
function effectiveProtocols(
  { values, properties }: ListenerSources,
  controllerListenerNames: readonly string[],
): ReadonlyMap<string, SecurityProtocol> {
  const protocols = new Map(values['listener.security.protocol.map']);
  const names = [...controllerListenerNames, ...values.listeners.map(listener => listener.name)];
  if (!properties.has(PROTOCOLS) && !names.some(name => SECURED.has(name))) {
    for (const name of controllerListenerNames) protocols.set(name, 'PLAINTEXT');
  }
  return protocols;
}

type ListenerBound = 'max.connections' | 'max.connection.creation.rate';

/** `listener.name.<listener>.<bound>`; without it there is no bound for the listener alone. */
function perListener({ properties }: ListenerSources, listener: string, bound: ListenerBound): number {
  const text = properties.get(`listener.name.${listener.toLowerCase()}.${bound}`);
  const count = text === undefined ? Number.NaN : Number(text);
  return Number.isInteger(count) ? count : Infinity;
}

function interBrokerListener(
  { values, properties }: ListenerSources,
  protocols: ReadonlyMap<string, SecurityProtocol>,
): string | Problem {
  const name = values['inter.broker.listener.name']?.toUpperCase();
  if (name === undefined) return values['security.inter.broker.protocol'];
  if (properties.has('security.inter.broker.protocol')) {
    return {
      keys: [INTER_BROKER, 'security.inter.broker.protocol'],
      text: `${INTER_BROKER} and security.inter.broker.protocol say the same: set only one of them`,
    };
  }
  if (!protocols.has(name)) return { keys: [INTER_BROKER, PROTOCOLS], text: unmapped(name, INTER_BROKER) };
  return name;
}

function unmapped(name: string, key: string): string {
  return `${key} names the listener ${name}, whose security protocol is not known: add ${name}:PLAINTEXT to ${PROTOCOLS}`;
}

function* supported(listeners: readonly Listener[]): Generator<Problem> {
  for (const { name, securityProtocol } of listeners) {
    if (securityProtocol === 'PLAINTEXT') continue;
    yield {
      keys: [LISTENERS, PROTOCOLS],
      text: `the listener ${name} is to speak ${securityProtocol}, which is not supported yet: only PLAINTEXT is`,
    };
  }
}

function* distinct(key: string, listeners: readonly ListenerAddress[]): Generator<Problem> {
  const names = listeners.map(listener => listener.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    yield { keys: [key], text: `${key} has the name ${twice} twice: each listener needs a name of its own` };
  }
}

const isIpV4 = (host: string) => /^\d+\.\d+\.\d+\.\d+$/.test(host);
const isIpV6 = (host: string) => host.includes(':');

/** Two listeners may share a port only as an IPv4 and an IPv6 address. */
function* distinctPorts(listeners: readonly Listener[]): Generator<Problem> {
  for (const [index, listener] of listeners.entries()) {
    const same = listeners.slice(0, index).filter(other => other.port === listener.port);
    if (listener.port === 0 || same.length === 0) continue;
    const [other] = same;
    const differ =
      (isIpV4(listener.host) && isIpV6(other!.host)) || (isIpV6(listener.host) && isIpV4(other!.host));
    if (same.length === 1 && differ) continue;
    yield {
      keys: [LISTENERS],
      text: `listeners ${other!.name} and ${listener.name} have the same port ${listener.port}: only an IPv4 and an IPv6 address can share one`,
    };
  }
}

const isEveryInterface = (host: string) => host === '0.0.0.0' || host === '::';

/** A controller's listener on every interface is reached where the voters say that this node is. */
function reachable(address: ListenerAddress, { values, hostname }: ListenerSources): ListenerAddress {
  if (address.host !== '' && !isEveryInterface(address.host)) return address;
  const voter = values['controller.quorum.voters'].find(each => each.nodeId === values['node.id']);
  return voter === undefined
    ? { ...address, host: hostname }
    : { ...address, host: voter.host, port: voter.port };
}

function* routable(advertised: readonly ListenerAddress[]): Generator<Problem> {
  for (const address of advertised) {
    if (!isEveryInterface(address.host)) continue;
    yield {
      keys: [ADVERTISED, LISTENERS],
      text: `the listener ${address.name} would be advertised as ${formatHostPort(address)}, where nobody can reach it: set ${ADVERTISED} to a host that clients and brokers can`,
    };
  }
}

function* listened(
  advertised: readonly ListenerAddress[],
  listeners: readonly Listener[],
): Generator<Problem> {
  const names = listeners.map(listener => listener.name);
  for (const { name } of advertised) {
    if (names.includes(name)) continue;
    yield {
      keys: [ADVERTISED, LISTENERS],
      text: `${ADVERTISED} names ${name}, which is no listener: listeners has ${names.join(', ')}`,
    };
  }
}
