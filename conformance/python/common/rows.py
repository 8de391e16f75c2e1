from collections.abc import Iterable
from dataclasses import dataclass

from .program import equal

# 2023-11-14: old enough that a node which puts its own time in place of the client's is found out.
FIRST_TIMESTAMP_MS = 1_700_000_000_000


@dataclass(frozen=True)
class Row:
    """One record, as it is sent and as it must come back. A value of None is a tombstone."""

    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    timestamp_ms: int


@dataclass(frozen=True)
class ReadRow(Row):
    offset: int


def make_rows(count: int, partitions: int) -> list[Row]:
    """
    Records of every shape, the same in each run: without key, tombstones, empty values, headers that repeat a name or
    are empty or null, and one value of 200 KB that does not compress.
    """
    return [
        Row(
            partition=index % partitions,
            key=None if index % 5 == 4 else f"key-{index}".encode(),
            value=_value(index),
            headers=_headers(index),
            timestamp_ms=FIRST_TIMESTAMP_MS + index * 1000,
        )
        for index in range(count)
    ]


def _value(index: int) -> bytes | None:
    if index == 50:
        return noise(200_000)
    if index % 7 == 6:
        return None
    if index % 11 == 10:
        return b""
    return f"value-{index} ".encode() * (1 + index % 13)


def _headers(index: int) -> tuple[tuple[str, bytes | None], ...]:
    if index % 3 != 0:
        return ()
    return (
        ("trace", f"trace-{index}".encode()),
        ("trace", b"again"),
        ("empty", b""),
        ("null", None),
        ("bytes", bytes([0, 255, 128, index % 256])),
    )


def noise(size: int) -> bytes:
    """Bytes that don't compress, by a linear congruential generator."""
    out = bytearray(size)
    state = 1
    for index in range(size):
        state = (state * 1_103_515_245 + 12_345) & 0xFFFFFFFF
        out[index] = state >> 24
    return bytes(out)


def assert_same(read: Iterable[ReadRow], sent: Iterable[Row]) -> None:
    """Every partition holds exactly the rows sent to it, in that order, at offsets without a gap from zero."""
    read, sent = list(read), list(sent)
    equal("how many records came", len(read), len(sent))
    for partition in sorted({row.partition for row in sent}):
        expected = [row for row in sent if row.partition == partition]
        actual = [row for row in read if row.partition == partition]
        equal(f"records in partition {partition}", len(actual), len(expected))
        for index, (got, want) in enumerate(zip(actual, expected)):
            wanted = ReadRow(**vars(want), offset=index)
            equal(f"record {index} of partition {partition}", got, wanted)
