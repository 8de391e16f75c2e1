"""Producers, consumers and topics as the cases want them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import OffsetSpec
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaError

from common.program import Scenario, equal, until
from common.rows import ReadRow, Row
from common.rows import make_rows as rows_of_every_shape


def settings(scenario: Scenario) -> dict[str, object]:
    return {
        "bootstrap_servers": scenario.bootstrap,
        "client_id": "conformance",
        "reconnect_backoff_ms": 50,
        "reconnect_backoff_max_ms": 500,
        "retry_backoff_ms": 50,
    }


@contextmanager
def open_admin(scenario: Scenario) -> Iterator[KafkaAdminClient]:
    admin = KafkaAdminClient(**settings(scenario))
    try:
        yield admin
    finally:
        admin.close()


@contextmanager
def open_producer(scenario: Scenario, **more: object) -> Iterator[KafkaProducer]:
    producer = KafkaProducer(**settings(scenario), **more)
    try:
        yield producer
    finally:
        producer.close()


def make_consumer(scenario: Scenario, **more: object) -> KafkaConsumer:
    defaults: dict[str, object] = {
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "fetch_max_wait_ms": 100,
    }
    return KafkaConsumer(**settings(scenario), **{**defaults, **more})


@contextmanager
def open_consumer(scenario: Scenario, **more: object) -> Iterator[KafkaConsumer]:
    consumer = make_consumer(scenario, **more)
    try:
        yield consumer
    finally:
        consumer.close()


def create_topic(scenario: Scenario, topic: str, partitions: int) -> None:
    """Topics of the suite keep records whatever their timestamps say. Returns when each partition's leader answers."""
    wanted = {"num_partitions": partitions, "replication_factor": -1, "configs": {"retention.ms": "-1"}}
    with open_admin(scenario) as admin:
        admin.create_topics({topic: wanted}, wait_for_metadata=True)
    leaders_answer(scenario, topic, partitions)


def leaders_answer(scenario: Scenario, topic: str, partitions: int) -> None:
    """Metadata may name a leader a moment before it answers."""
    last: list[KafkaError] = []

    def answer() -> bool:
        try:
            return len(ends(scenario, topic, partitions)) == partitions
        except KafkaError as failure:
            last[:] = [failure]
            return False

    until(f"all {partitions} partitions of {topic} answer", answer, detail=lambda: last)


def ends(
    scenario: Scenario, topic: str, partitions: int, spec: OffsetSpec = OffsetSpec.LATEST
) -> dict[int, int]:
    """The end offset by partition, or another that the specification names."""
    with open_admin(scenario) as admin:
        found = admin.list_partition_offsets({TopicPartition(topic, at): spec for at in range(partitions)})
        return {at.partition: offset.offset for at, offset in found.items()}


def make_rows(count: int, partitions: int) -> list[Row]:
    """This client sends no headers without a value, and no records without both key and value."""
    rows = rows_of_every_shape(count, partitions)
    return [
        replace(
            row,
            value=b"" if row.key is None and row.value is None else row.value,
            headers=tuple((name, value) for name, value in row.headers if value is not None),
        )
        for row in rows
    ]


def produce_rows(producer: KafkaProducer, topic: str, rows: list[Row]) -> list[int]:
    """Sends the rows and returns the offsets that the node gave them, in the order of the rows."""
    futures = [
        producer.send(
            topic,
            value=row.value,
            key=row.key,
            headers=list(row.headers),
            partition=row.partition,
            timestamp_ms=row.timestamp_ms,
        )
        for row in rows
    ]
    producer.flush(30)
    return [future.get(30).offset for future in futures]


def to_row(record: ConsumerRecord) -> ReadRow:
    equal("the timestamp's type", record.timestamp_type, 0)
    return ReadRow(
        partition=record.partition,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers),
        timestamp_ms=record.timestamp,
        offset=record.offset,
    )


def read_until(
    consumer: KafkaConsumer, what: str, enough: Callable[[list[ConsumerRecord]], bool]
) -> list[ConsumerRecord]:
    records: list[ConsumerRecord] = []

    def poll() -> bool:
        for batch in consumer.poll(100).values():
            records.extend(batch)
        return enough(records)

    until(what, poll, detail=lambda: f"({len(records)} came)")
    return records


def read_all(scenario: Scenario, topic: str, partitions: int) -> list[ConsumerRecord]:
    """Reads all partitions from their beginnings to their present ends."""
    targets = [TopicPartition(topic, at) for at in range(partitions)]
    with open_consumer(scenario) as consumer:
        consumer.assign(targets)
        consumer.seek_to_beginning(*targets)
        until_ends = consumer.end_offsets(targets)
        return read_until(
            consumer,
            f"all of {topic}",
            lambda _: all(consumer.position(at) >= end for at, end in until_ends.items()),
        )


def refused(error: type[KafkaError], what: str, work: Callable[[], object]) -> None:
    """The work fails with this error of the node."""
    try:
        work()
    except error:
        return
    except KafkaError as other:
        raise AssertionError(f"{what}: expected {error.__name__}, got {other!r}") from other
    raise AssertionError(f"{what}: expected {error.__name__}, but it was accepted")
