"""What a node must not accept, and the error it says so by."""

from kafka.errors import (
    InvalidConfigurationError,
    InvalidPartitionsError,
    InvalidReplicationFactorError,
    InvalidTopicError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
)

from common.program import Scenario, equal
from common.rows import noise

from .clients import create_topic, open_admin, open_producer, read_all, refused


def large_message(scenario: Scenario) -> None:
    topic = scenario.name("topic")
    create_topic(scenario, topic, 1)
    with open_producer(scenario, max_request_size=10_000_000) as producer:
        large = noise(2 * 1024 * 1024)
        refused(MessageSizeTooLargeError, "two megabytes", lambda: producer.send(topic, large).get(30))
    # An idempotent producer of this client does not go on after that.
    with open_producer(scenario) as producer:
        producer.send(topic, noise(1_000_000)).get(30)
    [record] = read_all(scenario, topic, 1)
    equal("the size", len(record.value), 1_000_000)


def unknown_topic(scenario: Scenario) -> None:
    topic = scenario.name("missing")
    with open_producer(scenario, max_block_ms=2_000, allow_auto_create_topics=False) as producer:
        # The producer waits for a topic that may still be created.
        refused(KafkaTimeoutError, "produce", lambda: producer.send(topic, b"lost").get(30))
    with open_admin(scenario) as admin:
        refused(UnknownTopicOrPartitionError, "delete", lambda: admin.delete_topics([topic]))
        assert topic not in admin.list_topics(), "the topic was created"


def bad_topics(scenario: Scenario) -> None:
    good = scenario.name("bad")
    with open_admin(scenario) as admin:

        def refuse(error: type[KafkaError], what: str, name: str, **more: object) -> None:
            wanted = {"num_partitions": 1, "replication_factor": 1, **more}
            refused(error, what, lambda: admin.create_topics({name: wanted}))

        for name in ("bad/name", "n" * 250, "..", "sp ace", ""):
            refuse(InvalidTopicError, f"the name {name!r}", name)
        refuse(InvalidReplicationFactorError, "more replicas than nodes", good, replication_factor=100)
        refuse(InvalidPartitionsError, "no partitions", good, num_partitions=0)
        for what, name, value in [
            ("an unknown config", "no.such.config", "1"),
            ("a value out of range", "segment.bytes", "-5"),
            ("a value of the wrong type", "retention.ms", "soon"),
        ]:
            refuse(InvalidConfigurationError, what, good, configs={name: value})
        create_topic(scenario, good, 1)
        refuse(TopicAlreadyExistsError, "a topic that is there already", good)


CASES = {
    "refuse-large-message": large_message,
    "refuse-unknown-topic": unknown_topic,
    "refuse-bad-topics": bad_topics,
}
