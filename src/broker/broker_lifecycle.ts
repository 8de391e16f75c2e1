import { FEATURES } from '../controller/features.ts';
import type { ListenerEndpoint } from '../controller/image/broker_registration.ts';
import type { ControllerChannel } from '../handlers/controller_channel.ts';
import type { PartitionLog } from '../log/partition_log.ts';
import { BrokerRegistration } from '../messages/62_broker_registration.ts';
import { BrokerHeartbeat } from '../messages/63_broker_heartbeat.ts';
import { Errors, errorText } from '../model/error_codes.ts';
import { failed } from '../model/failure.ts';
import {
  asBrokerEpoch,
  type BrokerEpoch,
  type NodeId,
  type Offset,
  type PartitionIndex,
  type Uuid,
} from '../model/ids.ts';
import type { Clock, Logger, Timer } from '../model/ports.ts';

export interface BrokerLifecycleOptions {
  readonly nodeId: NodeId;
  readonly clusterId: string;
  /** Of this run of the process. */
  readonly incarnationId: Uuid;
  readonly listeners: readonly ListenerEndpoint[];
  readonly rack: string | null;
  /** The log directories that are online. */
  readonly directories: readonly Uuid[];
  /** Of the previous run, if that was shut down in order and its logs are whole; -1 otherwise (KIP-966). */
  readonly previousBrokerEpoch: () => BrokerEpoch;
  /** The logs that have all that was acknowledged of them before this run, however the previous one ended. */
  readonly wholeLogs: () => Iterable<Pick<PartitionLog, 'topicId' | 'partition'>>;
  readonly controller: ControllerChannel;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly heartbeatIntervalMs: () => number;
  /** The offset of the last metadata record that this broker has acted on. */
  readonly metadataOffset: () => Offset;
  /** The log directories that have failed since the registration. */
  readonly offlineDirectories: () => readonly Uuid[];
}

type State = 'registering' | 'fenced' | 'running' | 'draining' | 'stopped';

/** A registration or heartbeat that is not answered for so long is sent again. */
const REQUEST_TIMEOUT_MS = 4_500;
/** Before a registration that was refused is tried again. */
const REGISTER_RETRY_MS = 100;
/** Heartbeats that bring a change about follow each other so fast. */
const HURRIED_HEARTBEAT_MS = 20;

/**
 * What a broker is to the cluster: it registers, and heartbeats from then on.
 *
 *     registering → fenced     the controller took the registration: replicas are assigned, none leads yet
 *     fenced → running         the broker has caught up with the metadata, and the controller unfenced it
 *     running → fenced         the controller did not hear of it for too long
 *     fenced, running → registering    the controller does not know this registration (any more)
 *     fenced, running → draining       the broker shuts down: the controller moves its leaderships away
 *     any → stopped
 */
export class BrokerLifecycle {
  readonly #options: BrokerLifecycleOptions;
  #state: State = 'registering';
  #brokerEpoch = asBrokerEpoch(-1n);
  #timer: Timer | undefined;
  /** Whether a heartbeat is on its way: the next one follows it. */
  #isSending = false;
  /** The broker is ready to lead: its logs are open, its listeners too. */
  #isReady = false;
  readonly #whenRunning: (() => void)[] = [];
  #whenDrained: (() => void) | undefined;
  /** When the last request was sent that the controller answered; undefined while it has none to answer. */
  #heardMs: number | undefined;

  constructor(options: BrokerLifecycleOptions) {
    this.#options = options;
  }

  get state(): State {
    return this.#state;
  }

  /** Of the present registration; -1 before the first. */
  get brokerEpoch(): BrokerEpoch {
    return this.#brokerEpoch;
  }

  /** For how long the controller has not answered; 0 while this broker is not registered. */
  get silentMs(): number {
    return this.#heardMs === undefined ? 0 : this.#options.clock.monotonicMs() - this.#heardMs;
  }

  get #isStopped(): boolean {
    return this.#state === 'stopped';
  }

  /** Registers the broker; resolves when the controller has taken the registration. */
  start(): Promise<void> {
    return this.#register();
  }

  /** The broker can serve: from now on it asks to be unfenced. */
  ready(): void {
    this.#isReady = true;
    this.#hurry();
  }

  /**
   * The cluster has another controller, or says something of this broker: the controller hears from it at once, and not
   * only when its next heartbeat is due.
   */
  showUp(): void {
    this.#hurry();
  }

  /** Resolves when the broker is unfenced. */
  running(): Promise<void> {
    if (this.#state === 'running') return Promise.resolve();
    return new Promise(resolve => this.#whenRunning.push(resolve));
  }

  /** Has the controller move the leaderships away; resolves when it has, or after `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    if (this.#state !== 'running' && this.#state !== 'fenced') return;
    this.#state = 'draining';
    await new Promise<void>(resolve => {
      const timer = this.#options.clock.startTimer(timeoutMs, resolve);
      this.#whenDrained = () => {
        timer.cancel();
        resolve();
      };
      this.#hurry();
    });
  }

  stop(): void {
    this.#state = 'stopped';
    this.#timer?.cancel();
    this.#whenDrained?.();
  }

  async #register(): Promise<void> {
    this.#state = 'registering';
    this.#heardMs = undefined;
    const { controller, logger, nodeId, clusterId, incarnationId, rack } = this.#options;
    const request = {
      brokerId: nodeId,
      clusterId,
      incarnationId,
      listeners: this.#options.listeners,
      features: FEATURES.map(({ name, lowest, highest }) => ({
        name,
        minSupportedVersion: lowest,
        maxSupportedVersion: highest,
      })),
      rack,
      logDirs: this.#options.directories,
      previousBrokerEpoch: this.#options.previousBrokerEpoch(),
      wholeLogs: byTopic(this.#options.wholeLogs()),
    };
    for (;;) {
      const response = await controller.send(BrokerRegistration, request, REQUEST_TIMEOUT_MS);
      if (this.#isStopped) return;
      if (!failed(response) && response.errorCode === Errors.NONE) {
        this.#brokerEpoch = asBrokerEpoch(response.brokerEpoch);
        this.#state = 'fenced';
        logger.info('Broker registered', { brokerEpoch: this.#brokerEpoch });
        this.#hurry();
        return;
      }
      const error = failed(response) ? response.message : errorText(response.errorCode as never);
      logger.warn('The controller did not take the registration of this broker: trying again', { error });
      await this.#pause(REGISTER_RETRY_MS);
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise(resolve => {
      this.#timer = this.#options.clock.startTimer(delayMs, resolve);
    });
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel();
    if (this.#state === 'stopped' || this.#state === 'registering') return;
    this.#timer = this.#options.clock.startTimer(delayMs, () => void this.#heartbeat());
  }

  /** There is news for the controller: it is told at once. */
  #hurry(): void {
    if (!this.#isSending && this.#state !== 'registering' && this.#state !== 'stopped')
      void this.#heartbeat();
  }

  async #heartbeat(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    this.#timer?.cancel();
    const { controller, nodeId, metadataOffset, offlineDirectories, clock } = this.#options;
    const sentMs = clock.monotonicMs();
    this.#heardMs ??= sentMs;
    const response = await controller.send(
      BrokerHeartbeat,
      {
        brokerId: nodeId,
        brokerEpoch: this.#brokerEpoch,
        currentMetadataOffset: metadataOffset(),
        wantFence: !this.#isReady,
        wantShutDown: this.#state === 'draining',
        offlineLogDirs: offlineDirectories(),
      },
      REQUEST_TIMEOUT_MS,
    );
    this.#isSending = false;
    if (this.#isStopped) return;
    if (failed(response)) this.#schedule(HURRIED_HEARTBEAT_MS);
    else {
      if (this.#heardMs !== undefined) this.#heardMs = sentMs;
      this.#answered(response);
    }
  }

  #answered(response: { errorCode: number; isFenced: boolean; shouldShutDown: boolean }): void {
    const { logger, heartbeatIntervalMs } = this.#options;
    if (
      response.errorCode === Errors.STALE_BROKER_EPOCH ||
      response.errorCode === Errors.BROKER_ID_NOT_REGISTERED
    ) {
      logger.warn('The controller does not know the registration of this broker: registering again');
      void this.#register();
      return;
    }
    if (response.errorCode !== Errors.NONE) {
      this.#schedule(heartbeatIntervalMs());
      return;
    }
    if (this.#state === 'draining') {
      if (response.shouldShutDown) this.#whenDrained?.();
      this.#schedule(HURRIED_HEARTBEAT_MS);
      return;
    }
    const next = response.isFenced ? 'fenced' : 'running';
    if (next !== this.#state) logger.info(next === 'running' ? 'Broker unfenced' : 'Broker fenced');
    this.#state = next;
    if (next === 'running') for (const resolve of this.#whenRunning.splice(0)) resolve();
    const wantsChange = next === 'fenced' && this.#isReady;
    this.#schedule(wantsChange ? HURRIED_HEARTBEAT_MS : heartbeatIntervalMs());
  }
}

function byTopic(logs: Iterable<Pick<PartitionLog, 'topicId' | 'partition'>>) {
  const partitions = new Map<Uuid, PartitionIndex[]>();
  for (const { topicId, partition } of logs) {
    // A log of before topics had ids may be another topic's of that name.
    if (topicId === undefined) continue;
    const known = partitions.get(topicId);
    if (known === undefined) partitions.set(topicId, [partition]);
    else known.push(partition);
  }
  return [...partitions].map(([topicId, indexes]) => ({ topicId, partitions: indexes }));
}
