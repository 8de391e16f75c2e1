from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from .program import Scenario


class CommitRefused(Exception):
    """The group moved on, or the node did not answer: what was processed may be processed again."""


class Sender(ABC):
    """Sends to one topic with acks=all."""

    @abstractmethod
    def send(self, partition: int, value: bytes, done: Callable[[object], None]) -> None:
        """Calls `done` with the error, or None when all replicas have the record. Waits while the buffer is full."""

    @abstractmethod
    def poll(self) -> None:
        """Gives the client a moment to call `done`."""

    @abstractmethod
    def flush(self) -> None:
        """Returns when every record is done."""


@dataclass
class Membership:
    group: str
    topic: str
    gained: Callable[[Iterable[int]], None]
    # Called before they are given up: what was processed can still be committed.
    revoked: Callable[[Iterable[int]], None]
    # Called when they are gone already.
    lost: Callable[[Iterable[int]], None]
    cooperative: bool = False
    instance_id: str | None = None


class GroupConsumer(ABC):
    @abstractmethod
    def poll(self) -> Iterator[tuple[int, int]]:
        """The partition and offset of each record that came within a moment. Raises Fenced."""

    @abstractmethod
    def commit(self, offsets: dict[int, int]) -> None:
        """Raises CommitRefused."""

    @abstractmethod
    def close(self) -> None: ...


class Fenced(Exception):
    """Another member took this one's instance id."""


class Driver(ABC):
    """What a client does for the scenarios that the clients share."""

    @abstractmethod
    def create_topic(self, scenario: Scenario, topic: str, partitions: int) -> None: ...

    @abstractmethod
    def sender(self, scenario: Scenario, topic: str) -> AbstractContextManager[Sender]: ...

    @abstractmethod
    def consumer(self, scenario: Scenario, membership: Membership) -> GroupConsumer: ...

    @abstractmethod
    def committed(self, scenario: Scenario, group: str, topic: str) -> dict[int, int]: ...

    @abstractmethod
    def ends(self, scenario: Scenario, topic: str, partitions: int) -> dict[int, int]: ...

    @abstractmethod
    def read_values(self, scenario: Scenario, topic: str, partitions: int) -> dict[int, list[bytes]]:
        """By partition: all values from the beginning to the present end."""
