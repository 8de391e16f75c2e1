import type { AlterConfigsRequest, AlterConfigsResponse } from '../messages/33_alter_configs.ts';
import type {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../messages/44_incremental_alter_configs.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asNodeId } from '../model/ids.ts';
import { topicNameProblem } from '../model/topic_name.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { checkChanges } from '../settings/check_changes.ts';
import {
  type ConfigChange,
  type ConfigOperation,
  incrementalChanges,
  replacingChanges,
} from '../settings/config_changes.ts';
import { type ConfigResource, ConfigResourceType, checkResource } from '../settings/config_resource.ts';
import type { Properties } from '../settings/values.ts';
import type { ControllerContext } from './controller_context.ts';
import { atomically, type Decision } from './decision.ts';
import { ELIGIBLE_LEADER_REPLICAS_FEATURE } from './features.ts';
import { type MetadataRecord, metadataRecord } from './metadata_record.ts';
import { hasCordonedDirectories } from './metadata_version.ts';
import { MIN_ISR_CONFIG } from './topic_policies.ts';

const CORDONED_CONFIG = 'cordoned.log.dirs';

/** Changes single settings of resources (KIP-339). */
export function incrementalAlterConfigs(
  context: ControllerContext,
  request: IncrementalAlterConfigsRequest,
): Decision<MessageInput<typeof IncrementalAlterConfigsResponse>> {
  return alter(context, request, (resource, current, configs: readonly ConfigOperation[]) =>
    incrementalChanges(resource, configs, current),
  );
}

/** Gives resources new settings in place of all that they had. */
export function alterConfigs(
  context: ControllerContext,
  request: AlterConfigsRequest,
): Decision<MessageInput<typeof AlterConfigsResponse>> {
  return alter(context, request, (resource, current, configs: readonly ConfigChange[]) =>
    replacingChanges(resource, configs, current),
  );
}

interface AlterRequest<Entry> {
  readonly resources: readonly {
    readonly resourceType: number;
    readonly resourceName: string;
    readonly configs: readonly Entry[];
  }[];
  readonly validateOnly: boolean;
}

type ChangesOf<Entry> = (
  resource: ConfigResource,
  current: Properties,
  configs: readonly Entry[],
) => readonly ConfigChange[] | Failure;

function alter<Entry>(context: ControllerContext, request: AlterRequest<Entry>, changesOf: ChangesOf<Entry>) {
  const records: MetadataRecord[] = [];
  const keyOf = ({ resourceType, resourceName }: AlterRequest<Entry>['resources'][number]) =>
    `${resourceType}:${resourceName}`;
  const byKey = new Map(request.resources.map(resource => [keyOf(resource), resource]));
  const responses = [...byKey].map(([key, { resourceType, resourceName, configs }]) => {
    const count = request.resources.filter(each => keyOf(each) === key).length;
    const resource = { type: resourceType, name: resourceName };
    const altered =
      count > 1
        ? new Failure(Errors.INVALID_REQUEST, `The resource ${resourceName} is in the request ${count} times`)
        : alterOne(context, resource, current => changesOf(resource, current, configs));
    const answer = { resourceType, resourceName };
    if (failed(altered)) return { ...answer, errorCode: altered.code, errorMessage: altered.message };
    for (const record of altered) records.push(record);
    return { ...answer, errorCode: Errors.NONE, errorMessage: null };
  });
  return atomically({ throttleTimeMs: 0, responses }, request.validateOnly ? [] : records);
}

function alterOne(
  context: ControllerContext,
  resource: ConfigResource,
  changesOf: (current: Properties) => readonly ConfigChange[] | Failure,
): MetadataRecord[] | Failure {
  const refused = checkResource(resource) ?? checkExists(context, resource);
  if (refused !== undefined) return refused;
  const current = context.image.configs.of(resource);
  const changes = changesOf(current);
  if (failed(changes)) return changes;
  const broker = context.node.resolved;
  const wrong =
    checkChanges({ resource, changes, current, broker }) ?? checkCluster(context, resource, changes);
  if (wrong !== undefined) return wrong;
  const { type: resourceType, name: resourceName } = resource;
  const records = changes.map(({ name, value }) =>
    metadataRecord('ConfigRecord', 0, { resourceType, resourceName, name, value }),
  );
  // Who is eligible was chosen by what was enough until now.
  if (hasElr(context) && changes.some(change => change.name === MIN_ISR_CONFIG)) {
    const topicName = resourceType === ConfigResourceType.TOPIC ? resourceName : '';
    records.push(metadataRecord('ClearElrRecord', 0, { topicName }));
  }
  return records;
}

function hasElr({ image }: ControllerContext): boolean {
  return image.features.levelOf(ELIGIBLE_LEADER_REPLICAS_FEATURE) > 0;
}

function checkExists(
  { image, voterIds }: ControllerContext,
  { type, name }: ConfigResource,
): Failure | undefined {
  if (type === ConfigResourceType.TOPIC && image.topics.byName(name) === undefined) {
    const problem = topicNameProblem(name);
    if (problem !== undefined) return new Failure(Errors.INVALID_TOPIC_EXCEPTION, problem);
    return new Failure(Errors.UNKNOWN_TOPIC_OR_PARTITION, `There is no topic ${name}`);
  }
  if (type !== ConfigResourceType.BROKER || name === '') return undefined;
  const id = asNodeId(Number(name));
  if (image.cluster.brokers.has(id) || voterIds.includes(id)) return undefined;
  return new Failure(Errors.BROKER_ID_NOT_REGISTERED, `There is no broker or controller ${name}`);
}

/** What the state of the cluster forbids. */
function checkCluster(
  context: ControllerContext,
  { type, name }: ConfigResource,
  changes: readonly ConfigChange[],
): Failure | undefined {
  if (type !== ConfigResourceType.BROKER) return undefined;
  const refuse = (why: string) => new Failure(Errors.INVALID_CONFIG, why);
  for (const change of changes) {
    if (change.name === MIN_ISR_CONFIG && hasElr(context)) {
      if (name !== '') {
        return refuse(
          `${MIN_ISR_CONFIG} is set for all brokers or for topics: with eligible leader replicas not for one`,
        );
      }
      if (change.value === null) {
        return refuse(`${MIN_ISR_CONFIG} can't be taken from all brokers: eligible leader replicas need it`);
      }
    }
    if (change.name === CORDONED_CONFIG && !hasCordonedDirectories(context.metadataVersion)) {
      return refuse(`${CORDONED_CONFIG} needs metadata.version 4.3-IV0`);
    }
  }
  return undefined;
}
