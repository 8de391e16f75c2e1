import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

final class AdminCases {
    static final Map<String, Scenario.Case> ALL = Map.of(
        "create-topic", AdminCases::createTopic,
        "configs", AdminCases::configs,
        "add-partitions", AdminCases::addPartitions,
        "delete-records", AdminCases::deleteRecords,
        "delete-topic", AdminCases::deleteTopic);

    private static void createTopic(Scenario scenario) throws Exception {
        var topic = scenario.name("topic");
        var wanted = new NewTopic(topic, 5, (short) 1)
            .configs(Map.of("cleanup.policy", "compact", "segment.bytes", "2097152"));
        try (var admin = Clients.admin(scenario)) {
            admin.createTopics(List.of(wanted), new CreateTopicsOptions().validateOnly(true)).all().get();
            Scenario.check("validating creates nothing", !admin.listTopics().names().get().contains(topic));

            var created = admin.createTopics(List.of(wanted));
            Scenario.equal("partitions", created.numPartitions(topic).get(), 5);
            Scenario.equal("the answer's config", created.config(topic).get().get("segment.bytes").value(), "2097152");
            var id = created.topicId(topic).get();
            Scenario.check("the topic has an id", !id.equals(Uuid.ZERO_UUID));
            Scenario.until("the topic is listed", () -> admin.listTopics().names().get().contains(topic));

            int node = admin.describeCluster().controller().get().id();
            var description = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
            Scenario.equal("the id", description.topicId(), id);
            Scenario.check("not internal", !description.isInternal());
            for (int index = 0; index < 5; index++) {
                var partition = description.partitions().get(index);
                Scenario.equal("the partition", partition.partition(), index);
                Scenario.equal("its leader", partition.leader().id(), node);
                Scenario.equal("its in-sync replicas", partition.isr().stream().map(replica -> replica.id()).toList(), List.of(node));
            }
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            becomes(admin, resource, "cleanup.policy", "compact", ConfigSource.DYNAMIC_TOPIC_CONFIG);
        }
    }

    private static ConfigEntry topicConfig(Admin admin, String topic, String name) throws Exception {
        return config(admin, new ConfigResource(ConfigResource.Type.TOPIC, topic), name);
    }

    private static ConfigEntry config(Admin admin, ConfigResource resource, String name) throws Exception {
        var options = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
        return admin.describeConfigs(List.of(resource), options).all().get().get(resource).get(name);
    }

    /** A change may be acknowledged a moment before it is seen. */
    private static void becomes(Admin admin, ConfigResource resource, String name, String value, ConfigSource source)
        throws Exception {
        Scenario.until(name + " is " + value + " by " + source, () -> {
            var entry = config(admin, resource, name);
            return value.equals(entry.value()) && source == entry.source();
        });
    }

    private static void alter(Admin admin, ConfigResource resource, OpType type, String name, String value) throws Exception {
        Collection<AlterConfigOp> change = List.of(new AlterConfigOp(new ConfigEntry(name, value), type));
        admin.incrementalAlterConfigs(Map.of(resource, change)).all().get();
    }

    private static void configs(Scenario scenario) throws Exception {
        var topic = scenario.name("topic");
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Clients.createTopic(scenario, topic, 1);
        try (var admin = Clients.admin(scenario)) {
            var standard = topicConfig(admin, topic, "max.message.bytes");
            Scenario.equal("the default", standard.value(), "1048588");
            Scenario.equal("its source", standard.source(), ConfigSource.DEFAULT_CONFIG);
            Scenario.equal("its type", standard.type(), ConfigEntry.ConfigType.INT);

            alter(admin, resource, OpType.SET, "max.message.bytes", "20000");
            becomes(admin, resource, "max.message.bytes", "20000", ConfigSource.DYNAMIC_TOPIC_CONFIG);
            var synonyms = topicConfig(admin, topic, "max.message.bytes").synonyms();
            Scenario.equal("its synonyms", synonyms.stream().map(synonym -> synonym.value()).toList(), List.of("20000", "1048588"));
            becomes(admin, resource, "retention.ms", "-1", ConfigSource.DYNAMIC_TOPIC_CONFIG);
            alter(admin, resource, OpType.APPEND, "cleanup.policy", "compact");
            becomes(admin, resource, "cleanup.policy", "delete,compact", ConfigSource.DYNAMIC_TOPIC_CONFIG);
            alter(admin, resource, OpType.SUBTRACT, "cleanup.policy", "delete");
            becomes(admin, resource, "cleanup.policy", "compact", ConfigSource.DYNAMIC_TOPIC_CONFIG);
            alter(admin, resource, OpType.DELETE, "max.message.bytes", "");
            becomes(admin, resource, "max.message.bytes", "1048588", ConfigSource.DEFAULT_CONFIG);

            Collection<AlterConfigOp> change = List.of(new AlterConfigOp(new ConfigEntry("segment.ms", "60000"), OpType.SET));
            admin.incrementalAlterConfigs(Map.of(resource, change), new AlterConfigsOptions().validateOnly(true)).all().get();
            becomes(admin, resource, "segment.ms", "604800000", ConfigSource.DEFAULT_CONFIG);
            Scenario.refused(InvalidConfigurationException.class, "an unknown config",
                () -> { alter(admin, resource, OpType.SET, "no.such.config", "1"); return null; });
            Scenario.refused(InvalidConfigurationException.class, "a bad value",
                () -> { alter(admin, resource, OpType.SET, "segment.bytes", "small"); return null; });
            Scenario.refused(UnknownTopicOrPartitionException.class, "a topic that is not there",
                () -> topicConfig(admin, scenario.name("missing"), "segment.ms"));
            brokerConfigs(admin);
        }
    }

    private static void brokerConfigs(Admin admin) throws Exception {
        var id = admin.describeCluster().controller().get().idString();
        var broker = new ConfigResource(ConfigResource.Type.BROKER, id);
        var node = config(admin, broker, "node.id");
        Scenario.equal("node.id", node.value(), id);
        Scenario.check("node.id is read-only", node.isReadOnly());
        Scenario.equal("its source", node.source(), ConfigSource.STATIC_BROKER_CONFIG);
        Scenario.refused(InvalidRequestException.class, "node.id can't be altered",
            () -> { alter(admin, broker, OpType.SET, "node.id", "7"); return null; });
        alter(admin, broker, OpType.SET, "log.retention.ms", "86400000");
        becomes(admin, broker, "log.retention.ms", "86400000", ConfigSource.DYNAMIC_BROKER_CONFIG);
        alter(admin, broker, OpType.DELETE, "log.retention.ms", "");
        Scenario.until("the broker's config is as before", () ->
            config(admin, broker, "log.retention.ms").source() != ConfigSource.DYNAMIC_BROKER_CONFIG);
    }

    private static void addPartitions(Scenario scenario) throws Exception {
        var topic = scenario.name("topic");
        Clients.createTopic(scenario, topic, 2);
        try (var admin = Clients.admin(scenario); var producer = Clients.producer(scenario)) {
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(5))).all().get();
            Clients.leadersAnswer(admin, topic, 5);
            Scenario.refused(InvalidPartitionsException.class, "fewer partitions",
                admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all()::get);
            Scenario.refused(UnknownTopicOrPartitionException.class, "a topic that is not there",
                admin.createPartitions(Map.of(scenario.name("missing"), NewPartitions.increaseTo(3))).all()::get);
            for (var row : Row.make(10, 5)) producer.send(row.toRecord(topic)).get();
        }
        Row.assertSame(Clients.readAll(scenario, topic, 5), Row.make(10, 5));
    }

    private static void deleteRecords(Scenario scenario) throws Exception {
        var topic = scenario.name("topic");
        var first = new TopicPartition(topic, 0);
        var second = new TopicPartition(topic, 1);
        Clients.createTopic(scenario, topic, 2);
        try (var producer = Clients.producer(scenario)) {
            for (var row : Row.make(40, 2)) producer.send(row.toRecord(topic));
        }
        try (var admin = Clients.admin(scenario); var consumer = Clients.consumer(scenario)) {
            var deleted = admin.deleteRecords(
                Map.of(first, RecordsToDelete.beforeOffset(7), second, RecordsToDelete.beforeOffset(-1)));
            Scenario.equal("the low watermark", deleted.lowWatermarks().get(first).get().lowWatermark(), 7L);
            Scenario.equal("all of the other", deleted.lowWatermarks().get(second).get().lowWatermark(), 20L);
            var begins = admin.listOffsets(Map.of(first, OffsetSpec.earliest(), second, OffsetSpec.earliest())).all().get();
            Scenario.equal("the beginning", begins.get(first).offset(), 7L);
            Scenario.equal("the other's", begins.get(second).offset(), 20L);
            Scenario.refused(OffsetOutOfRangeException.class, "beyond the end",
                admin.deleteRecords(Map.of(first, RecordsToDelete.beforeOffset(21))).all()::get);

            consumer.assign(List.of(first, second));
            consumer.seekToBeginning(List.of(first, second));
            var left = Clients.readToEnds(consumer, Set.of(first, second));
            Scenario.equal("what is left", left.size(), 13);
            Scenario.equal("its first offset", left.get(0).offset(), 7L);
            Scenario.equal("its timestamp", left.get(0).timestamp(), Row.make(40, 2).get(14).timestampMs());
        }
    }

    private static void deleteTopic(Scenario scenario) throws Exception {
        var topic = scenario.name("topic");
        Clients.createTopic(scenario, topic, 3);
        try (var admin = Clients.admin(scenario)) {
            try (var producer = Clients.producer(scenario)) {
                for (var row : Row.make(30, 3)) producer.send(row.toRecord(topic));
            }
            var before = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).topicId();
            admin.deleteTopics(List.of(topic)).all().get();
            Scenario.until("the topic is gone", () -> !admin.listTopics().names().get().contains(topic));
            Scenario.refused(UnknownTopicOrPartitionException.class, "once more", admin.deleteTopics(List.of(topic)).all()::get);

            // The name can be used again, and nothing of the old records is left.
            Clients.createTopic(scenario, topic, 1);
            var after = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
            Scenario.check("another id", !after.topicId().equals(before));
            Scenario.equal("its end", Clients.ends(admin, topic, 1), Map.of(0, 0L));
        }
    }

    private AdminCases() {}
}
