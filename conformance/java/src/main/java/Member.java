import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;

/** A member of a group that commits what it has processed after each poll, and enters all in the ledger. */
final class Member implements Runnable, ConsumerRebalanceListener {
    private final Scenario scenario;
    private final Ledger ledger;
    private final String name;
    private final String topic;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread;
    /** What was processed and is not committed yet, of the partitions that are owned. */
    private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();
    private volatile boolean stopping;
    volatile Exception failure;

    private Member(Scenario scenario, Ledger ledger, String name, Object[] settings) {
        this.scenario = scenario;
        this.ledger = ledger;
        this.name = name;
        this.topic = scenario.name("topic");
        this.consumer = Clients.consumer(scenario, settings);
        this.thread = new Thread(this, name);
    }

    static Member start(Scenario scenario, Ledger ledger, String name, Object... settings) {
        var all = new Object[settings.length + 6];
        System.arraycopy(settings, 0, all, 6, settings.length);
        System.arraycopy(new Object[] {"group.id", scenario.name("group"), "heartbeat.interval.ms", "200",
            "session.timeout.ms", "10000"}, 0, all, 0, 6);
        var member = new Member(scenario, ledger, name, all);
        member.thread.start();
        return member;
    }

    /** Leaves the group, unless the member is static. */
    void stop() throws Exception {
        stopping = true;
        consumer.wakeup();
        thread.join(30_000);
        Scenario.check(name + " has not stopped", !thread.isAlive());
        if (failure != null && !(failure instanceof FencedInstanceIdException)) throw failure;
    }

    @Override
    public void run() {
        try (consumer) {
            consumer.subscribe(List.of(topic), this);
            work();
            finish();
        } catch (Exception thrown) {
            failure = thrown;
        }
        giveUp(List.copyOf(uncommitted.keySet()));
        ledger.lost(name, Clients.partitions(topic, 100));
    }

    private void giveUp(Collection<TopicPartition> partitions) {
        for (var partition : partitions) {
            var next = uncommitted.remove(partition);
            if (next != null) ledger.givenUp(partition.partition(), next.offset());
        }
    }

    private void work() {
        try {
            while (!stopping) pollOnce();
        } catch (WakeupException wanted) {
            // stop() asks for it
        }
    }

    /** In the middle of a rebalance nothing can be committed: it has to end first, or what was processed comes again. */
    private void finish() {
        var deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!uncommitted.isEmpty() && System.nanoTime() < deadline) {
            commit();
            consumer.pause(consumer.assignment());
            consumer.poll(Duration.ofMillis(50));
        }
    }

    private void pollOnce() {
        var records = consumer.poll(Duration.ofMillis(100));
        for (var record : records) ledger.processed(name, record.partition(), record.offset());
        uncommitted.putAll(records.nextOffsets());
        commit();
    }

    private void commit() {
        if (uncommitted.isEmpty()) return;
        try {
            consumer.commitSync(uncommitted);
            uncommitted.forEach((partition, offset) -> ledger.committed(partition.partition(), offset.offset()));
            uncommitted.clear();
        } catch (CommitFailedException | RebalanceInProgressException | RetriableException refused) {
            // It is tried again after the next poll; what another member is assigned before that is processed again.
            System.err.println(name + " could not commit: " + refused.getClass().getSimpleName());
        }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        ledger.gained(name, partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        commit();
        onPartitionsLost(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        giveUp(partitions);
        ledger.lost(name, partitions);
    }
}
