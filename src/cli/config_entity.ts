import type { ConfigResource, ConfigResourceType } from '../client/admin/configs.ts';
import { Misuse } from './exit_codes.ts';

const TYPES: readonly ConfigResourceType[] = ['topic', 'broker', 'group', 'client-metrics', 'broker-logger'];

/** Reads `topic/NAME`, `broker/1`, or `broker` for the default of all brokers. */
export function parseEntity(text: string): ConfigResource | Misuse {
  const at = text.search(/[/:]/);
  const [type, name] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  const known = TYPES.find(each => each === type);
  const isNamed = name !== '' || (known === 'broker' && at < 0);
  if (known === undefined || !isNamed) {
    return new Misuse(
      `"${text}" has no settings: write topic/NAME, broker/ID, broker for all brokers, group/NAME or client-metrics/NAME`,
    );
  }
  if (known.startsWith('broker') && name !== '' && !/^\d+$/.test(name)) {
    return new Misuse(`"${name}" is no id of a broker: write broker/1`);
  }
  return { type: known, name };
}
