import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

final class PositionCases {
    private static final int COUNT = 100;

    static final Map<String, Scenario.Case> ALL = Map.of(
        "seek-by-time", PositionCases::seekByTime,
        "seek-to-ends", PositionCases::seekToEnds,
        "pause-resume", PositionCases::pauseAndResume,
        "offset-out-of-range", PositionCases::offsetOutOfRange);

    /** A partition whose record at offset n has the timestamp of n seconds after the first. */
    private static TopicPartition fill(Scenario scenario, String suffix) throws Exception {
        var topic = scenario.name(suffix);
        Clients.createTopic(scenario, topic, 1);
        try (var producer = Clients.producer(scenario)) {
            for (var row : Row.make(COUNT, 1)) producer.send(row.toRecord(topic));
        }
        return new TopicPartition(topic, 0);
    }

    private static void seekByTime(Scenario scenario) throws Exception {
        var partition = fill(scenario, "topic");
        try (var consumer = Clients.consumer(scenario)) {
            consumer.assign(List.of(partition));
            Scenario.equal("before the first record", offsetAt(consumer, partition, -1), 0L);
            Scenario.equal("a record's own time", offsetAt(consumer, partition, 50_000), 50L);
            Scenario.equal("between two records", offsetAt(consumer, partition, 50_001), 51L);
            Scenario.check("after the last record", offsetAt(consumer, partition, COUNT * 1000L) == null);

            consumer.seek(partition, offsetAt(consumer, partition, 70_500));
            var rest = Clients.readToEnds(consumer, Set.of(partition));
            Scenario.equal("how many follow", rest.size(), COUNT - 71);
            Scenario.equal("the first of them", rest.get(0).timestamp(), Row.FIRST_TIMESTAMP_MS + 71_000);
        }
    }

    private static Long offsetAt(KafkaConsumer<?, ?> consumer, TopicPartition partition, long afterMs) {
        var found = consumer.offsetsForTimes(Map.of(partition, Row.FIRST_TIMESTAMP_MS + afterMs)).get(partition);
        return found == null ? null : found.offset();
    }

    private static void seekToEnds(Scenario scenario) throws Exception {
        var partition = fill(scenario, "topic");
        try (var consumer = Clients.consumer(scenario); var producer = Clients.producer(scenario)) {
            consumer.assign(List.of(partition));
            consumer.seekToEnd(List.of(partition));
            Scenario.equal("the end", consumer.position(partition), (long) COUNT);
            producer.send(new ProducerRecord<>(partition.topic(), Row.bytes("last"))).get();
            var last = Clients.readToEnds(consumer, Set.of(partition));
            Scenario.equal("what follows the end", last.stream().map(ConsumerRecord::offset).toList(), List.of((long) COUNT));

            consumer.seekToBeginning(List.of(partition));
            Scenario.equal("the beginning", consumer.position(partition), 0L);
            Scenario.equal("all", Clients.readToEnds(consumer, Set.of(partition)).size(), COUNT + 1);
            Scenario.equal("the first offset", consumer.beginningOffsets(List.of(partition)).get(partition), 0L);
        }
    }

    private static void pauseAndResume(Scenario scenario) throws Exception {
        var paused = fill(scenario, "paused");
        var other = fill(scenario, "other");
        try (var consumer = Clients.consumer(scenario); var producer = Clients.producer(scenario)) {
            consumer.assign(List.of(paused, other));
            consumer.pause(List.of(paused));
            consumer.seekToBeginning(List.of(paused, other));
            producer.send(new ProducerRecord<>(paused.topic(), Row.bytes("while paused"))).get();
            var read = new ArrayList<ConsumerRecord<byte[], byte[]>>();
            Scenario.until("the other topic is read", () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(read::add);
                return read.size() >= COUNT;
            });
            Scenario.check("nothing of the paused topic is read",
                read.stream().allMatch(record -> record.topic().equals(other.topic())));
            consumer.resume(List.of(paused));
            var rest = Clients.readToEnds(consumer, Set.of(paused, other));
            Scenario.equal("what was paused", rest.size(), COUNT + 1);
        }
    }

    /** An offset beyond the end is an error, or sends the consumer where it is told to begin. */
    private static void offsetOutOfRange(Scenario scenario) throws Exception {
        var partition = fill(scenario, "topic");
        try (var consumer = Clients.consumer(scenario, "auto.offset.reset", "none")) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, 1000);
            Scenario.refused(OffsetOutOfRangeException.class, "reading beyond the end", () -> {
                Scenario.until("an error", () -> consumer.poll(Duration.ofMillis(100)).count() > 0);
                return null;
            });
        }
        try (var consumer = Clients.consumer(scenario)) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, 1000);
            Scenario.until("records from the beginning", () -> {
                var records = consumer.poll(Duration.ofMillis(100));
                return !records.isEmpty() && records.iterator().next().offset() == 0;
            });
        }
    }

    private PositionCases() {}
}
