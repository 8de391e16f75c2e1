const MAX_NAME_LENGTH = 249;

/** The log of the metadata itself, which is no topic that anybody could create. */
export const METADATA_TOPIC_NAME = '__cluster_metadata';

/** Why a name can't be that of a topic; undefined when it can. */
export function topicNameProblem(name: string): string | undefined {
  if (name === '') return 'a topic needs a name';
  if (name === '.' || name === '..') return `"${name}" is no topic name: it means a directory`;
  if (name.length > MAX_NAME_LENGTH) {
    return `the topic name has ${name.length} characters, and ${MAX_NAME_LENGTH} are allowed`;
  }
  if (/^[a-zA-Z0-9._-]+$/.test(name)) return undefined;
  return `"${name}" is no topic name: letters a to z, digits, ".", "_" and "-" are allowed`;
}
