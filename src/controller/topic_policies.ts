import type { NodeId } from '../model/ids.ts';
import { ConfigResourceType } from '../settings/config_resource.ts';
import { TOPIC_SETTINGS } from '../settings/tables.ts';
import type { ControllerContext } from './controller_context.ts';
import type { TopicImage } from './image/topics_image.ts';

export const MIN_ISR_CONFIG = 'min.insync.replicas';
export const UNCLEAN_ELECTION_CONFIG = 'unclean.leader.election.enable';

/** The settings of a topic that decide over its leaders. */
export interface TopicPolicies {
  /** `min.insync.replicas`, at most the number of replicas. */
  readonly minIsr: number;
  readonly uncleanElection: boolean;
}

/** The policies in force: set for the topic, for this controller's node, for all nodes, in its files, or by default. */
export function topicPolicies(context: ControllerContext, topic: TopicImage): TopicPolicies {
  const { settings } = context;
  const minIsrText = setAtRunTime(context, topic.name, MIN_ISR_CONFIG);
  const uncleanText = setAtRunTime(context, topic.name, UNCLEAN_ELECTION_CONFIG);
  const minIsr = TOPIC_SETTINGS[MIN_ISR_CONFIG].parse(minIsrText ?? '') ?? settings.minInsyncReplicas;
  const uncleanElection =
    TOPIC_SETTINGS[UNCLEAN_ELECTION_CONFIG].parse(uncleanText ?? '') ?? settings.uncleanLeaderElectionEnable;
  return { minIsr: Math.min(minIsr, topic.partitions[0]?.replicas.length ?? minIsr), uncleanElection };
}

function setAtRunTime(
  { image, nodeId }: ControllerContext,
  topicName: string,
  name: string,
): string | undefined {
  const { TOPIC, BROKER } = ConfigResourceType;
  const { configs } = image;
  return (
    configs.of({ type: TOPIC, name: topicName }).get(name) ??
    configs.of({ type: BROKER, name: nodeName(nodeId) }).get(name) ??
    configs.of({ type: BROKER, name: '' }).get(name)
  );
}

/** A node as the name of a resource with settings. */
export const nodeName = (id: NodeId): string => String(id);
