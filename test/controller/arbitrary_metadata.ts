import fc from 'fast-check';
import type { MetadataImage } from '../../src/controller/image/metadata_image.ts';
import {
  encodeMetadataRecord,
  type MetadataRecord,
  type MetadataRecordValue,
  metadataRecord,
} from '../../src/controller/metadata_record.ts';

const uuid = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map(bytes => Buffer.from(bytes).toString('base64url'));
const name = fc.stringMatching(/^[a-z][a-z0-9._-]{0,8}$/);
const nodeId = fc.integer({ min: 0, max: 9 });
const nodes = fc.uniqueArray(nodeId, { maxLength: 4 });
const listeners = fc.array(
  fc.record({
    name: fc.constantFrom('PLAINTEXT', 'CONTROLLER', 'EXTERNAL'),
    host: name,
    port: fc.integer({ min: 0, max: 65535 }),
    securityProtocol: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: 2 },
);
const features = fc.uniqueArray(
  fc.record({ name, minSupportedVersion: fc.nat(3), maxSupportedVersion: fc.nat(9) }),
  { maxLength: 3, selector: feature => feature.name },
);

const broker = fc.record<MetadataRecordValue<'RegisterBrokerRecord'>>({
  brokerId: nodeId,
  isMigratingZkBroker: fc.boolean(),
  incarnationId: uuid,
  brokerEpoch: fc.bigInt({ min: 0n, max: 1n << 40n }),
  endPoints: listeners,
  features,
  rack: fc.option(name),
  fenced: fc.boolean(),
  inControlledShutdown: fc.boolean(),
  logDirs: fc.uniqueArray(uuid, { maxLength: 2 }),
  cordonedLogDirs: fc.option(fc.array(uuid, { maxLength: 1 })),
});

const controller = fc.record<MetadataRecordValue<'RegisterControllerRecord'>>({
  controllerId: nodeId,
  incarnationId: uuid,
  zkMigrationReady: fc.boolean(),
  endPoints: listeners,
  features,
});

const partition = fc
  .record({
    replicas: fc.uniqueArray(nodeId, { minLength: 1, maxLength: 4 }),
    isr: nodes,
    removingReplicas: nodes,
    addingReplicas: nodes,
    leader: fc.integer({ min: -1, max: 9 }),
    leaderRecoveryState: fc.constantFrom(0, 1),
    leaderEpoch: fc.nat(),
    partitionEpoch: fc.nat(),
    directory: uuid,
    eligibleLeaderReplicas: fc.option(nodes),
    lastKnownElr: fc.option(nodes),
  })
  .map(({ directory, ...fields }) => ({ ...fields, directories: fields.replicas.map(() => directory) }));

const topic = fc.record({ name, topicId: uuid, partitions: fc.array(partition, { maxLength: 4 }) });

const config = fc
  .record({
    resourceType: fc.constantFrom(2, 4, 16, 32),
    resourceName: fc.oneof(name, fc.constant('')),
    name,
    value: fc.string(),
  })
  .map(value => metadataRecord('ConfigRecord', 0, value));

const bytes = fc.uint8Array({ maxLength: 20 }).map(array => Buffer.from(array));
const kept = fc.oneof(
  fc
    .record({
      entity: fc.uniqueArray(
        fc.record({ entityType: fc.constantFrom('user', 'client-id', 'ip'), entityName: fc.option(name) }),
        { minLength: 1, selector: part => part.entityType },
      ),
      key: name,
      value: fc.double({ noNaN: true }),
      remove: fc.constant(false),
    })
    .map(value => metadataRecord('ClientQuotaRecord', 0, value)),
  fc
    .record({
      id: uuid,
      resourceType: fc.nat(7),
      resourceName: name,
      patternType: fc.nat(4),
      principal: name,
      host: name,
      operation: fc.nat(14),
      permissionType: fc.nat(3),
    })
    .map(value => metadataRecord('AccessControlEntryRecord', 0, value)),
  fc
    .record({
      name,
      mechanism: fc.constantFrom(1, 2),
      salt: bytes,
      storedKey: bytes,
      serverKey: bytes,
      iterations: fc.nat(),
    })
    .map(value => metadataRecord('UserScramCredentialRecord', 0, value)),
  fc
    .record({
      owner: name,
      requester: name,
      renewers: fc.array(name, { maxLength: 2 }),
      issueTimestamp: fc.bigInt({ min: 0n, max: 1n << 50n }),
      maxTimestamp: fc.bigInt({ min: 0n, max: 1n << 50n }),
      expirationTimestamp: fc.bigInt({ min: 0n, max: 1n << 50n }),
      tokenId: name,
    })
    .map(value => metadataRecord('DelegationTokenRecord', 0, value)),
);

/** Records that make some image at metadata.version 4.3-IV0, in an order in which they can be replayed. */
export const metadataRecords: fc.Arbitrary<MetadataRecord[]> = fc
  .record({
    features: fc.uniqueArray(fc.record({ name, featureLevel: fc.integer({ min: 1, max: 9 }) }), {
      maxLength: 3,
      selector: feature => feature.name,
    }),
    brokers: fc.array(broker, { maxLength: 4 }),
    controllers: fc.array(controller, { maxLength: 2 }),
    topics: fc.uniqueArray(topic, {
      maxLength: 5,
      comparator: (left, right) => left.name === right.name || left.topicId === right.topicId,
    }),
    configs: fc.array(config, { maxLength: 8 }),
    nextProducerId: fc.bigInt({ min: 1n, max: 1n << 40n }),
    kept: fc.array(kept, { maxLength: 6 }),
  })
  .map(parts => [
    metadataRecord('FeatureLevelRecord', 0, { name: 'metadata.version', featureLevel: 30 }),
    ...parts.features.map(value => metadataRecord('FeatureLevelRecord', 0, value)),
    ...parts.brokers.map(value => metadataRecord('RegisterBrokerRecord', 4, value)),
    ...parts.controllers.map(value => metadataRecord('RegisterControllerRecord', 0, value)),
    ...parts.topics.flatMap(({ partitions, ...value }) => [
      metadataRecord('TopicRecord', 0, value),
      ...partitions.map((fields, partitionId) =>
        metadataRecord('PartitionRecord', 2, { partitionId, topicId: value.topicId, ...fields }),
      ),
    ]),
    ...parts.configs,
    metadataRecord('ProducerIdsRecord', 0, {
      brokerId: 1,
      brokerEpoch: 5n,
      nextProducerId: parts.nextProducerId,
    }),
    ...parts.kept,
  ]);

/** What an image says, in a form that can be compared: its records' bytes, in the order of their bytes. */
export function contentOf(image: MetadataImage): string[] {
  return [...image.records()].map(content).sort();
}

function content(record: MetadataRecord): string {
  if (record.type === 'RegisterBrokerRecord' || record.type === 'RegisterControllerRecord') {
    record.value.features.sort((left, right) => (left.name < right.name ? -1 : 1));
  }
  return `${record.type} ${encodeMetadataRecord(record).toString('hex')}`;
}
