import type { MetadataDelta } from '../../src/controller/image/metadata_delta.ts';
import { MetadataImage } from '../../src/controller/image/metadata_image.ts';
import {
  type MetadataRecordType,
  type MetadataRecordValue,
  metadataRecord,
} from '../../src/controller/metadata_record.ts';
import { asOffset, offsetAfter } from '../../src/model/ids.ts';
import { ConfigResourceType } from '../../src/settings/config_resource.ts';

interface PartitionFacts {
  readonly replicas: readonly number[];
  /** All replicas, without it. */
  readonly isr?: readonly number[];
  /** The first in-sync replica, without it. */
  readonly leader?: number;
  readonly leaderEpoch?: number;
}

/** Makes images by the records that a controller would write. */
export class ImageBuilder {
  readonly image = new MetadataImage();
  /** Takes what changes, while it is set. */
  delta: MetadataDelta | undefined;
  readonly #topics = new Map<string, string>();

  broker(id: number, { fenced = false, epoch = 1n } = {}): this {
    return this.record('RegisterBrokerRecord', {
      brokerId: id,
      isMigratingZkBroker: false,
      incarnationId: `incarnation-${id}`.padEnd(22, 'A'),
      brokerEpoch: epoch,
      endPoints: [{ name: 'PLAINTEXT', host: `host${id}`, port: 9092, securityProtocol: 0 }],
      features: [],
      rack: null,
      fenced,
      inControlledShutdown: false,
      logDirs: [],
      cordonedLogDirs: null,
    });
  }

  fence(id: number, epoch = 1n): this {
    return this.record('FenceBrokerRecord', { id, epoch });
  }

  topicSetting(topic: string, name: string, value: string): this {
    return this.record('ConfigRecord', {
      resourceType: ConfigResourceType.TOPIC,
      resourceName: topic,
      name,
      value,
    });
  }

  /** A partition, new or in the place of what it was. */
  partition(topic: string, index: number, facts: PartitionFacts): this {
    let topicId = this.#topics.get(topic);
    if (topicId === undefined) {
      topicId = `topic-${topic}`.padEnd(22, 'A');
      this.#topics.set(topic, topicId);
      this.record('TopicRecord', { topicId, name: topic });
    }
    const { replicas, isr = replicas, leader = isr[0] ?? -1, leaderEpoch = 0 } = facts;
    return this.record('PartitionRecord', {
      partitionId: index,
      topicId,
      replicas: [...replicas],
      isr: [...isr],
      removingReplicas: [],
      addingReplicas: [],
      leader,
      leaderRecoveryState: 0,
      leaderEpoch,
      partitionEpoch: 0,
      directories: [],
      eligibleLeaderReplicas: null,
      lastKnownElr: null,
    });
  }

  record<Type extends MetadataRecordType>(type: Type, value: MetadataRecordValue<Type>): this {
    const { image } = this;
    const offset = image.lastOffset < 0n ? asOffset(0n) : offsetAfter(image.lastOffset, 1);
    image.replay(metadataRecord(type, 0, value), offset, this.delta);
    image.lastOffset = offset;
    return this;
  }
}
