const MAX_TOPIC_NAME_LENGTH = 249;
const LEGAL_TOPIC_NAME = /^[a-zA-Z0-9._-]+$/;

export const GROUP_OFFSETS_TOPIC = '__consumer_offsets';
export const TRANSACTION_STATE_TOPIC = '__transaction_state';
export const SHARE_STATE_TOPIC = '__share_group_state';
/** The quorum's own log; no topic that clients can name. */
export const CLUSTER_METADATA_TOPIC = '__cluster_metadata';

const INTERNAL_TOPICS: ReadonlySet<string> = new Set([
  GROUP_OFFSETS_TOPIC,
  TRANSACTION_STATE_TOPIC,
  SHARE_STATE_TOPIC,
]);

/** Whether the topic belongs to the brokers: consumers that subscribe by pattern don't see it. */
export function isInternalTopic(name: string): boolean {
  return INTERNAL_TOPICS.has(name);
}

/** Why a topic can't have the name, in a sentence that says what is allowed; undefined when it can. */
export function topicNameProblem(name: string): string | undefined {
  if (name === '') return 'A topic name must not be empty';
  if (name === '.' || name === '..') return `A topic name must not be "${name}"`;
  if (name.length > MAX_TOPIC_NAME_LENGTH) {
    return `The topic name "${name.slice(0, 40)}…" has ${name.length} characters where ${MAX_TOPIC_NAME_LENGTH} are allowed`;
  }
  if (!LEGAL_TOPIC_NAME.test(name)) {
    return `The topic name "${name}" is not legal: it may contain ASCII letters, digits, ".", "_" and "-"`;
  }
  return undefined;
}
