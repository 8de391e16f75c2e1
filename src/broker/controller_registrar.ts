import { FEATURES } from '../controller/features.ts';
import type { ListenerEndpoint } from '../controller/image/broker_registration.ts';
import type { MetadataDelta } from '../controller/image/metadata_delta.ts';
import type { MetadataImage } from '../controller/image/metadata_image.ts';
import type { MetadataSubscriber } from '../controller/metadata_publisher.ts';
import { hasControllerRegistrations } from '../controller/metadata_version.ts';
import type { ControllerChannel } from '../handlers/controller_channel.ts';
import { ControllerRegistration } from '../messages/70_controller_registration.ts';
import { Errors, errorText } from '../model/error_codes.ts';
import { failed } from '../model/failure.ts';
import type { NodeId, Uuid } from '../model/ids.ts';
import type { Clock, Logger, Timer } from '../model/ports.ts';

export interface ControllerRegistrarOptions {
  readonly nodeId: NodeId;
  /** Of this run of the process. */
  readonly incarnationId: Uuid;
  readonly listeners: readonly ListenerEndpoint[];
  readonly controller: ControllerChannel;
  readonly clock: Clock;
  readonly logger: Logger;
}

const REQUEST_TIMEOUT_MS = 4_500;
const RETRY_MS = 500;

/**
 * Makes this controller known to the cluster (KIP-919): where it listens, and what it supports. It registers whenever
 * the metadata has no registration of this process.
 */
export class ControllerRegistrar implements MetadataSubscriber {
  readonly #options: ControllerRegistrarOptions;
  #isRegistering = false;
  #isStopped = false;
  #retry: Timer | undefined;
  #image: MetadataImage | undefined;

  constructor(options: ControllerRegistrarOptions) {
    this.#options = options;
  }

  metadataChanged(_delta: MetadataDelta, image: MetadataImage): void {
    this.#image = image;
    if (this.#isNeeded && !this.#isRegistering) void this.#register();
  }

  get #isNeeded(): boolean {
    const { nodeId, incarnationId } = this.#options;
    const { metadataVersion, cluster } = this.#image ?? {};
    if (this.#isStopped || metadataVersion === undefined || !hasControllerRegistrations(metadataVersion))
      return false;
    return cluster?.controllers.get(nodeId)?.incarnationId !== incarnationId;
  }

  async #register(): Promise<void> {
    const { nodeId, incarnationId, listeners, controller, logger } = this.#options;
    this.#isRegistering = true;
    const request = {
      controllerId: nodeId,
      incarnationId,
      zkMigrationReady: false,
      listeners,
      features: FEATURES.map(({ name, lowest, highest }) => ({
        name,
        minSupportedVersion: lowest,
        maxSupportedVersion: highest,
      })),
    };
    const response = await controller.send(ControllerRegistration, request, REQUEST_TIMEOUT_MS);
    if (this.#isStopped) return;
    if (failed(response) || response.errorCode !== Errors.NONE) {
      const error = failed(response)
        ? response.message
        : (response.errorMessage ?? errorText(response.errorCode as never));
      logger.warn('This controller could not register: trying again', { error });
    }
    // The record is on its way; if it is lost with a controller that dies, the next look finds it missing.
    this.#retry = this.#options.clock.startTimer(RETRY_MS, () => {
      this.#isRegistering = false;
      if (this.#isNeeded) void this.#register();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#retry?.cancel();
  }
}
