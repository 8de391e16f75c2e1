/*
 * The series that dashboards and alert rules of others ask for: names and labels, as read off their expressions. Left
 * out are the panels of a JVM, of containers and of Kubernetes' volumes, which are not about the broker.
 */

export interface DashboardSeries {
  readonly name: string;
  /** Labels that the expression selects or groups by, besides those that the scraper or `metrics.labels` gives. */
  readonly labels?: readonly string[];
  /** Needs a consumer group that has committed. */
  readonly ofGroups?: true;
}

const KAFKA_EXPORTER_OVERVIEW: readonly DashboardSeries[] = [
  { name: 'kafka_topic_partition_current_offset', labels: ['topic'] },
  { name: 'kafka_topic_partitions', labels: ['topic'] },
  { name: 'kafka_consumergroup_lag', labels: ['consumergroup', 'topic'], ofGroups: true },
  { name: 'kafka_consumergroup_current_offset', labels: ['consumergroup', 'topic'], ofGroups: true },
];

const REQUEST_TIMES = [
  'requestqueuetimems',
  'localtimems',
  'remotetimems',
  'responsequeuetimems',
  'responsesendtimems',
];

export const DASHBOARDS: Readonly<Record<string, readonly DashboardSeries[]>> = {
  'Strimzi: strimzi-kafka.json': [
    { name: 'kafka_server_replicamanager_leadercount' },
    { name: 'kafka_controller_kafkacontroller_activecontrollercount' },
    { name: 'kafka_controller_controllerstats_uncleanleaderelections_total' },
    { name: 'kafka_server_replicamanager_partitioncount' },
    { name: 'kafka_server_replicamanager_underreplicatedpartitions' },
    { name: 'kafka_cluster_partition_atminisr' },
    { name: 'kafka_cluster_partition_underminisr' },
    { name: 'kafka_cluster_partition_replicascount', labels: ['topic'] },
    { name: 'kafka_controller_kafkacontroller_offlinepartitionscount' },
    { name: 'process_open_fds' },
    { name: 'kafka_server_brokertopicmetrics_bytesin_total', labels: ['topic'] },
    { name: 'kafka_server_brokertopicmetrics_bytesout_total', labels: ['topic'] },
    { name: 'kafka_server_brokertopicmetrics_messagesin_total', labels: ['topic'] },
    { name: 'kafka_server_brokertopicmetrics_totalproducerequests_total', labels: ['topic'] },
    { name: 'kafka_server_brokertopicmetrics_failedproducerequests_total', labels: ['topic'] },
    { name: 'kafka_server_brokertopicmetrics_totalfetchrequests_total', labels: ['topic'] },
    { name: 'kafka_server_brokertopicmetrics_failedfetchrequests_total', labels: ['topic'] },
    { name: 'kafka_network_socketserver_networkprocessoravgidle_percent' },
    { name: 'kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent' },
    { name: 'kafka_server_kafkaserver_linux_disk_write_bytes' },
    { name: 'kafka_server_kafkaserver_linux_disk_read_bytes' },
    { name: 'kafka_server_socket_server_metrics_connection_count', labels: ['listener'] },
    { name: 'kafka_log_log_size', labels: ['topic', 'partition'] },
  ],
  'Strimzi: strimzi-kraft.json': [
    { name: 'process_open_fds' },
    { name: 'kafka_server_raftmetrics_append_records_rate' },
    { name: 'kafka_server_raftmetrics_fetch_records_rate' },
    { name: 'kafka_server_raftmetrics_commit_latency_avg' },
    { name: 'kafka_server_raftmetrics_current_state', labels: ['current_state'] },
    { name: 'kafka_server_raftmetrics_current_leader' },
    { name: 'kafka_server_raftmetrics_current_vote' },
    { name: 'kafka_server_raftmetrics_current_epoch' },
    { name: 'kafka_server_raftmetrics_high_watermark' },
    { name: 'kafka_server_raftmetrics_log_end_offset' },
    { name: 'kafka_server_raftchannelmetrics_incoming_byte_total' },
    { name: 'kafka_server_raftchannelmetrics_outgoing_byte_total' },
    { name: 'kafka_server_raftchannelmetrics_request_total' },
    { name: 'kafka_server_raftchannelmetrics_response_total' },
  ],
  'Strimzi: strimzi-kafka-exporter.json': [
    ...KAFKA_EXPORTER_OVERVIEW,
    { name: 'kafka_broker_info', labels: ['id', 'address'] },
    { name: 'kafka_topic_partition_replicas', labels: ['topic'] },
    { name: 'kafka_topic_partition_in_sync_replica', labels: ['topic'] },
    { name: 'kafka_topic_partition_under_replicated_partition', labels: ['topic'] },
    { name: 'kafka_cluster_partition_atminisr', labels: ['topic'] },
    { name: 'kafka_cluster_partition_underminisr', labels: ['topic'] },
    { name: 'kafka_topic_partition_leader_is_preferred', labels: ['topic'] },
    { name: 'kafka_topic_partition_current_offset', labels: ['partition', 'topic'] },
    { name: 'kafka_topic_partition_oldest_offset', labels: ['partition', 'topic'] },
    {
      name: 'kafka_consumergroup_current_offset',
      labels: ['consumergroup', 'partition', 'topic'],
      ofGroups: true,
    },
    { name: 'kafka_consumergroup_lag', labels: ['consumergroup', 'partition', 'topic'], ofGroups: true },
  ],
  'Strimzi: alert rules': [
    { name: 'kafka_server_replicamanager_underreplicatedpartitions' },
    { name: 'kafka_controller_kafkacontroller_activecontrollercount' },
    { name: 'kafka_controller_kafkacontroller_offlinepartitionscount' },
    { name: 'kafka_server_replicamanager_underminisrpartitioncount' },
    { name: 'kafka_log_logmanager_offlinelogdirectorycount' },
    { name: 'kafka_topic_partition_under_replicated_partition', labels: ['topic', 'partition'] },
    { name: 'kafka_consumergroup_lag', labels: ['consumergroup', 'topic', 'partition'], ofGroups: true },
    { name: 'kafka_topic_partition_current_offset', labels: ['topic', 'partition'] },
  ],
  'Grafana 7589: Kafka Exporter Overview': KAFKA_EXPORTER_OVERVIEW,
  'Grafana Labs: kafka-observ-lib': [
    { name: 'kafka_server_brokertopicmetrics_messagesin_total', labels: ['topic'] },
    { name: 'kafka_controller_kafkacontroller_activecontrollercount' },
    { name: 'kafka_server_kafkaserver_brokerstate' },
    { name: 'kafka_server_brokertopicmetrics_bytesin_total', labels: ['topic'] },
    { name: 'kafka_server_brokertopicmetrics_bytesout_total', labels: ['topic'] },
    { name: 'kafka_server_replicamanager_isrshrinks_total' },
    { name: 'kafka_server_replicamanager_isrexpands_total' },
    { name: 'kafka_server_replicamanager_partitioncount' },
    { name: 'kafka_controller_kafkacontroller_offlinepartitionscount' },
    { name: 'kafka_cluster_partition_underreplicated' },
    { name: 'kafka_cluster_partition_underminisr' },
    { name: 'kafka_controller_controllerstats_uncleanleaderelections_total' },
    { name: 'kafka_controller_kafkacontroller_preferredreplicaimbalancecount' },
    { name: 'kafka_topic_partition_current_offset', labels: ['topic', 'partition'] },
    { name: 'kafka_log_log_logstartoffset', labels: ['topic', 'partition'] },
    { name: 'kafka_log_log_logendoffset', labels: ['topic', 'partition'] },
    { name: 'kafka_log_log_size', labels: ['topic', 'partition'] },
    { name: 'kafka_server_brokertopicmetrics_producemessageconversions_total', labels: ['topic'] },
    { name: 'kafka_server_brokertopicmetrics_fetchmessageconversions_total', labels: ['topic'] },
    ...REQUEST_TIMES.flatMap(stage => [
      { name: `kafka_network_requestmetrics_${stage}`, labels: ['request', 'quantile'] },
      { name: `kafka_network_requestmetrics_${stage}_count`, labels: ['request'] },
    ]),
    { name: 'kafka_consumergroup_lag', labels: ['consumergroup', 'topic', 'partition'], ofGroups: true },
    {
      name: 'kafka_consumergroup_current_offset',
      labels: ['consumergroup', 'topic', 'partition'],
      ofGroups: true,
    },
  ],
};
