import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** One record, as it is sent and as it must come back. A null value is a tombstone. */
record Row(int partition, byte[] key, byte[] value, List<Header> headers, long timestampMs) {

    /** 2023-11-14: old enough that a node which puts its own time in place of the client's is found out. */
    static final long FIRST_TIMESTAMP_MS = 1_700_000_000_000L;

    /**
     * Records of every shape, the same in each run: without key, tombstones, empty values, headers that repeat a name
     * or are empty or null, and one value of 200 KB that does not compress.
     */
    static List<Row> make(int count, int partitions) {
        var rows = new ArrayList<Row>();
        for (int index = 0; index < count; index++) {
            byte[] key = index % 5 == 4 ? null : bytes("key-" + index);
            rows.add(new Row(index % partitions, key, value(index), headers(index), FIRST_TIMESTAMP_MS + index * 1000L));
        }
        return rows;
    }

    private static byte[] value(int index) {
        if (index == 50) return noise(200_000);
        if (index % 7 == 6) return null;
        if (index % 11 == 10) return new byte[0];
        return bytes(("value-" + index + " ").repeat(1 + index % 13));
    }

    private static List<Header> headers(int index) {
        if (index % 3 != 0) return List.of();
        return List.of(
            new RecordHeader("trace", bytes("trace-" + index)),
            new RecordHeader("trace", bytes("again")),
            new RecordHeader("empty", new byte[0]),
            new RecordHeader("null", (byte[]) null),
            new RecordHeader("bytes", new byte[] {0, -1, -128, (byte) index}));
    }

    /** Bytes that don't compress, by a linear congruential generator. */
    static byte[] noise(int sizeBytes) {
        var bytes = new byte[sizeBytes];
        int state = 1;
        for (int index = 0; index < sizeBytes; index++) {
            state = state * 1_103_515_245 + 12_345;
            bytes[index] = (byte) (state >>> 24);
        }
        return bytes;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    ProducerRecord<byte[], byte[]> toRecord(String topic) {
        return new ProducerRecord<>(topic, partition, timestampMs, key, value, headers);
    }

    /** Every partition holds exactly the rows sent to it, in that order, at offsets without a gap from zero. */
    static void assertSame(List<ConsumerRecord<byte[], byte[]>> read, List<Row> sent) {
        Scenario.equal("how many records came", read.size(), sent.size());
        for (int partition : sent.stream().map(Row::partition).distinct().toList()) {
            var expected = sent.stream().filter(row -> row.partition == partition).toList();
            var actual = read.stream().filter(record -> record.partition() == partition).toList();
            Scenario.equal("records in partition " + partition, actual.size(), expected.size());
            for (int index = 0; index < expected.size(); index++) {
                var record = actual.get(index);
                var what = "record " + index + " of partition " + partition;
                Scenario.equal(what + ", offset", record.offset(), (long) index);
                expected.get(index).assertSame(what, record);
            }
        }
    }

    private void assertSame(String what, ConsumerRecord<byte[], byte[]> record) {
        Scenario.equal(what + ", timestamp", record.timestamp(), timestampMs);
        Scenario.check(what + ": the key differs", Arrays.equals(record.key(), key));
        Scenario.check(what + ": the value differs", Arrays.equals(record.value(), value));
        Scenario.equal(what + ", headers", Arrays.asList(record.headers().toArray()), headers);
    }
}
