import { stringify } from 'yaml';

/** Writes a value as YAML. A bigint is a number with all of its digits. */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
