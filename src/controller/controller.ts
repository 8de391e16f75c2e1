import type { CreateTopicsRequest, CreateTopicsResponse } from '../messages/19_create_topics.ts';
import type { DeleteTopicsRequest, DeleteTopicsResponse } from '../messages/20_delete_topics.ts';
import type { AlterConfigsRequest, AlterConfigsResponse } from '../messages/33_alter_configs.ts';
import type { CreatePartitionsRequest, CreatePartitionsResponse } from '../messages/37_create_partitions.ts';
import type { ElectLeadersRequest, ElectLeadersResponse } from '../messages/43_elect_leaders.ts';
import type {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../messages/44_incremental_alter_configs.ts';
import type {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../messages/45_alter_partition_reassignments.ts';
import type {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../messages/46_list_partition_reassignments.ts';
import type {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from '../messages/49_alter_client_quotas.ts';
import type { AlterPartitionRequest, AlterPartitionResponse } from '../messages/56_alter_partition.ts';
import type { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../messages/57_update_features.ts';
import type {
  BrokerRegistrationRequest,
  BrokerRegistrationResponse,
} from '../messages/62_broker_registration.ts';
import type { BrokerHeartbeatRequest, BrokerHeartbeatResponse } from '../messages/63_broker_heartbeat.ts';
import type { UnregisterBrokerRequest, UnregisterBrokerResponse } from '../messages/64_unregister_broker.ts';
import type {
  AllocateProducerIdsRequest,
  AllocateProducerIdsResponse,
} from '../messages/67_allocate_producer_ids.ts';
import type {
  ControllerRegistrationRequest,
  ControllerRegistrationResponse,
} from '../messages/70_controller_registration.ts';
import type {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponse,
} from '../messages/73_assign_replicas_to_dirs.ts';
import type {
  UnregisterControllerRequest,
  UnregisterControllerResponse,
} from '../messages/94_unregister_controller.ts';
import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import type { BrokerEpoch, NodeId } from '../model/ids.ts';
import type { Message, MessageInput } from '../protocol/schema.ts';
import type { LeaderAndEpoch } from '../raft/metadata_quorum.ts';
import { ActiveController, type ActiveControllerOptions } from './active_controller.ts';
import { heartbeat } from './broker_heartbeats.ts';
import { registerBroker, unregisterBroker } from './broker_registrations.ts';

import { alterClientQuotas } from './client_quota_alterations.ts';
import { alterConfigs, incrementalAlterConfigs } from './config_alterations.ts';
import type { ControllerContext } from './controller_context.ts';
import { registerController, unregisterController } from './controller_registrations.ts';
import { ControllerTasks } from './controller_tasks.ts';
import type { Decision } from './decision.ts';
import { updateFeatures } from './feature_updates.ts';
import type { MetadataDelta } from './image/metadata_delta.ts';
import type { MetadataImage } from './image/metadata_image.ts';
import { alterPartition } from './isr_changes.ts';
import { electLeaders } from './leader_elections.ts';
import type { MetadataPublisher, MetadataSubscriber } from './metadata_publisher.ts';
import { type ChargeMutations, FREE_OF_CHARGE } from './mutation_charge.ts';
import { createPartitions } from './partition_creation.ts';
import { allocateProducerIds } from './producer_ids.ts';
import { alterReassignments, listReassignments } from './reassignments.ts';
import { assignReplicasToDirs } from './replica_directories.ts';
import { createTopics } from './topic_creation.ts';
import { type DeleteTopicsOptions, deleteTopics } from './topic_deletion.ts';
import { UNCLEAN_ELECTION_CONFIG } from './topic_policies.ts';

export interface ControllerOptions extends ActiveControllerOptions {
  readonly publisher: MetadataPublisher;
}

/**
 * What a request comes to: its response, once everything in it is committed. A failure is that of the whole request:
 * NOT_CONTROLLER (this node does not lead, or ceased to before the commit), REQUEST_TIMED_OUT, POLICY_VIOLATION, and
 * what the request's own function names; failures of single items are in the response.
 */
type Answer<Response extends Message> = Promise<MessageInput<Response> | Failure>;

/**
 * The controller of a node that may lead the quorum. While it does, it decides: one request after the other, on the
 * image of all that it has proposed. A host subscribes it to the publisher behind everyone who has to know of a
 * change before its client does.
 *
 * Transitions: standby → active when the quorum says that this node leads; active → standby when it says otherwise.
 */
export class Controller implements MetadataSubscriber {
  readonly #options: ControllerOptions;
  #active: ActiveController | undefined;
  #tasks: ControllerTasks | undefined;
  /** Who led the quorum before, as far as this node knows. */
  #predecessor: NodeId | undefined;
  /** {@link stop} was called: it never leads again. */
  #stopped = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
  }

  get isActive(): boolean {
    return this.#active !== undefined;
  }

  metadataChanged(delta: MetadataDelta, image: MetadataImage): void {
    this.#active?.committed(image.lastOffset);
    for (const { before, after } of delta.configs) {
      if (before.get(UNCLEAN_ELECTION_CONFIG) === after.get(UNCLEAN_ELECTION_CONFIG)) continue;
      this.#tasks?.electUncleanSoon();
    }
  }

  leaderChanged(leader: LeaderAndEpoch): void {
    const { quorum, publisher, clock, logger } = this.#options;
    const isSame = leader.leaderId === quorum.nodeId && leader.epoch === this.#active?.epoch;
    if (isSame) return;
    this.#end();
    if (leader.leaderId !== undefined && leader.leaderId !== quorum.nodeId)
      this.#predecessor = leader.leaderId;
    if (leader.leaderId !== quorum.nodeId || this.#stopped) return;
    const { image: committed, hasOpenTransaction } = publisher;
    logger.info('this node is the active controller', { epoch: leader.epoch, offset: committed.lastOffset });
    const start = { epoch: leader.epoch, committed, hasOpenTransaction, predecessor: this.#predecessor };
    const active = new ActiveController(this.#options, start);
    // It could not even begin, and gave the leadership up.
    if (active.hasEnded) return;
    this.#active = active;
    this.#tasks = new ControllerTasks(active, clock, logger);
  }

  /** Ends for good: requests fail from now on. */
  stop(): void {
    this.#stopped = true;
    this.#end();
  }

  /**
   * The broker's process is certainly gone: nothing listens where it listened, and its connections dropped. It is
   * fenced now, unless another process has registered since.
   */
  brokerGone(brokerId: NodeId, brokerEpoch: BrokerEpoch): void {
    if (this.#active?.image.cluster.brokers.get(brokerId)?.epoch !== brokerEpoch) return;
    this.#tasks?.fence([brokerId], 'its process is gone');
  }

  /** The connection with a broker's heartbeats has ended. */
  brokerDisconnected(brokerId: NodeId, brokerEpoch: BrokerEpoch): void {
    this.#active?.liveness.disconnected(brokerId, brokerEpoch);
  }

  registerBroker(
    request: BrokerRegistrationRequest,
    version: number,
  ): Answer<typeof BrokerRegistrationResponse> {
    return this.#decide(context => registerBroker(context, request, version));
  }

  heartbeat(request: BrokerHeartbeatRequest): Answer<typeof BrokerHeartbeatResponse> {
    return this.#decide(context => heartbeat(context, request));
  }

  unregisterBroker(request: UnregisterBrokerRequest): Answer<typeof UnregisterBrokerResponse> {
    return this.#decide(context => unregisterBroker(context, request));
  }

  registerController(request: ControllerRegistrationRequest): Answer<typeof ControllerRegistrationResponse> {
    return this.#decide(context => registerController(context, request));
  }

  unregisterController(request: UnregisterControllerRequest): Answer<typeof UnregisterControllerResponse> {
    return this.#decide(context => unregisterController(context, request));
  }

  createTopics(
    request: CreateTopicsRequest,
    charge: ChargeMutations = FREE_OF_CHARGE,
  ): Answer<typeof CreateTopicsResponse> {
    return this.#decide(context => createTopics(context, request, charge), request.timeoutMs);
  }

  deleteTopics(
    request: DeleteTopicsRequest,
    options: DeleteTopicsOptions,
  ): Answer<typeof DeleteTopicsResponse> {
    return this.#decide(context => deleteTopics(context, request, options), request.timeoutMs);
  }

  createPartitions(
    request: CreatePartitionsRequest,
    charge: ChargeMutations = FREE_OF_CHARGE,
  ): Answer<typeof CreatePartitionsResponse> {
    return this.#decide(context => createPartitions(context, request, charge), request.timeoutMs);
  }

  alterConfigs(request: AlterConfigsRequest): Answer<typeof AlterConfigsResponse> {
    return this.#decide(context => alterConfigs(context, request));
  }

  incrementalAlterConfigs(
    request: IncrementalAlterConfigsRequest,
  ): Answer<typeof IncrementalAlterConfigsResponse> {
    return this.#decide(context => incrementalAlterConfigs(context, request));
  }

  alterClientQuotas(request: AlterClientQuotasRequest): Answer<typeof AlterClientQuotasResponse> {
    return this.#decide(context => alterClientQuotas(context, request));
  }

  alterPartition(request: AlterPartitionRequest): Answer<typeof AlterPartitionResponse> {
    return this.#decide(context => alterPartition(context, request));
  }

  electLeaders(request: ElectLeadersRequest): Answer<typeof ElectLeadersResponse> {
    return this.#decide(context => electLeaders(context, request), request.timeoutMs);
  }

  alterPartitionReassignments(
    request: AlterPartitionReassignmentsRequest,
  ): Answer<typeof AlterPartitionReassignmentsResponse> {
    return this.#decide(context => alterReassignments(context, request), request.timeoutMs);
  }

  /** Of what is committed. */
  listPartitionReassignments(
    request: ListPartitionReassignmentsRequest,
  ): MessageInput<typeof ListPartitionReassignmentsResponse> | Failure {
    return this.#active === undefined
      ? this.#notController()
      : listReassignments(this.#options.publisher, request);
  }

  updateFeatures(request: UpdateFeaturesRequest, version: number): Answer<typeof UpdateFeaturesResponse> {
    return this.#decide(context => updateFeatures(context, request, version), request.timeoutMs);
  }

  allocateProducerIds(request: AllocateProducerIdsRequest): Answer<typeof AllocateProducerIdsResponse> {
    return this.#decide(context => allocateProducerIds(context, request));
  }

  assignReplicasToDirs(request: AssignReplicasToDirsRequest): Answer<typeof AssignReplicasToDirsResponse> {
    return this.#decide(context => assignReplicasToDirs(context, request));
  }

  #decide<Response>(
    make: (context: ControllerContext) => Decision<Response> | Failure,
    timeoutMs?: number,
  ): Promise<Response | Failure> {
    return this.#active?.decide(make, timeoutMs) ?? Promise.resolve(this.#notController());
  }

  #notController(): Failure {
    const { leaderId } = this.#options.quorum.leaderAndEpoch;
    const who = leaderId === undefined ? 'nobody is at the moment' : `node ${leaderId} is`;
    return new Failure(Errors.NOT_CONTROLLER, `This node is not the active controller: ${who}`);
  }

  #end(): void {
    this.#tasks?.stop();
    this.#tasks = undefined;
    const active = this.#active;
    this.#active = undefined;
    active?.end(this.#notController());
  }
}
