import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The node dies while records are produced and consumed: all that it acknowledged is there, once and in order. */
final class KillCase {
    private static final int PARTITIONS = 3;
    /** How much is acknowledged and committed before the node is killed, and again afterwards. */
    private static final long ENOUGH = 3000;
    private static final int PATIENCE_SECONDS = 60;

    /** Sends numbered values to each partition until it is closed, many at a time. */
    private static final class Load implements AutoCloseable {
        private final Scenario scenario;
        private final AtomicBoolean stopping = new AtomicBoolean();
        private final AtomicReference<Exception> failure = new AtomicReference<>();
        private final Thread thread = new Thread(this::send);
        /** By partition: how many values were acknowledged; they are 0, 1, 2, … */
        private final AtomicLongArray acknowledged = new AtomicLongArray(PARTITIONS);

        Load(Scenario scenario) {
            this.scenario = scenario;
            thread.start();
        }

        private void send() {
            // As many as are on their way at most.
            var room = new Semaphore(300);
            var topic = scenario.name("topic");
            try (var producer = Clients.producer(scenario, "batch.size", "1000", "linger.ms", "0", "delivery.timeout.ms", "120000")) {
                for (long value = 0; !stopping.get(); value++) {
                    for (int partition = 0; partition < PARTITIONS; partition++) {
                        int to = partition;
                        room.acquireUninterruptibly();
                        producer.send(new ProducerRecord<>(topic, to, null, Row.bytes(Long.toString(value))), (metadata, thrown) -> {
                            room.release();
                            if (thrown == null) acknowledged.incrementAndGet(to);
                            else failure.compareAndSet(null, thrown);
                        });
                    }
                }
            }
        }

        long total() {
            return LongStream.range(0, PARTITIONS).map(at -> acknowledged.get((int) at)).sum();
        }

        @Override
        public void close() throws Exception {
            stopping.set(true);
            thread.join();
            if (failure.get() != null) throw failure.get();
        }
    }

    static void run(Scenario scenario) throws Exception {
        var topic = scenario.name("topic");
        Clients.createTopic(scenario, topic, PARTITIONS);
        var ledger = new Ledger(true);
        var load = new Load(scenario);
        var a = Member.start(scenario, ledger, "a");
        var b = Member.start(scenario, ledger, "b");
        try (load) {
            Scenario.until("records flow", () -> load.total() >= ENOUGH && ledger.committedCount() >= ENOUGH);
            scenario.restartNode();
            long enough = Math.max(load.total(), ledger.committedCount()) + ENOUGH;
            Scenario.until("records flow again after the restart", PATIENCE_SECONDS,
                () -> load.total() >= enough && ledger.committedCount() >= enough);
        }
        Map<Integer, Long> ends;
        try (var admin = Clients.admin(scenario)) {
            ends = Clients.ends(admin, topic, PARTITIONS);
        }
        long total = ends.values().stream().mapToLong(Long::longValue).sum();
        Scenario.until("the group has committed everything", PATIENCE_SECONDS, () -> ledger.committedCount() == total);
        a.stop();
        b.stop();
        ledger.assertComplete(ends, false);

        var next = new long[PARTITIONS];
        for (var record : Clients.readAll(scenario, topic, PARTITIONS)) {
            long value = Long.parseLong(new String(record.value()));
            Scenario.equal("the value at offset " + record.offset() + " of partition " + record.partition(),
                value, next[record.partition()]++);
        }
        for (int partition = 0; partition < PARTITIONS; partition++) {
            Scenario.equal("records in partition " + partition, next[partition], load.acknowledged.get(partition));
        }
    }

    private KillCase() {}
}
