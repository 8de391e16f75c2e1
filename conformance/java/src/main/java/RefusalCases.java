import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What a node must not accept, and the error it says so by. */
final class RefusalCases {
    static final Map<String, Scenario.Case> ALL = Map.of(
        "refuse-large-message", RefusalCases::largeMessage,
        "refuse-unknown-topic", RefusalCases::unknownTopic,
        "refuse-bad-topics", RefusalCases::badTopics);

    private static void largeMessage(Scenario scenario) throws Exception {
        var topic = scenario.name("topic");
        Clients.createTopic(scenario, topic, 1);
        try (var producer = Clients.producer(scenario, "max.request.size", "10000000")) {
            Scenario.refused(RecordTooLargeException.class, "two megabytes",
                producer.send(new ProducerRecord<>(topic, Row.noise(2 * 1024 * 1024)))::get);
            Scenario.equal("the next offset", producer.send(new ProducerRecord<>(topic, Row.noise(1_000_000))).get().offset(), 0L);
        }
        Scenario.equal("the size", Clients.readAll(scenario, topic, 1).get(0).value().length, 1_000_000);
    }

    private static void unknownTopic(Scenario scenario) throws Exception {
        var topic = scenario.name("missing");
        try (var producer = Clients.producer(scenario, "max.block.ms", "2000"); var admin = Clients.admin(scenario)) {
            // The producer waits for a topic that may still be created.
            Scenario.refused(TimeoutException.class, "produce", producer.send(new ProducerRecord<>(topic, Row.bytes("lost")))::get);
            Scenario.refused(UnknownTopicOrPartitionException.class, "describe",
                admin.describeTopics(List.of(topic)).allTopicNames()::get);
            Scenario.refused(UnknownTopicOrPartitionException.class, "delete", admin.deleteTopics(List.of(topic)).all()::get);
            Scenario.check("the topic was not created", !admin.listTopics().names().get().contains(topic));
        }
    }

    private static void badTopics(Scenario scenario) throws Exception {
        var name = scenario.name("bad");
        try (var admin = Clients.admin(scenario)) {
            for (var bad : List.of("bad/name", "n".repeat(250), "..", "", "sp ace")) {
                Scenario.refused(InvalidTopicException.class, "the name '" + bad + "'", create(admin, topic(bad)));
            }
            Scenario.refused(InvalidReplicationFactorException.class, "more replicas than nodes",
                create(admin, new NewTopic(name, 1, (short) 100)));
            Scenario.refused(InvalidPartitionsException.class, "no partitions", create(admin, new NewTopic(name, 0, (short) 1)));
            Scenario.refused(InvalidConfigurationException.class, "an unknown config",
                create(admin, topic(name).configs(Map.of("no.such.config", "1"))));
            Scenario.refused(InvalidConfigurationException.class, "a value out of range",
                create(admin, topic(name).configs(Map.of("segment.bytes", "-5"))));
            Scenario.refused(InvalidConfigurationException.class, "a value of the wrong type",
                create(admin, topic(name).configs(Map.of("retention.ms", "soon"))));
            create(admin, topic(name)).call();
            Scenario.refused(TopicExistsException.class, "a topic that is there already", create(admin, topic(name)));
        }
    }

    private static NewTopic topic(String name) {
        return new NewTopic(name, 1, (short) 1);
    }

    private static Callable<?> create(Admin admin, NewTopic topic) {
        return () -> admin.createTopics(List.of(topic)).all().get();
    }

    private RefusalCases() {}
}
