import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.RecordMetadata;

final class ProduceCases {
    private static final int PARTITIONS = 3;

    static final Map<String, Scenario.Case> ALL = Map.of(
        "produce-none", produce(120, "compression.type", "none"),
        "produce-gzip", produce(120, "compression.type", "gzip"),
        "produce-snappy", produce(120, "compression.type", "snappy"),
        "produce-lz4", produce(120, "compression.type", "lz4"),
        "produce-zstd", produce(120, "compression.type", "zstd"),
        "acks-0", produce(30, "acks", "0", "enable.idempotence", "false"),
        "acks-1", produce(30, "acks", "1", "enable.idempotence", "false"),
        "acks-all", produce(30, "acks", "all", "enable.idempotence", "false"),
        // Small batches, so that several are in flight to each partition.
        "idempotent-producer", produce(3000, "enable.idempotence", "true", "batch.size", "2000", "linger.ms", "0"));

    /** Records of every shape come back as they were sent, and the node says at which offsets they are. */
    private static Scenario.Case produce(int count, Object... settings) {
        return scenario -> {
            var topic = scenario.name("topic");
            var rows = Row.make(count, PARTITIONS);
            boolean acknowledged = !List.of(settings).contains("0") || List.of(settings).contains("linger.ms");
            Clients.createTopic(scenario, topic, PARTITIONS);
            var sent = new ArrayList<Future<RecordMetadata>>();
            try (var producer = Clients.producer(scenario, settings)) {
                for (var row : rows) sent.add(producer.send(row.toRecord(topic)));
            }
            for (int index = 0; index < rows.size(); index++) {
                var metadata = sent.get(index).get();
                Scenario.equal("the partition", metadata.partition(), rows.get(index).partition());
                Scenario.equal("the offset", metadata.offset(), acknowledged ? (long) index / PARTITIONS : -1L);
                Scenario.equal("the timestamp", metadata.timestamp(), rows.get(index).timestampMs());
            }
            try (var admin = Clients.admin(scenario)) {
                long each = count / PARTITIONS;
                Scenario.until("the records are in", () ->
                    Clients.ends(admin, topic, PARTITIONS).values().stream().allMatch(end -> end == each));
            }
            Row.assertSame(Clients.readAll(scenario, topic, PARTITIONS), rows);
        };
    }

    private ProduceCases() {}
}
