"""Producers, consumers and topics as the cases want them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from confluent_kafka import (
    OFFSET_BEGINNING,
    TIMESTAMP_CREATE_TIME,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

from common.program import Scenario, until
from common.rows import ReadRow, Row


def settings(scenario: Scenario, **more: object) -> dict[str, object]:
    """Keyword arguments with underscores for librdkafka's dots."""
    return {
        "bootstrap.servers": scenario.bootstrap,
        "client.id": "conformance",
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 500,
        "topic.metadata.refresh.fast.interval.ms": 50,
        "topic.metadata.propagation.max.ms": 2_000,
        "broker.address.family": "v4",
        **{name.replace("_", "."): value for name, value in more.items()},
    }


def make_admin(scenario: Scenario) -> AdminClient:
    return AdminClient(settings(scenario))


def make_producer(scenario: Scenario, **more: object) -> Producer:
    return Producer(settings(scenario, linger_ms=0, **more))


def make_consumer(scenario: Scenario, **more: object) -> Consumer:
    defaults: dict[str, object] = {
        "group_id": scenario.name("reader"),
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "fetch_wait_max_ms": 100,
        "fetch_error_backoff_ms": 50,
    }
    return Consumer(settings(scenario, **{**defaults, **more}))


@contextmanager
def open_consumer(scenario: Scenario, **more: object) -> Iterator[Consumer]:
    consumer = make_consumer(scenario, **more)
    try:
        yield consumer
    finally:
        consumer.close()


def create_topic(scenario: Scenario, topic: str, partitions: int) -> None:
    """Topics of the suite keep records whatever their timestamps say. Returns when each partition's leader answers."""
    admin = make_admin(scenario)
    wanted = NewTopic(topic, partitions, -1, config={"retention.ms": "-1"})
    admin.create_topics([wanted])[topic].result(30)
    leaders_answer(scenario, topic, partitions)


def leaders_answer(scenario: Scenario, topic: str, partitions: int) -> None:
    """Metadata may name a leader a moment before it answers."""
    last: list[KafkaException] = []

    def answer() -> bool:
        try:
            return len(ends(scenario, topic, partitions)) == partitions
        except KafkaException as failure:
            last[:] = [failure]
            return False

    until(f"all {partitions} partitions of {topic} answer", answer, detail=lambda: last)


def ends(
    scenario: Scenario, topic: str, partitions: int, spec: OffsetSpec = OffsetSpec.latest()
) -> dict[int, int]:
    """The end offset by partition, or another that the specification names."""
    admin = make_admin(scenario)
    futures = admin.list_offsets({TopicPartition(topic, at): spec for at in range(partitions)})
    return {at.partition: future.result(30).offset for at, future in futures.items()}


def produce_rows(producer: Producer, topic: str, rows: list[Row]) -> list[Message]:
    """Sends the rows and returns the reports of their delivery, in the order of the rows."""
    reports: dict[int, Message] = {}
    for index, row in enumerate(rows):

        def delivered(error: KafkaError | None, message: Message, index: int = index) -> None:
            assert error is None, f"row {index}: {error}"
            reports[index] = message

        producer.produce(
            topic,
            row.value,
            row.key,
            row.partition,
            on_delivery=delivered,
            timestamp=row.timestamp_ms,
            headers=list(row.headers),
        )
        producer.poll(0)
    assert producer.flush(30) == 0, "records are not delivered"
    return [reports[index] for index in range(len(rows))]


def to_row(message: Message) -> ReadRow:
    kind, timestamp_ms = message.timestamp()
    assert kind == TIMESTAMP_CREATE_TIME, f"the timestamp's kind is {kind}"
    return ReadRow(
        partition=message.partition(),
        key=message.key(),
        value=message.value(),
        headers=tuple(message.headers() or ()),
        timestamp_ms=timestamp_ms,
        offset=message.offset(),
    )


def read_until(consumer: Consumer, what: str, enough: Callable[[list[Message]], bool]) -> list[Message]:
    messages: list[Message] = []

    def poll() -> bool:
        for message in consumer.consume(500, 0.1):
            if message.error():
                raise KafkaException(message.error())
            messages.append(message)
        return enough(messages)

    until(what, poll, detail=lambda: f"({len(messages)} came)")
    return messages


def read_all(scenario: Scenario, topic: str, partitions: int) -> list[Message]:
    """Reads all partitions from their beginnings to their present ends."""
    total = sum(ends(scenario, topic, partitions).values())
    total -= sum(ends(scenario, topic, partitions, OffsetSpec.earliest()).values())
    with open_consumer(scenario) as consumer:
        consumer.assign([TopicPartition(topic, at, OFFSET_BEGINNING) for at in range(partitions)])
        return read_until(consumer, f"{total} records", lambda read: len(read) >= total)


def refused(code: int, what: str, work: Callable[[], object]) -> None:
    """The work fails with this error of the node."""
    try:
        work()
    except KafkaException as failure:
        error = failure.args[0]
        assert error.code() == code, (
            f"{what}: expected {KafkaError(code).name()}, got {error.name()}: {error.str()}"
        )
        return
    raise AssertionError(f"{what}: expected {KafkaError(code).name()}, but it was accepted")
