"""What a node must not accept, and the error it says so by."""

from confluent_kafka import KafkaError, KafkaException, Message
from confluent_kafka.admin import NewTopic

from common.program import Scenario, equal, until
from common.rows import noise

from .clients import create_topic, make_admin, make_producer, open_consumer, read_all, read_until, refused


def send_one(scenario: Scenario, topic: str, value: bytes) -> None:
    """Raises the error that the record's delivery reports."""
    reports: list[KafkaError | None] = []

    def delivered(error: KafkaError | None, _: Message) -> None:
        reports.append(error)

    producer = make_producer(scenario, message_max_bytes=10_000_000, message_timeout_ms=20_000)
    producer.produce(topic, value, on_delivery=delivered)
    until("a report", lambda: producer.flush(1) == 0 and reports)
    if reports[0] is not None:
        raise KafkaException(reports[0])


def large_message(scenario: Scenario) -> None:
    topic = scenario.name("topic")
    create_topic(scenario, topic, 1)
    code = KafkaError.MSG_SIZE_TOO_LARGE
    refused(code, "two megabytes", lambda: send_one(scenario, topic, noise(2 * 1024 * 1024)))
    send_one(scenario, topic, noise(1_000_000))
    [message] = read_all(scenario, topic, 1)
    equal("the size", len(message.value()), 1_000_000)


def unknown_topic(scenario: Scenario) -> None:
    topic = scenario.name("missing")
    admin = make_admin(scenario)
    metadata = admin.list_topics(topic, timeout=30).topics[topic]
    equal("the metadata's error", metadata.error.code(), KafkaError.UNKNOWN_TOPIC_OR_PART)
    refused(KafkaError.UNKNOWN_TOPIC_OR_PART, "produce", lambda: send_one(scenario, topic, b"lost"))
    with open_consumer(scenario) as consumer:
        consumer.subscribe([topic])
        refused(
            KafkaError.UNKNOWN_TOPIC_OR_PART,
            "consume",
            lambda: read_until(consumer, "an error", lambda read: False),
        )
    assert topic not in admin.list_topics(timeout=30).topics, "the topic was created"


def bad_topics(scenario: Scenario) -> None:
    admin = make_admin(scenario)
    good = scenario.name("bad")

    def refuse(code: int, what: str, wanted: NewTopic) -> None:
        refused(code, what, lambda: admin.create_topics([wanted])[wanted.topic].result(30))

    for name in ("bad/name", "n" * 249 + "n", "..", "sp ace"):
        refuse(KafkaError.TOPIC_EXCEPTION, f"the name {name}", NewTopic(name, 1, 1))
    refuse(KafkaError.INVALID_REPLICATION_FACTOR, "more replicas than nodes", NewTopic(good, 1, 100))
    for what, name, value in [
        ("an unknown config", "no.such.config", "1"),
        ("a value out of range", "segment.bytes", "-5"),
        ("a value of the wrong type", "retention.ms", "soon"),
    ]:
        refuse(KafkaError.INVALID_CONFIG, what, NewTopic(good, 1, 1, config={name: value}))
    create_topic(scenario, good, 1)
    refuse(KafkaError.TOPIC_ALREADY_EXISTS, "a topic that is there already", NewTopic(good, 1, 1))


CASES = {
    "refuse-large-message": large_message,
    "refuse-unknown-topic": unknown_topic,
    "refuse-bad-topics": bad_topics,
}
