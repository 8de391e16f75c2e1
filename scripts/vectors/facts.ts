import { API_BY_KEY } from '../../src/messages/apis.ts';
import { requestHeaderVersion, responseHeaderVersion } from '../../src/protocol/headers.ts';
import type { Api, Message } from '../../src/protocol/schema.ts';
import { parseVersions, type VersionRange } from '../../src/protocol/versions.ts';

/** What the index tells of a message. */
export interface IndexEntry {
  readonly name: string;
  readonly type: string;
  readonly apiKey: number | null;
  readonly validVersions: string;
  readonly flexibleVersions?: string;
  readonly listeners?: readonly string[];
  readonly latestVersionUnstable?: boolean;
  readonly prefix?: string;
  /** Its vectors; null for a message without versions. */
  readonly file: string | null;
}

/** What headers.json tells of an API. */
export interface ApiFacts {
  readonly apiKey: number;
  readonly name: string;
  readonly lowestVersion: number;
  readonly highestVersion: number;
  readonly latestVersionUnstable: boolean;
  readonly listeners: readonly string[];
  readonly versions: readonly {
    readonly version: number;
    readonly requestHeader: number;
    readonly responseHeader: number;
  }[];
}

/** What our declaration of a message has otherwise than the index, in words; undefined when it has nothing so. */
export function checkIndexEntry(message: Message | undefined, entry: IndexEntry): string | undefined {
  if (message === undefined) {
    return entry.validVersions === 'none' ? undefined : 'there is no declaration of it';
  }
  const found = {
    name: message.name,
    apiKey: message.key ?? null,
    validVersions: message.versions as string,
    flexibleVersions: message.flexible as string,
  };
  return firstUnequal(found, { flexibleVersions: 'none', ...entry }) ?? checkApiOf(message, entry);
}

/** A request's entry tells who answers it. */
function checkApiOf(message: Message, entry: IndexEntry): string | undefined {
  if (entry.type !== 'request') return undefined;
  const api = API_BY_KEY.get(message.key!);
  if (api?.request !== message) return 'no API has it as its request';
  return firstUnequal(
    { listeners: sorted(api.listeners), latestVersionUnstable: api.latestVersionUnstable ?? false },
    {
      listeners: sorted(entry.listeners ?? []),
      latestVersionUnstable: entry.latestVersionUnstable ?? false,
    },
  );
}

/** What we have otherwise than headers.json tells of an API, in words; undefined when there is nothing. */
export function checkApiFacts(facts: ApiFacts): string | undefined {
  const api = API_BY_KEY.get(facts.apiKey);
  if (api === undefined) {
    return facts.versions.length === 0 ? undefined : 'there is no declaration of the API';
  }
  const { lowest, highest } = parseVersions(api.request.versions);
  const found = {
    name: api.name,
    lowestVersion: lowest,
    highestVersion: highest,
    latestVersionUnstable: api.latestVersionUnstable ?? false,
    listeners: sorted(api.listeners),
  };
  return (
    firstUnequal(found, { ...facts, listeners: sorted(facts.listeners) }) ?? checkHeaderVersions(api, facts)
  );
}

function checkHeaderVersions(api: Api, facts: ApiFacts): string | undefined {
  for (const { version, requestHeader, responseHeader } of facts.versions) {
    const found = {
      requestHeader: requestHeaderVersion(api, version),
      responseHeader: responseHeaderVersion(api, version),
    };
    const problem = firstUnequal(found, { requestHeader, responseHeader });
    if (problem !== undefined) return `version ${version}: ${problem}`;
  }
  return undefined;
}

function sorted(names: readonly string[]): string {
  return [...names].sort().join(' ');
}

function firstUnequal<Facts extends object>(found: Facts, wanted: Facts): string | undefined {
  for (const [name, value] of Object.entries(found)) {
    const other = wanted[name as keyof Facts];
    const isRange = name.endsWith('Versions');
    if (isRange ? !isSameRange(value, other) : value !== other) {
      return `${name} is ${String(value)} with us, not ${String(other)}`;
    }
  }
  return undefined;
}

function isSameRange(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  const [one, two] = [parseVersions(left as VersionRange), parseVersions(right as VersionRange)];
  return one.lowest === two.lowest && one.highest === two.highest;
}
