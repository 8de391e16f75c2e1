import { Errors } from '../../model/error_codes.ts';
import { Failure } from '../../model/failure.ts';
import { asNodeId, type NodeId, type Uuid } from '../../model/ids.ts';
import { isReservedUuid, isUuid } from '../../model/uuid.ts';
import { parsePropertiesFile } from '../../settings/properties_file.ts';

/*
 * `meta.properties`: whose a log directory is. In the format of Java's properties, with the keys `version`,
 * `cluster.id`, `node.id` (`broker.id` in version 0, which KRaft's predecessor wrote) and `directory.id` (KIP-858).
 */

export const META_PROPERTIES_FILE = 'meta.properties';
const CURRENT_VERSION = 1;
const MAX_NODE_ID = 0x7fffffff;

export interface MetaProperties {
  readonly version: 0 | 1;
  /** Undefined as long as the node belongs to no cluster. */
  readonly clusterId: string | undefined;
  readonly nodeId: NodeId | undefined;
  readonly directoryId: Uuid | undefined;
}

/** Those of a directory that is new to the node. */
export function newMetaProperties(nodeId: NodeId, directoryId: Uuid): MetaProperties {
  return { version: CURRENT_VERSION, clusterId: undefined, nodeId, directoryId };
}

/**
 * Reads the text of the file.
 * @param path for the error's text
 * @returns INVALID_CONFIG when it is not what it should be
 */
export function parseMetaProperties(text: string, path: string): MetaProperties | Failure {
  const values = new Map(parsePropertiesFile(text).map(({ key, value }) => [key, value.trim()]));
  const malformed = (why: string) =>
    new Failure(
      Errors.INVALID_CONFIG,
      `Cannot use ${path}: ${why}. Restore the file; to begin anew, remove the whole directory with its logs.`,
    );
  const version = values.get('version') ?? '0';
  if (version !== '0' && version !== '1') return malformed(`its version is "${version}", not 0 or 1`);
  const nodeKey = version === '0' ? 'broker.id' : 'node.id';
  const nodeId = values.get(nodeKey);
  if (nodeId === undefined && version === '1') return malformed('it has no node.id');
  if (nodeId !== undefined && !(/^\d{1,10}$/.test(nodeId) && Number(nodeId) <= MAX_NODE_ID)) {
    return malformed(`its ${nodeKey} is "${nodeId}"`);
  }
  const directoryId = values.get('directory.id');
  if (directoryId !== undefined && (!isUuid(directoryId) || isReservedUuid(directoryId))) {
    return malformed(`its directory.id is "${directoryId}"`);
  }
  const clusterId = values.get('cluster.id');
  if (clusterId === '') return malformed('its cluster.id is empty');
  return {
    version: version === '0' ? 0 : 1,
    clusterId,
    nodeId: nodeId === undefined ? undefined : asNodeId(Number(nodeId)),
    directoryId,
  };
}

export function formatMetaProperties(meta: MetaProperties): string {
  const { version, clusterId, nodeId, directoryId } = meta;
  const pairs = [
    ['cluster.id', clusterId],
    ['directory.id', directoryId],
    [version === 0 ? 'broker.id' : 'node.id', nodeId],
    ['version', version],
  ];
  return pairs.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}\n`])).join('');
}

/** A directory's path with what its `meta.properties` has. */
export interface MetaPropertiesAt {
  readonly path: string;
  readonly meta: MetaProperties;
}

/**
 * Whether these directories can be those of one node.
 * @param nodeId as it is configured
 * @returns INVALID_CONFIG, INCONSISTENT_CLUSTER_ID: they can't
 */
export function checkMetaProperties(nodeId: NodeId, found: readonly MetaPropertiesAt[]): Failure | undefined {
  let cluster: { readonly id: string; readonly path: string } | undefined;
  const directories = new Map<Uuid, string>();
  for (const { path, meta } of found) {
    if (meta.nodeId !== undefined && meta.nodeId !== nodeId) {
      return new Failure(
        Errors.INVALID_CONFIG,
        `The log directory ${path} belongs to node ${meta.nodeId}, and this is configured as node ${nodeId}. Correct node.id, or give this node a directory of its own.`,
      );
    }
    if (meta.clusterId !== undefined && cluster !== undefined && meta.clusterId !== cluster.id) {
      return new Failure(
        Errors.INCONSISTENT_CLUSTER_ID,
        `The log directory ${path} belongs to cluster ${meta.clusterId}, and ${cluster.path} to cluster ${cluster.id}. Leave those of other clusters out of log.dirs.`,
      );
    }
    if (meta.clusterId !== undefined) cluster ??= { id: meta.clusterId, path };
    if (meta.directoryId === undefined) continue;
    const other = directories.get(meta.directoryId);
    if (other !== undefined) {
      return new Failure(
        Errors.INVALID_CONFIG,
        `The log directories ${other} and ${path} both have the directory.id ${meta.directoryId}: one is a copy of the other. Leave one of them out of log.dirs.`,
      );
    }
    directories.set(meta.directoryId, path);
  }
  return undefined;
}
