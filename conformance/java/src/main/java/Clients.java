import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Producers, consumers and topics as the cases want them. */
final class Clients {
    private Clients() {}

    static Admin admin(Scenario scenario) {
        return Admin.create(scenario.settings());
    }

    static KafkaProducer<byte[], byte[]> producer(Scenario scenario, Object... pairs) {
        return new KafkaProducer<>(scenario.settings(pairs), new ByteArraySerializer(), new ByteArraySerializer());
    }

    static KafkaConsumer<byte[], byte[]> consumer(Scenario scenario, Object... pairs) {
        var settings = scenario.settings(pairs);
        settings.putIfAbsent("enable.auto.commit", "false");
        settings.putIfAbsent("auto.offset.reset", "earliest");
        settings.put("fetch.max.wait.ms", "100");
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Topics of the suite keep records whatever their timestamps say. Returns when each partition's leader answers. */
    static void createTopic(Scenario scenario, String topic, int partitions) throws Exception {
        try (var admin = admin(scenario)) {
            var wanted = new NewTopic(topic, partitions, (short) -1).configs(Map.of("retention.ms", "-1"));
            admin.createTopics(List.of(wanted)).all().get();
            leadersAnswer(admin, topic, partitions);
        }
    }

    /** Metadata may name a leader a moment before it answers, and a topic may be created a moment before it is there. */
    static void leadersAnswer(Admin admin, String topic, int partitions) throws Exception {
        Scenario.until("all " + partitions + " partitions of " + topic + " answer", () -> {
            try {
                return ends(admin, topic, partitions).size() == partitions;
            } catch (ExecutionException notYet) {
                return false;
            }
        });
    }

    /** The end offset by partition. */
    static Map<Integer, Long> ends(Admin admin, String topic, int partitions) throws Exception {
        var query = IntStream.range(0, partitions).boxed()
            .collect(Collectors.toMap(partition -> new TopicPartition(topic, partition), any -> OffsetSpec.latest()));
        var ends = new HashMap<Integer, Long>();
        admin.listOffsets(query).all().get().forEach((at, info) -> ends.put(at.partition(), info.offset()));
        return ends;
    }

    static List<TopicPartition> partitions(String topic, int partitions) {
        return IntStream.range(0, partitions).mapToObj(partition -> new TopicPartition(topic, partition)).toList();
    }

    /** Reads all partitions from their beginnings to their present ends. */
    static List<ConsumerRecord<byte[], byte[]>> readAll(Scenario scenario, String topic, int partitions) throws Exception {
        try (var consumer = consumer(scenario)) {
            var all = partitions(topic, partitions);
            consumer.assign(all);
            consumer.seekToBeginning(all);
            return readToEnds(consumer, Set.copyOf(all));
        }
    }

    static List<ConsumerRecord<byte[], byte[]>> readToEnds(
        KafkaConsumer<byte[], byte[]> consumer, Set<TopicPartition> partitions) throws Exception {
        var ends = consumer.endOffsets(partitions);
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        Scenario.until("everything is read", () -> {
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
        });
        return records;
    }
}
