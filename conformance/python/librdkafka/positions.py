from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, KafkaError, TopicPartition

from common.program import Scenario, equal
from common.rows import FIRST_TIMESTAMP_MS, make_rows

from .clients import create_topic, make_producer, open_consumer, produce_rows, read_until, refused

COUNT = 100


def fill(scenario: Scenario, suffix: str = "topic") -> str:
    """A topic of one partition, whose record at offset n has the timestamp of n seconds after the first."""
    topic = scenario.name(suffix)
    create_topic(scenario, topic, 1)
    produce_rows(make_producer(scenario), topic, make_rows(COUNT, 1))
    return topic


def produce_one(scenario: Scenario, topic: str) -> None:
    producer = make_producer(scenario)
    producer.produce(topic, b"last")
    equal("not delivered", producer.flush(30), 0)


def offset_at(consumer: Consumer, topic: str, after_ms: int) -> int:
    [found] = consumer.offsets_for_times([TopicPartition(topic, 0, FIRST_TIMESTAMP_MS + after_ms)], 30)
    return found.offset


def seek_by_time(scenario: Scenario) -> None:
    topic = fill(scenario)
    with open_consumer(scenario) as consumer:
        equal("before the first record", offset_at(consumer, topic, -1), 0)
        equal("a record's own time", offset_at(consumer, topic, 50_000), 50)
        equal("between two records", offset_at(consumer, topic, 50_001), 51)
        equal("after the last record", offset_at(consumer, topic, COUNT * 1000), OFFSET_END)
        consumer.assign([TopicPartition(topic, 0, offset_at(consumer, topic, 70_500))])
        rest = read_until(consumer, "the rest", lambda read: len(read) >= COUNT - 71)
        equal("how many follow", len(rest), COUNT - 71)
        equal("the first of them", rest[0].timestamp()[1], FIRST_TIMESTAMP_MS + 71_000)


def seek_to_ends(scenario: Scenario) -> None:
    topic = fill(scenario)
    with open_consumer(scenario) as consumer:
        equal("the ends", consumer.get_watermark_offsets(TopicPartition(topic, 0), 30), (0, COUNT))
        consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        read_until(consumer, "all", lambda read: len(read) >= COUNT)
        consumer.seek(TopicPartition(topic, 0, 40))
        some = read_until(consumer, "some again", lambda read: len(read) >= COUNT - 40)
        equal("the offset sought", some[0].offset(), 40)
        consumer.seek(TopicPartition(topic, 0, COUNT))
        produce_one(scenario, topic)
        [last] = read_until(consumer, "what follows the end", lambda read: len(read) >= 1)
        equal("its offset", last.offset(), COUNT)


def pause_and_resume(scenario: Scenario) -> None:
    paused, other = fill(scenario, "paused"), fill(scenario, "other")
    with open_consumer(scenario) as consumer:
        consumer.assign(
            [TopicPartition(paused, 0, OFFSET_BEGINNING), TopicPartition(other, 0, OFFSET_BEGINNING)]
        )
        read_until(consumer, "all", lambda read: len(read) >= 2 * COUNT)
        consumer.pause([TopicPartition(paused, 0)])
        produce_one(scenario, paused)
        produce_one(scenario, other)
        during = read_until(consumer, "the other topic", lambda read: len(read) >= 1)
        equal("what is read while paused", {message.topic() for message in during}, {other})
        consumer.resume([TopicPartition(paused, 0)])
        [late] = read_until(consumer, "what was paused", lambda read: len(read) >= 1)
        equal("its topic and offset", (late.topic(), late.offset()), (paused, COUNT))


def offset_out_of_range(scenario: Scenario) -> None:
    """An offset beyond the end is an error, or sends the consumer where it is told to begin."""
    topic = fill(scenario)
    beyond = [TopicPartition(topic, 0, 1000)]
    with open_consumer(scenario, auto_offset_reset="error") as consumer:
        consumer.assign(beyond)
        refused(
            KafkaError._AUTO_OFFSET_RESET,
            "reading beyond the end",
            lambda: read_until(consumer, "an error", lambda read: False),
        )
    with open_consumer(scenario) as consumer:
        consumer.assign(beyond)
        read = read_until(consumer, "records from the beginning", lambda read: len(read) >= COUNT)
        equal("the first offset", read[0].offset(), 0)


CASES = {
    "seek-by-time": seek_by_time,
    "seek-to-ends": seek_to_ends,
    "pause-resume": pause_and_resume,
    "offset-out-of-range": offset_out_of_range,
}
