import type {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponse,
} from '../messages/73_assign_replicas_to_dirs.ts';
import { type ErrorCode, Errors } from '../model/error_codes.ts';
import { Failure, failed } from '../model/failure.ts';
import { asPartitionIndex, type Uuid } from '../model/ids.ts';
import { LOST_DIRECTORY } from '../model/uuid.ts';
import type { MessageInput } from '../protocol/schema.ts';
import { type ControllerContext, registeredBroker } from './controller_context.ts';
import { type Decision, severally } from './decision.ts';
import { ELIGIBLE_LEADER_REPLICAS_FEATURE } from './features.ts';
import { type BrokerRegistration, hasOnlineDirectory } from './image/broker_registration.ts';
import type { PartitionRegistration } from './image/partition_registration.ts';
import type { MetadataRecord } from './metadata_record.ts';
import { hasDirectories, metadataVersionName } from './metadata_version.ts';
import { PartitionChanger } from './partition_changer.ts';

/** A broker reports in which of its log directories its replicas are (KIP-858). */
export function assignReplicasToDirs(
  context: ControllerContext,
  request: AssignReplicasToDirsRequest,
): Decision<MessageInput<typeof AssignReplicasToDirsResponse>> | Failure {
  if (!hasDirectories(context.metadataVersion)) {
    const name = metadataVersionName(context.metadataVersion);
    return new Failure(
      Errors.UNSUPPORTED_VERSION,
      `Replicas can't be assigned to directories at metadata.version ${name}: that needs 3.7-IV2`,
    );
  }
  const broker = registeredBroker(context, request.brokerId, request.brokerEpoch);
  if (failed(broker)) return broker;
  const assignment = new Assignment(context, broker);
  const directories = request.directories.map(({ id, topics }) => ({
    id,
    topics: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: assignment.assign(id as Uuid, topicId as Uuid, partitionIndex),
      })),
    })),
  }));
  return severally({ throttleTimeMs: 0, errorCode: Errors.NONE, directories }, assignment.records);
}

class Assignment {
  readonly records: MetadataRecord[] = [];
  readonly #context: ControllerContext;
  readonly #broker: BrokerRegistration;
  readonly #changer: PartitionChanger;
  /** For replicas in directories that failed. */
  readonly #removingChanger: PartitionChanger;
  /** For replicas that were made anew, because their directories are gone. */
  readonly #emptyingChanger: PartitionChanger;

  constructor(context: ControllerContext, broker: BrokerRegistration) {
    this.#context = context;
    this.#broker = broker;
    this.#changer = new PartitionChanger(context);
    const brokers = new Set([broker.id]);
    this.#removingChanger = new PartitionChanger(context, { removed: brokers });
    this.#emptyingChanger = new PartitionChanger(context, { unclean: brokers, empty: brokers });
  }

  assign(directory: Uuid, topicId: Uuid, partitionIndex: number): ErrorCode {
    const topic = this.#context.image.topics.byId(topicId);
    if (topic === undefined) return Errors.UNKNOWN_TOPIC_ID;
    const index = asPartitionIndex(partitionIndex);
    const partition = topic.partitions[index];
    if (partition === undefined) return Errors.UNKNOWN_TOPIC_OR_PARTITION;
    const { id } = this.#broker;
    if (!partition.replicas.includes(id)) return Errors.NOT_LEADER_OR_FOLLOWER;
    const place = { topic, index, partition };
    const target = { directory: { replica: id, directory } };
    const isr = partition.isr.filter(replica => replica !== id);
    let record: MetadataRecord | undefined;
    if (!hasOnlineDirectory(this.#broker, directory)) {
      record = this.#removingChanger.change(place, { ...target, isr });
    } else if (this.#isMadeAnew(partition, directory)) {
      record = this.#emptyingChanger.change(place, target);
    } else {
      record = this.#changer.change(place, target);
    }
    if (record !== undefined) this.records.push(record);
    return Errors.NONE;
  }

  /** Whether the replica was in a directory that the broker does not have any more, from where nothing can be moved. */
  #isMadeAnew(partition: PartitionRegistration, directory: Uuid): boolean {
    const before = partition.directoryOf(this.#broker.id);
    if (before === undefined || before === directory || before === LOST_DIRECTORY) return false;
    // It has caught up since: its broker's registration had taken it out of sync.
    if (partition.isr.includes(this.#broker.id)) return false;
    const elrEnabled = this.#context.image.features.levelOf(ELIGIBLE_LEADER_REPLICAS_FEATURE) > 0;
    return elrEnabled && !hasOnlineDirectory(this.#broker, before);
  }
}
