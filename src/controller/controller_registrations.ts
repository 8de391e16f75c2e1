import type {
  ControllerRegistrationRequest,
  ControllerRegistrationResponse,
} from '../messages/70_controller_registration.ts';
import type {
  UnregisterControllerRequest,
  UnregisterControllerResponse,
} from '../messages/94_unregister_controller.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import { asNodeId } from '../model/ids.ts';
import type { MessageInput } from '../protocol/schema.ts';
import type { ControllerContext } from './controller_context.ts';
import { atomically, type Decision } from './decision.ts';
import { metadataRecord } from './metadata_record.ts';
import {
  hasControllerRegistrations,
  hasControllerUnregistration,
  metadataVersionName,
} from './metadata_version.ts';
import { checkListeners } from './node_listeners.ts';

const DONE = { throttleTimeMs: 0, errorCode: Errors.NONE, errorMessage: null } as const;

/** Makes known what a controller supports and where it listens. */
export function registerController(
  { metadataVersion }: ControllerContext,
  request: ControllerRegistrationRequest,
): Decision<MessageInput<typeof ControllerRegistrationResponse>> | Failure {
  const { controllerId } = request;
  if (!hasControllerRegistrations(metadataVersion)) {
    return new Failure(
      Errors.UNSUPPORTED_VERSION,
      `Controllers can't register at metadata.version ${metadataVersionName(metadataVersion)}: that needs 3.7-IV0`,
    );
  }
  const refused = checkListeners(`Controller ${controllerId}`, request.listeners);
  if (refused !== undefined) return refused;
  const record = metadataRecord('RegisterControllerRecord', 0, {
    controllerId,
    incarnationId: request.incarnationId,
    zkMigrationReady: false,
    endPoints: request.listeners,
    features: request.features,
  });
  return atomically(DONE, [record]);
}

/** Forgets a controller that will not come back, so that it can't stand in the way of new features (KIP-1312). */
export function unregisterController(
  { image, metadataVersion, nodeId }: ControllerContext,
  { controllerId }: UnregisterControllerRequest,
): Decision<MessageInput<typeof UnregisterControllerResponse>> | Failure {
  const refuse = (code: (typeof Errors)[keyof typeof Errors], why: string) =>
    new Failure(code, `Cannot unregister controller ${controllerId}: ${why}`);
  if (!hasControllerUnregistration(metadataVersion)) {
    const name = metadataVersionName(metadataVersion);
    return refuse(
      Errors.UNSUPPORTED_VERSION,
      `that needs metadata.version 4.4-IV2, and the cluster runs at ${name}`,
    );
  }
  if (!image.cluster.controllers.has(asNodeId(controllerId))) {
    return refuse(Errors.UNKNOWN_CONTROLLER_ID, 'no controller of that id is registered');
  }
  if (controllerId === nodeId) {
    return refuse(Errors.INVALID_REQUEST, 'it is the active controller: stop it, and ask again');
  }
  return atomically(DONE, [metadataRecord('UnregisterControllerRecord', 0, { controllerId })]);
}
