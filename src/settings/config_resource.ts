/* What settings belong to, as the requests name it. */

import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { MAX_INT } from './setting.ts';

/** Kafka's numbers (ConfigResource.Type). */
export const ConfigResourceType = {
  TOPIC: 2,
  BROKER: 4,
  BROKER_LOGGER: 8,
  CLIENT_METRICS: 16,
  GROUP: 32,
} as const;

export interface ConfigResource {
  readonly type: number;
  /** Of a topic or group; a broker's id, or empty for all brokers. */
  readonly name: string;
}

/** Checks that there can be settings of a resource; whether it exists is another question. */
export function checkResource({ type, name }: ConfigResource): Failure | undefined {
  switch (type) {
    case ConfigResourceType.TOPIC:
      return name === '' ? refuse('settings belong to single topics: name one') : undefined;
    case ConfigResourceType.GROUP:
      return name === '' ? refuse('settings belong to single groups: name one') : undefined;
    case ConfigResourceType.CLIENT_METRICS:
      return name === '' ? refuse('a client-metrics subscription needs a name') : undefined;
    case ConfigResourceType.BROKER:
      return name === '' || isNodeId(name)
        ? undefined
        : refuse(`a broker's id is a whole number, not "${name}"`);
    case ConfigResourceType.BROKER_LOGGER:
      return refuse("the levels of a broker's loggers can not be read or changed at run time");
    default:
      return refuse(`there are no settings of resources of type ${type}`);
  }
}

function isNodeId(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) <= MAX_INT;
}

function refuse(text: string): Failure {
  return new Failure(Errors.INVALID_REQUEST, text);
}
