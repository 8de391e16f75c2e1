import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.UnknownMemberIdException;

final class GroupCases {
    private static final int PARTITIONS = 6;
    private static final String COOPERATIVE = "org.apache.kafka.clients.consumer.CooperativeStickyAssignor";

    static final Map<String, Scenario.Case> ALL = Map.of(
        "group-rebalance", scenario -> rebalance(scenario, "org.apache.kafka.clients.consumer.RangeAssignor"),
        "group-cooperative", scenario -> rebalance(scenario, COOPERATIVE),
        "group-resume", GroupCases::resume,
        "group-static", GroupCases::staticMembers,
        "group-admin", GroupCases::administer);

    /** Sends one record to each partition. */
    private static void sendRound(KafkaProducer<byte[], byte[]> producer, String topic) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            producer.send(new ProducerRecord<>(topic, partition, null, Row.bytes("work")));
        }
        producer.flush();
    }

    /** Sends rounds from another thread until it is closed. */
    private static final class Feed implements AutoCloseable {
        private final AtomicBoolean stopping = new AtomicBoolean();
        private final Thread thread;
        volatile long rounds;

        Feed(Scenario scenario) {
            thread = new Thread(() -> {
                try (var producer = Clients.producer(scenario)) {
                    for (; !stopping.get(); rounds++) sendRound(producer, scenario.name("topic"));
                }
            });
            thread.start();
        }

        @Override
        public void close() throws InterruptedException {
            stopping.set(true);
            thread.join();
        }
    }

    private static Map<Integer, Long> allEnd(long end) {
        var ends = new HashMap<Integer, Long>();
        for (int partition = 0; partition < PARTITIONS; partition++) ends.put(partition, end);
        return ends;
    }

    /** Waits until these members share the partitions and each has processed something since. */
    private static void settled(Ledger ledger, List<String> members, int minimumEach) throws Exception {
        try {
            Scenario.until(members + " share the partitions and work", () -> ledger.isShared(members, PARTITIONS, minimumEach));
        } catch (AssertionError late) {
            throw new AssertionError(late.getMessage() + "; " + ledger);
        }
    }

    /** Two members become three while records keep coming, then one again: nothing is missed, nothing comes twice. */
    private static void rebalance(Scenario scenario, String assignor) throws Exception {
        Clients.createTopic(scenario, scenario.name("topic"), PARTITIONS);
        var ledger = new Ledger(false);
        Object[] settings = {"partition.assignment.strategy", assignor};
        var feed = new Feed(scenario);
        Member last;
        try (feed) {
            var a = Member.start(scenario, ledger, "a", settings);
            var b = Member.start(scenario, ledger, "b", settings);
            settled(ledger, List.of("a", "b"), 3);
            int lostBefore = ledger.lost("a") + ledger.lost("b");
            last = Member.start(scenario, ledger, "c", settings);
            settled(ledger, List.of("a", "b", "c"), 2);
            int lost = ledger.lost("a") + ledger.lost("b") - lostBefore;
            Scenario.equal("how many partitions a and b gave up", lost, assignor.equals(COOPERATIVE) ? 2 : PARTITIONS);
            a.stop();
            b.stop();
            settled(ledger, List.of("c"), PARTITIONS);
        }
        Scenario.until("everything is committed", () -> ledger.committedCount() == feed.rounds * PARTITIONS);
        last.stop();
        ledger.assertComplete(allEnd(feed.rounds), true);
        Scenario.equal("the group's offsets", committed(scenario), allEnd(feed.rounds));
    }

    private static Map<Integer, Long> committed(Scenario scenario) throws Exception {
        try (var admin = Clients.admin(scenario)) {
            var offsets = new HashMap<Integer, Long>();
            admin.listConsumerGroupOffsets(scenario.name("group")).partitionsToOffsetAndMetadata().get()
                .forEach((partition, offset) -> offsets.put(partition.partition(), offset.offset()));
            return offsets;
        }
    }

    /** A group that stopped goes on where its commits say, with other members. */
    private static void resume(Scenario scenario) throws Exception {
        Clients.createTopic(scenario, scenario.name("topic"), PARTITIONS);
        var ledger = new Ledger(false);
        try (var producer = Clients.producer(scenario)) {
            for (int stint = 1; stint <= 3; stint++) {
                for (int round = 0; round < 20; round++) sendRound(producer, scenario.name("topic"));
                long end = stint * 20L;
                var first = Member.start(scenario, ledger, "first-" + stint);
                var second = Member.start(scenario, ledger, "second-" + stint);
                Scenario.until("everything is committed", () -> ledger.committedCount() == end * PARTITIONS);
                first.stop();
                second.stop();
                ledger.assertComplete(allEnd(end), true);
                Scenario.equal("the group's offsets", committed(scenario), allEnd(end));
            }
        }
    }

    /** A static member that comes back in time gets its partitions back, and the others notice nothing. */
    private static void staticMembers(Scenario scenario) throws Exception {
        Clients.createTopic(scenario, scenario.name("topic"), PARTITIONS);
        var ledger = new Ledger(true);
        var members = List.of("one", "two");
        try (var feed = new Feed(scenario); var admin = Clients.admin(scenario)) {
            var one = Member.start(scenario, ledger, "one", "group.instance.id", "one");
            var two = Member.start(scenario, ledger, "two", "group.instance.id", "two");
            settled(ledger, members, 3);
            var ownedByTwo = ledger.owned("two");
            int changesOfOne = ledger.changes("one");

            two.stop();
            two = Member.start(scenario, ledger, "two", "group.instance.id", "two");
            settled(ledger, members, 3);
            Scenario.equal("what the returned member owns", ledger.owned("two"), ownedByTwo);
            Scenario.equal("how often the other was assigned", ledger.changes("one"), changesOfOne);

            // A second one of the same name takes the place of the first, which is told so.
            var fenced = two;
            two = Member.start(scenario, ledger, "two", "group.instance.id", "two");
            Scenario.until("the first of the name is fenced", () -> fenced.failure instanceof FencedInstanceIdException);
            two.stop();

            var id = scenario.name("group");
            var group = admin.describeConsumerGroups(List.of(id)).all().get().get(id);
            Scenario.equal("the instances", Set.copyOf(group.members().stream().map(member -> member.groupInstanceId().get()).toList()),
                Set.copyOf(members));
            var remove = new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("two")));
            admin.removeMembersFromConsumerGroup(id, remove).all().get();
            settled(ledger, List.of("one"), PARTITIONS);
            Scenario.refused(UnknownMemberIdException.class, "a member that is not there",
                admin.removeMembersFromConsumerGroup(id, remove).all()::get);
            one.stop();
        }
    }

    /** The admin client sees a group with its members, empty, and deleted; while it has members it can't be deleted. */
    private static void administer(Scenario scenario) throws Exception {
        var topic = scenario.name("topic");
        var id = scenario.name("group");
        Clients.createTopic(scenario, topic, PARTITIONS);
        var ledger = new Ledger(false);
        try (var producer = Clients.producer(scenario); var admin = Clients.admin(scenario)) {
            sendRound(producer, topic);
            var member = Member.start(scenario, ledger, "member");
            Scenario.until("the round is committed", () -> ledger.committedCount() == PARTITIONS);
            var listed = admin.listGroups().all().get().stream().filter(each -> each.groupId().equals(id)).toList();
            Scenario.equal("how often the group is listed", listed.size(), 1);
            Scenario.equal("its protocol", listed.get(0).protocol(), "consumer");
            Scenario.equal("its state", listed.get(0).groupState().get(), GroupState.STABLE);
            var group = admin.describeConsumerGroups(List.of(id)).all().get().get(id);
            Scenario.equal("the state", group.groupState(), GroupState.STABLE);
            Scenario.equal("the assignor", group.partitionAssignor(), "range");
            Scenario.equal("the members", group.members().size(), 1);
            var described = group.members().iterator().next();
            Scenario.equal("the client", described.clientId(), "conformance");
            Scenario.equal("its partitions", described.assignment().topicPartitions(), Set.copyOf(Clients.partitions(topic, PARTITIONS)));
            Scenario.refused(GroupNotEmptyException.class, "deleting a group with members",
                admin.deleteConsumerGroups(List.of(id)).all()::get);
            var first = new TopicPartition(topic, 0);
            Scenario.refused(UnknownMemberIdException.class, "altering the offsets of a group with members",
                admin.alterConsumerGroupOffsets(id, Map.of(first, new OffsetAndMetadata(0))).all()::get);
            member.stop();

            admin.alterConsumerGroupOffsets(id, Map.of(first, new OffsetAndMetadata(0, "by hand"))).all().get();
            var offsets = admin.listConsumerGroupOffsets(id).partitionsToOffsetAndMetadata().get();
            Scenario.equal("the altered offset", offsets.get(first).offset(), 0L);
            Scenario.equal("its metadata", offsets.get(first).metadata(), "by hand");
            admin.deleteConsumerGroupOffsets(id, Set.of(first)).all().get();
            Scenario.equal("offsets left", committed(scenario).keySet(), Set.of(1, 2, 3, 4, 5));
            admin.deleteConsumerGroups(List.of(id)).all().get();
            Scenario.refused(GroupIdNotFoundException.class, "the group is gone",
                admin.describeConsumerGroups(List.of(id)).all()::get);
            Scenario.refused(GroupIdNotFoundException.class, "once more", admin.deleteConsumerGroups(List.of(id)).all()::get);
        }
    }

    private GroupCases() {}
}
