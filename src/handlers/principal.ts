import { DefaultPrincipalData } from '../messages/principal/default_principal_data.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { decodeVersioned, encodeVersioned } from '../protocol/stored.ts';

/*
 * Principals as nodes tell each other of them: the form of Kafka's own builder of principals. As text a principal is
 * `type:name`, such as `User:alice`.
 */

const VERSION = 0;

export function encodePrincipal(principal: string): Buffer {
  const colon = principal.indexOf(':');
  const [type, name] = [principal.slice(0, colon), principal.slice(colon + 1)];
  return encodeVersioned(DefaultPrincipalData, VERSION, { type, name, tokenAuthenticated: false });
}

/** @returns PRINCIPAL_DESERIALIZATION_FAILURE for bytes that are no principal */
export function decodePrincipal(bytes: Buffer | null): string | Failure {
  const decoded =
    bytes === null
      ? new Failure(Errors.PRINCIPAL_DESERIALIZATION_FAILURE, 'There is no principal')
      : decodeVersioned(DefaultPrincipalData, bytes);
  if (!failed(decoded)) return `${decoded.value.type}:${decoded.value.name}`;
  return new Failure(
    Errors.PRINCIPAL_DESERIALIZATION_FAILURE,
    `Cannot read who sent a request that was passed on: ${decoded.message}`,
  );
}
