import type { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../messages/57_update_features.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { ConfigResourceType } from '../settings/config_resource.ts';
import type { ControllerContext } from './controller_context.ts';
import { atomically, type Decision } from './decision.ts';
import {
  ELIGIBLE_LEADER_REPLICAS_FEATURE,
  featureFacts,
  KRAFT_VERSION_FEATURE,
  METADATA_VERSION_FEATURE,
  UNSUPPORTED,
  type VersionBounds,
  withinBounds,
} from './features.ts';
import { type MetadataRecord, metadataRecord } from './metadata_record.ts';
import {
  hasControllerRegistrations,
  metadataChangedBetween,
  metadataVersionName,
  metadataVersionOf,
} from './metadata_version.ts';
import { MIN_ISR_CONFIG } from './topic_policies.ts';

type Update = UpdateFeaturesRequest['featureUpdates'][number];

/** Kafka's numbers (FeatureUpdate.UpgradeType). */
const UpgradeType = { upgrade: 1, safeDowngrade: 2, unsafeDowngrade: 3 } as const;

/** Up to this version the response has a result for each feature. */
const LAST_VERSION_WITH_RESULTS = 1;

/** Changes the levels of features (KIP-584, KIP-778): all that is asked for, or nothing. */
export function updateFeatures(
  context: ControllerContext,
  request: UpdateFeaturesRequest,
  requestVersion: number,
): Decision<MessageInput<typeof UpdateFeaturesResponse>> | Failure {
  const updates = request.featureUpdates;
  const names = updates.map(update => update.feature);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined)
    return new Failure(Errors.INVALID_REQUEST, `The feature ${twice} is in the request twice`);
  const proposed = new Map(updates.map(({ feature, maxVersionLevel }) => [feature, maxVersionLevel]));
  const records: MetadataRecord[] = [];
  for (const update of updates) {
    if (update.feature === KRAFT_VERSION_FEATURE) continue;
    const record = updateOne(context, update, requestVersion, proposed);
    if (failed(record)) return record;
    if (record !== undefined) records.push(record);
  }
  const kraftVersion = proposed.get(KRAFT_VERSION_FEATURE);
  if (kraftVersion !== undefined) {
    // In the quorum's own records, and at once: so when everything else is found to be right.
    const refused = upgradeKraftVersion(context, kraftVersion, request.validateOnly);
    if (refused !== undefined) return refused;
  }
  if ((proposed.get(ELIGIBLE_LEADER_REPLICAS_FEATURE) ?? 0) > 0) records.unshift(...minIsrForAll(context));
  const results =
    requestVersion <= LAST_VERSION_WITH_RESULTS
      ? names.map(feature => ({ feature, errorCode: Errors.NONE, errorMessage: null }))
      : [];
  const response = { throttleTimeMs: 0, errorCode: Errors.NONE, errorMessage: null, results };
  return atomically(response, request.validateOnly ? [] : records);
}

function updateOne(
  context: ControllerContext,
  update: Update,
  requestVersion: number,
  proposed: ReadonlyMap<string, number>,
): MetadataRecord | undefined | Failure {
  const { feature: name, maxVersionLevel: level } = update;
  const { levels } = context.image.features;
  const refuse = (why: string) =>
    new Failure(Errors.INVALID_UPDATE_VERSION, `Cannot set the feature ${name} to ${level}: ${why}`);
  const type = upgradeTypeOf(update, requestVersion);
  if (type < UpgradeType.upgrade || type > UpgradeType.unsafeDowngrade) {
    return refuse(`there is no upgrade type ${type}`);
  }
  if (level < 0) return refuse('a level is 0 or more');
  const obstacle = whoLacks(context, name, level);
  if (obstacle !== undefined) return refuse(obstacle);
  const current = levels.get(name) ?? 0;
  if (level < current && type === UpgradeType.upgrade) {
    return refuse(`it is at ${current}, and the request does not say that it means a downgrade`);
  }
  if (level > current && type !== UpgradeType.upgrade) {
    return refuse(`it is at ${current}, and the request says that it means a downgrade`);
  }
  const impossible =
    name === METADATA_VERSION_FEATURE
      ? metadataDowngradeProblem(context, level, proposed)
      : dependencyProblem(context, name, level, proposed);
  if (impossible !== undefined) return refuse(impossible);
  return metadataRecord('FeatureLevelRecord', 0, { name, featureLevel: level });
}

function upgradeKraftVersion(
  context: ControllerContext,
  level: number,
  validateOnly: boolean,
): Failure | undefined {
  if (level === context.kraftVersion) return undefined;
  const obstacle = whoLacks(context, KRAFT_VERSION_FEATURE, level);
  if (obstacle === undefined) return context.upgradeKraftVersion(level, validateOnly);
  return new Failure(
    Errors.INVALID_UPDATE_VERSION,
    `Cannot set the feature ${KRAFT_VERSION_FEATURE} to ${level}: ${obstacle}`,
  );
}

function upgradeTypeOf(update: Update, requestVersion: number): number {
  if (requestVersion > 0) return update.upgradeType;
  return update.allowDowngrade ? UpgradeType.safeDowngrade : UpgradeType.upgrade;
}

/** Why not every node could run at the level. */
function whoLacks(context: ControllerContext, name: string, level: number): string | undefined {
  const { image, metadataVersion, nodeId, voterIds } = context;
  const here = lacks(`controller ${nodeId}`, featureFacts(name), level);
  if (here !== undefined) return here;
  for (const broker of image.cluster.brokers.values()) {
    const reason = lacks(`broker ${broker.id}`, broker.features.get(name), level);
    if (reason !== undefined) return reason;
  }
  if (!hasControllerRegistrations(metadataVersion)) return undefined;
  for (const controller of image.cluster.controllers.values()) {
    if (controller.id === nodeId) continue;
    const reason = lacks(`controller ${controller.id}`, controller.features.get(name), level);
    if (reason !== undefined) return reason;
  }
  const silent = voterIds.find(id => id !== nodeId && !image.cluster.controllers.has(id));
  return silent === undefined ? undefined : `controller ${silent} has not registered, and may not support it`;
}

function lacks(node: string, bounds: VersionBounds = UNSUPPORTED, level: number): string | undefined {
  if (withinBounds(level, bounds)) return undefined;
  return bounds.highest === 0
    ? `${node} does not support it`
    : `${node} supports ${bounds.lowest} to ${bounds.highest}`;
}

function metadataDowngradeProblem(
  { metadataVersion, image }: ControllerContext,
  level: number,
  proposed: ReadonlyMap<string, number>,
): string | undefined {
  const target = metadataVersionOf(level);
  if (target === undefined) return 'there is no such metadata.version';
  if (target < metadataVersion && metadataChangedBetween(target, metadataVersion)) {
    const names = `${metadataVersionName(metadataVersion)} to ${metadataVersionName(target)}`;
    return `going from ${names} could lose metadata`;
  }
  for (const [name, current] of image.features.levels) {
    const needed = featureFacts(name)?.metadataVersions[proposed.get(name) ?? current] ?? 0;
    if (needed > level) return `the feature ${name} needs ${needed}`;
  }
  return undefined;
}

function dependencyProblem(
  { metadataVersion }: ControllerContext,
  name: string,
  level: number,
  proposed: ReadonlyMap<string, number>,
): string | undefined {
  const needed = featureFacts(name)?.metadataVersions[level] ?? 0;
  const available = proposed.get(METADATA_VERSION_FEATURE) ?? metadataVersion;
  return needed > available ? `it needs metadata.version ${needed}, and that is ${available}` : undefined;
}

/**
 * With eligible leader replicas all brokers must mean the same by `min.insync.replicas`: it is set for all, and
 * nowhere for one (KIP-966).
 */
export function minIsrForAll({
  image,
  settings,
}: Pick<ControllerContext, 'image' | 'settings'>): MetadataRecord[] {
  const resourceType = ConfigResourceType.BROKER;
  const config = (resourceName: string, value: string | null) =>
    metadataRecord('ConfigRecord', 0, { resourceType, resourceName, name: MIN_ISR_CONFIG, value });
  const records: MetadataRecord[] = [];
  if (!image.configs.of({ type: resourceType, name: '' }).has(MIN_ISR_CONFIG)) {
    records.push(config('', String(settings.minInsyncReplicas)));
  }
  for (const name of image.configs.namesOf(resourceType)) {
    if (name !== '' && image.configs.of({ type: resourceType, name }).has(MIN_ISR_CONFIG)) {
      records.push(config(name, null));
    }
  }
  return records;
}
