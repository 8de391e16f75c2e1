/** Alert rules of Strimzi's about brokers, topics and groups: what they compare, without those about containers. */
export const RULES: readonly { readonly alert: string; readonly expr: string; readonly for: string }[] = [
  {
    alert: 'UnderReplicatedPartitions',
    expr: 'kafka_server_replicamanager_underreplicatedpartitions > 0',
    for: '1s',
  },
  {
    alert: 'AbnormalControllerState',
    expr: 'sum(kafka_controller_kafkacontroller_activecontrollercount) by (strimzi_io_name, namespace) != 1',
    for: '10s',
  },
  {
    alert: 'OfflinePartitions',
    expr: 'sum(kafka_controller_kafkacontroller_offlinepartitionscount) by (namespace, pod) > 0',
    for: '1s',
  },
  {
    alert: 'UnderMinIsrPartitionCount',
    expr: 'kafka_server_replicamanager_underminisrpartitioncount > 0',
    for: '1s',
  },
  {
    alert: 'OfflineLogDirectoryCount',
    expr: 'kafka_log_logmanager_offlinelogdirectorycount > 0',
    for: '1s',
  },
  {
    alert: 'UnderReplicatedPartition',
    expr: 'kafka_topic_partition_under_replicated_partition > 0',
    for: '1s',
  },
  { alert: 'TooLargeConsumerGroupLag', expr: 'kafka_consumergroup_lag > 1000', for: '10s' },
  {
    alert: 'NoMessageForTooLong',
    expr: 'changes(kafka_topic_partition_current_offset[10m]) == 0',
    for: '10s',
  },
];
