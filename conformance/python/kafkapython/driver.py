from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from kafka import ConsumerRebalanceListener, KafkaProducer, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import FencedInstanceIdError, KafkaError
from kafka.structs import OffsetAndMetadata

from common.driver import CommitRefused, Driver, Fenced, GroupConsumer, Membership, Sender
from common.program import Scenario

from .clients import create_topic, ends, make_consumer, open_admin, open_producer, read_all


class PythonSender(Sender):
    def __init__(self, producer: KafkaProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic

    def send(self, partition: int, value: bytes, done: Callable[[object], None]) -> None:
        future = self._producer.send(self._topic, value, partition=partition)
        future.add_callback(lambda _: done(None))
        future.add_errback(done)

    def poll(self) -> None:
        pass  # The client has a thread of its own.

    def flush(self) -> None:
        self._producer.flush(120)


class Listener(ConsumerRebalanceListener):
    def __init__(self, membership: Membership) -> None:
        self._membership = membership

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._membership.gained([each.partition for each in assigned])

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._membership.revoked([each.partition for each in revoked])

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        self._membership.lost([each.partition for each in lost])


# A poll that ends while a rebalance goes on may lose it: kafka-python 3.0 has its assignment then, takes it not over,
# sends no heartbeats, and does not join again. On a busy machine 100 ms were too short for that.
POLL_MS = 1_000


class PythonConsumer(GroupConsumer):
    def __init__(self, scenario: Scenario, membership: Membership) -> None:
        self._topic = membership.topic
        assignor = CooperativeStickyAssignor if membership.cooperative else RangePartitionAssignor
        self._consumer = make_consumer(
            scenario,
            group_id=membership.group,
            group_instance_id=membership.instance_id,
            partition_assignment_strategy=(assignor,),
            heartbeat_interval_ms=200,
            session_timeout_ms=10_000,
        )
        self._consumer.subscribe([membership.topic], listener=Listener(membership))

    def poll(self) -> Iterator[tuple[int, int]]:
        try:
            batches = self._consumer.poll(POLL_MS)
        except FencedInstanceIdError as fenced:
            raise Fenced(fenced) from fenced
        for partition, records in batches.items():
            for record in records:
                yield partition.partition, record.offset

    def commit(self, offsets: dict[int, int]) -> None:
        wanted = {
            TopicPartition(self._topic, at): OffsetAndMetadata(next_, "", -1) for at, next_ in offsets.items()
        }
        try:
            self._consumer.commit(wanted, timeout_ms=30_000)
        except FencedInstanceIdError as fenced:
            raise Fenced(fenced) from fenced
        except KafkaError as refused:
            raise CommitRefused(repr(refused)) from refused

    def close(self) -> None:
        self._consumer.close(autocommit=False)


class PythonDriver(Driver):
    def create_topic(self, scenario: Scenario, topic: str, partitions: int) -> None:
        create_topic(scenario, topic, partitions)

    @contextmanager
    def sender(self, scenario: Scenario, topic: str) -> Iterator[Sender]:
        with open_producer(scenario, enable_idempotence=True, acks="all") as producer:
            yield PythonSender(producer, topic)

    def consumer(self, scenario: Scenario, membership: Membership) -> GroupConsumer:
        return PythonConsumer(scenario, membership)

    def committed(self, scenario: Scenario, group: str, topic: str) -> dict[int, int]:
        with open_admin(scenario) as admin:
            offsets = admin.list_group_offsets({group: None})[group]
            return {at.partition: each.offset for at, each in offsets.items() if at.topic == topic}

    def ends(self, scenario: Scenario, topic: str, partitions: int) -> dict[int, int]:
        return ends(scenario, topic, partitions)

    def read_values(self, scenario: Scenario, topic: str, partitions: int) -> dict[int, list[bytes]]:
        values: dict[int, list[bytes]] = {partition: [] for partition in range(partitions)}
        for record in read_all(scenario, topic, partitions):
            values[record.partition].append(record.value)
        return values
