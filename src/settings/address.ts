/*
 * The addresses that settings hold. A host is a name or an IP address, in brackets where it holds colons (IPv6);
 * what is parsed has no brackets.
 */

import { asNodeId, type NodeId } from '../model/ids.ts';
import { MAX_INT } from './setting.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** A listener as it is written: `NAME://host:port`. */
export interface ListenerAddress extends HostPort {
  /** In upper case, as Kafka compares them. */
  readonly name: string;
  /** Empty for every interface. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

/** A voter of the quorum as it is written: `id@host:port`. */
export interface QuorumVoter extends HostPort {
  readonly nodeId: NodeId;
}

const LISTENER_PATTERN = /^([A-Za-z0-9._-]+):\/\/(?:\[([0-9a-fA-F:.%]*)\]|([0-9a-zA-Z\-%._]*)):(\d+)$/;
const HOST_PORT_PATTERN = /^(?:\[([0-9a-fA-F:.%]+)\]|([0-9a-zA-Z\-%._]+)):(\d+)$/;
const MAX_PORT = 65_535;

/** Reads `NAME://host:port`; undefined when it is none. */
export function parseListenerAddress(text: string): ListenerAddress | undefined {
  const match = LISTENER_PATTERN.exec(text);
  if (match === null) return undefined;
  const port = Number(match[4]);
  if (port > MAX_PORT) return undefined;
  return { name: match[1]!.toUpperCase(), host: match[2] ?? match[3] ?? '', port };
}

/** Reads `host:port`; undefined when it is none. */
export function parseHostPort(text: string): HostPort | undefined {
  const match = HOST_PORT_PATTERN.exec(text);
  if (match === null) return undefined;
  const port = Number(match[3]);
  return port > MAX_PORT ? undefined : { host: match[1] ?? match[2] ?? '', port };
}

/** Reads `id@host:port`; undefined when it is none. */
export function parseQuorumVoter(text: string): QuorumVoter | undefined {
  const match = /^(\d+)@(.+)$/.exec(text);
  const address = match === null ? undefined : parseHostPort(match[2]!);
  const nodeId = asNodeId(Number(match?.[1]));
  if (address === undefined || nodeId > MAX_INT) return undefined;
  return { nodeId, ...address };
}

/** Writes an address as {@link parseHostPort} reads it. */
export function formatHostPort({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
