import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { failed } from '../model/failure.ts';
import {
  type ClientSettings,
  defaultClientSettings,
  isClientSetting,
  parseServers,
  takeClientSetting,
} from './client_settings.ts';
import { Misuse } from './exit_codes.ts';

export interface ConnectionOptions {
  readonly bootstrapServer?: string;
  /** Each as `key=value`; the last of a key counts. */
  readonly X: readonly string[];
  readonly profile?: string;
}

const DEFAULT_PROFILE = 'default';

/**
 * What the user wants of the client. What counts, the most important first: `-B`, `-X`, the environment
 * (ODRADEK_BOOTSTRAP_SERVERS), the profile, the defaults.
 *
 * A profile is a file in the form of Kafka's client.properties: its path, or a name that stands for
 * ~/.config/odradek/NAME.properties. The one called `default` counts when none is asked for.
 */
export async function readClientSettings(
  options: ConnectionOptions,
  environment: NodeJS.ProcessEnv,
  warn: (text: string) => void,
): Promise<ClientSettings | Misuse> {
  const settings = defaultClientSettings();
  const problem =
    (await takeProfile(settings, options.profile ?? environment['ODRADEK_PROFILE'], { environment, warn })) ??
    takeEnvironment(settings, environment) ??
    takeOptions(settings, options);
  return problem ?? settings;
}

/** Where profiles are: beside those of other programs, as the system has them. */
export function profileFolder(environment: NodeJS.ProcessEnv): string {
  const home = environment['XDG_CONFIG_HOME'] ?? path.join(environment['HOME'] ?? os.homedir(), '.config');
  return path.join(home, 'odradek');
}

async function takeProfile(
  settings: ClientSettings,
  wanted: string | undefined,
  { environment, warn }: { readonly environment: NodeJS.ProcessEnv; readonly warn: (text: string) => void },
): Promise<Misuse | undefined> {
  const isPath = wanted !== undefined && (wanted.includes('/') || wanted.includes(path.sep));
  const file = isPath
    ? wanted
    : path.join(profileFolder(environment), `${wanted ?? DEFAULT_PROFILE}.properties`);
  let content: string;
  try {
    content = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (wanted === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return new Misuse(
      `Cannot read the profile "${wanted ?? DEFAULT_PROFILE}" in ${file}: ${(error as Error).message}`,
    );
  }
  const { parse } = await import('dot-properties');
  for (const [key, value] of Object.entries(parse(content))) {
    if (!isClientSetting(key)) {
      warn(`${file}: "${key}" does nothing here`);
      continue;
    }
    const problem = takeClientSetting(settings, { key, value: String(value), origin: file });
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function takeEnvironment(settings: ClientSettings, environment: NodeJS.ProcessEnv): Misuse | undefined {
  const value = environment['ODRADEK_BOOTSTRAP_SERVERS'];
  if (value === undefined || value === '') return undefined;
  return takeClientSetting(settings, {
    key: 'bootstrap.servers',
    value,
    origin: 'ODRADEK_BOOTSTRAP_SERVERS',
  });
}

function takeOptions(
  settings: ClientSettings,
  { X, bootstrapServer }: ConnectionOptions,
): Misuse | undefined {
  for (const each of X) {
    const at = each.indexOf('=');
    if (at <= 0) return new Misuse(`-X takes key=value, and "${each}" is none`);
    const [key, value] = [each.slice(0, at).trim(), each.slice(at + 1)];
    const problem = takeClientSetting(settings, { key, value, origin: `-X ${each}` });
    if (problem !== undefined) return problem;
  }
  if (bootstrapServer === undefined) return undefined;
  const servers = parseServers(bootstrapServer);
  if (failed(servers)) return new Misuse(`-B takes ${servers.message}`);
  settings.bootstrapServers = servers;
  return undefined;
}
