from kafka import KafkaConsumer, TopicPartition
from kafka.errors import OffsetOutOfRangeError

from common.program import Scenario, equal
from common.rows import FIRST_TIMESTAMP_MS

from .clients import create_topic, make_rows, open_consumer, open_producer, produce_rows, read_until, refused

COUNT = 100


def fill(scenario: Scenario, suffix: str = "topic") -> TopicPartition:
    """A partition whose record at offset n has the timestamp of n seconds after the first."""
    topic = scenario.name(suffix)
    create_topic(scenario, topic, 1)
    with open_producer(scenario) as producer:
        produce_rows(producer, topic, make_rows(COUNT, 1))
    return TopicPartition(topic, 0)


def produce_one(scenario: Scenario, partition: TopicPartition) -> None:
    with open_producer(scenario) as producer:
        producer.send(partition.topic, b"last").get(30)


def offset_at(consumer: KafkaConsumer, partition: TopicPartition, after_ms: int) -> int | None:
    found = consumer.offsets_for_times({partition: FIRST_TIMESTAMP_MS + after_ms})[partition]
    return None if found is None else found.offset


def seek_by_time(scenario: Scenario) -> None:
    partition = fill(scenario)
    with open_consumer(scenario) as consumer:
        consumer.assign([partition])
        equal("before the first record", offset_at(consumer, partition, -1), 0)
        equal("a record's own time", offset_at(consumer, partition, 50_000), 50)
        equal("between two records", offset_at(consumer, partition, 50_001), 51)
        equal("after the last record", offset_at(consumer, partition, COUNT * 1000), None)
        consumer.seek(partition, offset_at(consumer, partition, 70_500))
        rest = read_until(consumer, "the rest", lambda read: len(read) >= COUNT - 71)
        equal("how many follow", len(rest), COUNT - 71)
        equal("the first of them", rest[0].timestamp, FIRST_TIMESTAMP_MS + 71_000)


def seek_to_ends(scenario: Scenario) -> None:
    partition = fill(scenario)
    with open_consumer(scenario) as consumer:
        consumer.assign([partition])
        consumer.seek_to_end(partition)
        equal("the end", consumer.position(partition), COUNT)
        produce_one(scenario, partition)
        [last] = read_until(consumer, "what follows the end", lambda read: len(read) >= 1)
        equal("its offset", last.offset, COUNT)
        consumer.seek_to_beginning(partition)
        equal("the beginning", consumer.position(partition), 0)
        read = read_until(consumer, "all", lambda read: len(read) >= COUNT + 1)
        equal("the first offset", read[0].offset, 0)
        equal("the first offset, asked for", consumer.beginning_offsets([partition]), {partition: 0})


def pause_and_resume(scenario: Scenario) -> None:
    paused, other = fill(scenario, "paused"), fill(scenario, "other")
    with open_consumer(scenario) as consumer:
        consumer.assign([paused, other])
        read_until(consumer, "all", lambda read: len(read) >= 2 * COUNT)
        consumer.pause(paused)
        produce_one(scenario, paused)
        produce_one(scenario, other)
        during = read_until(consumer, "the other topic", lambda read: len(read) >= 1)
        equal("what is read while paused", {record.topic for record in during}, {other.topic})
        consumer.resume(paused)
        [late] = read_until(consumer, "what was paused", lambda read: len(read) >= 1)
        equal("its topic and offset", (late.topic, late.offset), (paused.topic, COUNT))


def offset_out_of_range(scenario: Scenario) -> None:
    """An offset beyond the end is an error, or sends the consumer where it is told to begin."""
    partition = fill(scenario)
    with open_consumer(scenario, auto_offset_reset="none") as consumer:
        consumer.assign([partition])
        consumer.seek(partition, 1000)
        refused(
            OffsetOutOfRangeError,
            "reading beyond the end",
            lambda: read_until(consumer, "an error", lambda read: False),
        )
    with open_consumer(scenario) as consumer:
        consumer.assign([partition])
        consumer.seek(partition, 1000)
        read = read_until(consumer, "records from the beginning", lambda read: len(read) >= COUNT)
        equal("the first offset", read[0].offset, 0)


CASES = {
    "seek-by-time": seek_by_time,
    "seek-to-ends": seek_to_ends,
    "pause-resume": pause_and_resume,
    "offset-out-of-range": offset_out_of_range,
}
