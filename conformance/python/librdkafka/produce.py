from common.program import Scenario, equal, until
from common.rows import assert_same, make_rows

from .clients import create_topic, ends, make_producer, produce_rows, read_all, to_row

PARTITIONS = 3


def produce(scenario: Scenario, count: int = 120, **settings: object) -> None:
    """Records of every shape come back as they were sent, and the node says at which offsets they are."""
    topic = scenario.name("topic")
    rows = make_rows(count, PARTITIONS)
    create_topic(scenario, topic, PARTITIONS)
    reports = produce_rows(make_producer(scenario, **settings), topic, rows)
    if settings.get("acks") != 0:
        equal(
            "the offsets",
            [report.offset() for report in reports],
            [index // PARTITIONS for index in range(count)],
        )
    each = count // PARTITIONS
    until("the records are in", lambda: set(ends(scenario, topic, PARTITIONS).values()) == {each})
    assert_same(map(to_row, read_all(scenario, topic, PARTITIONS)), rows)


CASES = {
    **{
        f"produce-{codec}": lambda scenario, codec=codec: produce(scenario, compression_type=codec)
        for codec in ("none", "gzip", "snappy", "lz4", "zstd")
    },
    "acks-0": lambda scenario: produce(scenario, 30, acks=0),
    "acks-1": lambda scenario: produce(scenario, 30, acks=1),
    "acks-all": lambda scenario: produce(scenario, 30, acks="all"),
    # Small batches, so that several are in flight to each partition.
    "idempotent-producer": lambda scenario: produce(
        scenario, 3000, enable_idempotence=True, batch_num_messages=20
    ),
}
