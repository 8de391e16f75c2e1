import { readBootstrap } from '../controller/bootstrap.ts';
import { Controller } from '../controller/controller.ts';
import type { ListenerEndpoint } from '../controller/image/broker_registration.ts';
import type { MetadataPublisher } from '../controller/metadata_publisher.ts';
import type { ControllerChannel } from '../handlers/controller_channel.ts';
import { type Failure, failed } from '../model/failure.ts';
import type { Uuid } from '../model/ids.ts';
import type { Clock, Disk, Logger, Random } from '../model/ports.ts';
import type { PeerSender } from '../peers/peer_sender.ts';
import { readBootstrapCheckpoint } from '../raft/bootstrap_checkpoint.ts';
import type { KraftNode } from '../raft/kraft_node.ts';
import type { DynamicSettings } from '../settings/dynamic_settings.ts';
import { BrokerWatch } from './broker_watch.ts';
import { ControllerRegistrar } from './controller_registrar.ts';

export interface ControllerHostOptions {
  readonly ports: {
    readonly clock: Clock;
    readonly random: Random;
    readonly logger: Logger;
    readonly disk: Disk;
  };
  readonly clusterId: string;
  /** Of this run of the process. */
  readonly incarnationId: Uuid;
  readonly node: DynamicSettings;
  readonly quorum: KraftNode;
  readonly metadata: MetadataPublisher;
  /** Where `bootstrap.checkpoint` is, if the directory was formatted. */
  readonly metadataDirectory: string;
  /** Where others reach this node's controller. */
  readonly listeners: readonly ListenerEndpoint[];
  readonly channel: ControllerChannel;
  readonly peers: PeerSender;
}

/** The controller of a node, with what it takes beside it: its own registration, and the watch over brokers. */
export class ControllerHost {
  readonly controller: Controller;
  readonly watch: BrokerWatch;
  readonly #registrar: ControllerRegistrar;

  /** @returns CORRUPT_MESSAGE or KAFKA_STORAGE_ERROR when `bootstrap.checkpoint` can't be read */
  static async open(options: ControllerHostOptions): Promise<ControllerHost | Failure> {
    const formatted = await readBootstrapCheckpoint(options.ports.disk, options.metadataDirectory);
    if (failed(formatted)) return formatted;
    const records = formatted === undefined ? undefined : readBootstrap(formatted);
    if (failed(records)) return records;
    return new ControllerHost(options, records);
  }

  private constructor(
    options: ControllerHostOptions,
    formatted: Exclude<ReturnType<typeof readBootstrap>, Failure> | undefined,
  ) {
    const { ports, quorum, metadata, node, incarnationId } = options;
    const { clock, random, logger } = ports;
    const { nodeId } = quorum;
    this.controller = new Controller({
      clusterId: options.clusterId,
      quorum,
      publisher: metadata,
      clock,
      random,
      logger,
      node,
      voterIds: () => quorum.status.voters.voters.map(voter => voter.key.id),
      ownIncarnationId: incarnationId,
      kraftVersion: () => quorum.status.kraftVersion,
      upgradeKraftVersion: (epoch, level, validateOnly) =>
        quorum.upgradeKraftVersion(epoch, level, validateOnly),
      formatted,
    });
    this.#registrar = new ControllerRegistrar({
      nodeId,
      incarnationId,
      listeners: options.listeners,
      controller: options.channel,
      clock,
      logger,
    });
    this.watch = new BrokerWatch({
      nodeId,
      controller: this.controller,
      metadata,
      peers: options.peers,
      clock,
      logger,
    });
    for (const subscriber of [this.controller, this.#registrar, this.watch]) metadata.subscribe(subscriber);
  }

  stop(): void {
    this.#registrar.stop();
    this.watch.stop();
    this.controller.stop();
  }
}
