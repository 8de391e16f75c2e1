import { assert } from '../../model/assert.ts';
import {
  asLeaderEpoch,
  asOffset,
  asProducerId,
  type LeaderEpoch,
  type Offset,
  type ProducerId,
} from '../../model/ids.ts';
import {
  type MetadataRecord,
  type MetadataRecordType,
  type MetadataRecordValue,
  metadataRecord,
} from '../metadata_record.ts';
import { hasDelegationTokens, hasScramCredentials, type MetadataVersion } from '../metadata_version.ts';
import { ClientQuotasImage } from './client_quotas_image.ts';
import { ClusterImage } from './cluster_image.ts';
import { ConfigsImage } from './configs_image.ts';
import { FeaturesImage } from './features_image.ts';
import { KeptRecords } from './kept_records.ts';
import type { MetadataDelta } from './metadata_delta.ts';
import { TopicsImage } from './topics_image.ts';

interface Parts {
  readonly features: FeaturesImage;
  readonly cluster: ClusterImage;
  readonly topics: TopicsImage;
  readonly configs: ConfigsImage;
  readonly clientQuotas: ClientQuotasImage;
  readonly acls: KeptRecords;
  readonly scramCredentials: KeptRecords;
  readonly delegationTokens: KeptRecords;
}

/** The state of the cluster, made of the records of the metadata log in their order. */
export class MetadataImage implements Parts {
  readonly features: FeaturesImage;
  readonly cluster: ClusterImage;
  readonly topics: TopicsImage;
  readonly configs: ConfigsImage;
  readonly clientQuotas: ClientQuotasImage;
  readonly acls: KeptRecords;
  readonly scramCredentials: KeptRecords;
  readonly delegationTokens: KeptRecords;
  /** The first producer id that was never given to a broker. */
  nextProducerId: ProducerId = asProducerId(0n);
  /** The offset of the last record in the image; -1 in an empty one. */
  lastOffset: Offset = asOffset(-1n);
  /** The epoch of the quorum in which that record was written; -1 in an empty image. */
  lastEpoch: LeaderEpoch = asLeaderEpoch(-1);

  constructor(parts: Partial<Parts> = {}) {
    this.features = parts.features ?? new FeaturesImage();
    this.cluster = parts.cluster ?? new ClusterImage();
    this.topics = parts.topics ?? new TopicsImage();
    this.configs = parts.configs ?? new ConfigsImage();
    this.clientQuotas = parts.clientQuotas ?? new ClientQuotasImage();
    this.acls = parts.acls ?? new KeptRecords();
    this.scramCredentials = parts.scramCredentials ?? new KeptRecords();
    this.delegationTokens = parts.delegationTokens ?? new KeptRecords();
  }

  /** Undefined only in an image without records. */
  get metadataVersion(): MetadataVersion | undefined {
    return this.features.metadataVersion;
  }

  /** An image that changes apart from this one; what neither changes is shared. */
  clone(): MetadataImage {
    const clone = new MetadataImage({
      features: this.features.clone(),
      cluster: this.cluster.clone(),
      topics: this.topics.clone(),
      configs: this.configs.clone(),
      clientQuotas: this.clientQuotas.clone(),
      acls: this.acls.clone(),
      scramCredentials: this.scramCredentials.clone(),
      delegationTokens: this.delegationTokens.clone(),
    });
    clone.nextProducerId = this.nextProducerId;
    clone.lastOffset = this.lastOffset;
    clone.lastEpoch = this.lastEpoch;
    return clone;
  }

  /**
   * Takes in the record that follows, and tells `delta` what it changed. Those that open and close transactions mean
   * nothing here: who reads the log holds back what is between them.
   * @throws {AssertionError} when the record contradicts the image: then the log is not what it claims to be
   */
  replay(record: MetadataRecord, offset: Offset, delta?: MetadataDelta): void {
    const replay = REPLAYS[record.type] as Replay<MetadataRecordType>;
    replay(this, record.value, { offset, delta, version: record.version });
  }

  /**
   * The records that make an empty image equal to this one, each part in the order that Kafka's snapshots have. Reads
   * the image while it is iterated: for later, from a clone.
   */
  *records(): Iterable<MetadataRecord> {
    const { metadataVersion } = this;
    assert(
      metadataVersion !== undefined || this.lastOffset < 0n,
      'an image with records has a metadata.version',
    );
    if (metadataVersion === undefined) return;
    yield* this.features.records();
    yield* this.cluster.records(metadataVersion);
    yield* this.topics.records(metadataVersion);
    yield* this.configs.records();
    yield* this.clientQuotas.records();
    if (this.nextProducerId > 0n) {
      const { nextProducerId } = this;
      yield metadataRecord('ProducerIdsRecord', 0, { brokerId: -1, brokerEpoch: -1n, nextProducerId });
    }
    yield* this.acls.records();
    if (hasScramCredentials(metadataVersion)) yield* this.scramCredentials.records();
    if (hasDelegationTokens(metadataVersion)) yield* this.delegationTokens.records();
  }
}

interface ReplayContext {
  readonly offset: Offset;
  readonly delta: MetadataDelta | undefined;
  /** The record's. */
  readonly version: number;
}

type Replay<Type extends MetadataRecordType> = (
  image: MetadataImage,
  value: MetadataRecordValue<Type>,
  context: ReplayContext,
) => void;

/** Signs of life, the borders of transactions and a trace of ZooKeeper leave no state. */
const nothing = (): void => {};

/** What each type of record does to an image. */
const REPLAYS: { readonly [Type in MetadataRecordType]: Replay<Type> } = {
  FeatureLevelRecord: (image, value, { delta }) => image.features.change(value, delta),
  RegisterBrokerRecord: (image, value, { offset, delta }) =>
    image.cluster.registerBroker(value, offset, delta),
  UnregisterBrokerRecord: (image, value, { delta }) => image.cluster.unregisterBroker(value, delta),
  FenceBrokerRecord: (image, value, { delta }) => image.cluster.fenceBroker(value, true, delta),
  UnfenceBrokerRecord: (image, value, { delta }) => image.cluster.fenceBroker(value, false, delta),
  BrokerRegistrationChangeRecord: (image, value, { delta }) => image.cluster.changeBroker(value, delta),
  RegisterControllerRecord: (image, value, { delta }) => image.cluster.registerController(value, delta),
  UnregisterControllerRecord: (image, value, { delta }) => image.cluster.unregisterController(value, delta),
  TopicRecord: (image, value, { delta }) => image.topics.addTopic(value, delta),
  RemoveTopicRecord: (image, value, { delta }) => {
    image.configs.removeTopic(image.topics.removeTopic(value, delta).name, delta);
  },
  PartitionRecord: (image, value, { delta }) => image.topics.setPartition(value, delta),
  PartitionChangeRecord: (image, value, { delta }) => image.topics.changePartition(value, delta),
  ClearElrRecord: (image, value, { delta }) => image.topics.clearElr(value, delta),
  ConfigRecord: (image, value, { delta }) => image.configs.change(value, delta),
  ProducerIdsRecord: (image, value) => {
    image.nextProducerId = asProducerId(value.nextProducerId);
  },
  ClientQuotaRecord: (image, value) => image.clientQuotas.change(value),
  AccessControlEntryRecord: (image, value, { version }) => {
    image.acls.set(value.id, metadataRecord('AccessControlEntryRecord', version, value));
  },
  RemoveAccessControlEntryRecord: (image, value) => image.acls.remove(value.id),
  UserScramCredentialRecord: (image, value, { version }) => {
    const copy = {
      ...value,
      salt: Buffer.from(value.salt),
      storedKey: Buffer.from(value.storedKey),
      serverKey: Buffer.from(value.serverKey),
    };
    image.scramCredentials.set(scramKey(value), metadataRecord('UserScramCredentialRecord', version, copy));
  },
  RemoveUserScramCredentialRecord: (image, value) => image.scramCredentials.remove(scramKey(value)),
  DelegationTokenRecord: (image, value, { version }) => {
    image.delegationTokens.set(value.tokenId, metadataRecord('DelegationTokenRecord', version, value));
  },
  RemoveDelegationTokenRecord: (image, value) => image.delegationTokens.remove(value.tokenId),
  NoOpRecord: nothing,
  ZkMigrationStateRecord: nothing,
  BeginTransactionRecord: nothing,
  EndTransactionRecord: nothing,
  AbortTransactionRecord: nothing,
};

function scramKey({ mechanism, name }: { readonly mechanism: number; readonly name: string }): string {
  return `${mechanism}:${name}`;
}
