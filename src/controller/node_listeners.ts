import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import type { ListenerEndpoint } from './image/broker_registration.ts';

const HIGHEST_SECURITY_PROTOCOL = 3;

/** Whether a node that registers can be reached as it says. @returns INVALID_REGISTRATION if not */
export function checkListeners(node: string, listeners: readonly ListenerEndpoint[]): Failure | undefined {
  const refuse = (why: string) =>
    new Failure(Errors.INVALID_REGISTRATION, `${node} cannot be registered: ${why}`);
  if (listeners.length === 0) return refuse('it names no listener');
  if (new Set(listeners.map(listener => listener.name)).size < listeners.length) {
    return refuse('it names a listener twice');
  }
  for (const { name, host, port, securityProtocol } of listeners) {
    if (host.trim() === '') return refuse(`its listener ${name} has no host`);
    if (port === 0) return refuse(`its listener ${name} has no port`);
    if (securityProtocol < 0 || securityProtocol > HIGHEST_SECURITY_PROTOCOL) {
      return refuse(`its listener ${name} has the unknown security protocol ${securityProtocol}`);
    }
  }
  return undefined;
}
