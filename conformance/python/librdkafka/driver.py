from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition

from common.driver import CommitRefused, Driver, Fenced, GroupConsumer, Membership, Sender
from common.program import Scenario

from .clients import create_topic, ends, make_admin, make_consumer, make_producer, read_all


class LibrdkafkaSender(Sender):
    def __init__(self, scenario: Scenario, topic: str) -> None:
        self._topic = topic
        self._producer = make_producer(scenario, enable_idempotence=True, message_timeout_ms=120_000)

    def send(self, partition: int, value: bytes, done: Callable[[object], None]) -> None:
        self._producer.produce(
            self._topic, value, partition=partition, on_delivery=lambda error, _: done(error)
        )
        self._producer.poll(0)

    def poll(self) -> None:
        self._producer.poll(0)

    def flush(self) -> None:
        assert self._producer.flush(120) == 0, "records are not delivered"


class LibrdkafkaConsumer(GroupConsumer):
    def __init__(self, scenario: Scenario, membership: Membership) -> None:
        self._topic = membership.topic
        more: dict[str, object] = (
            {"group_instance_id": membership.instance_id} if membership.instance_id else {}
        )
        self._consumer = make_consumer(
            scenario,
            group_id=membership.group,
            partition_assignment_strategy="cooperative-sticky" if membership.cooperative else "range",
            heartbeat_interval_ms=200,
            session_timeout_ms=10_000,
            **more,
        )

        def numbers(partitions: Iterable[TopicPartition]) -> list[int]:
            return [each.partition for each in partitions]

        self._consumer.subscribe(
            [membership.topic],
            on_assign=lambda _, partitions: membership.gained(numbers(partitions)),
            on_revoke=lambda _, partitions: membership.revoked(numbers(partitions)),
            on_lost=lambda _, partitions: membership.lost(numbers(partitions)),
        )

    def poll(self) -> Iterator[tuple[int, int]]:
        for message in self._consumer.consume(500, 0.1):
            error = message.error()
            if error is None:
                yield message.partition(), message.offset()
            elif error.code() == KafkaError._FATAL or error.code() == KafkaError.FENCED_INSTANCE_ID:
                raise Fenced(error)
            else:
                print("consumer:", error)

    def commit(self, offsets: dict[int, int]) -> None:
        wanted = [TopicPartition(self._topic, partition, offset) for partition, offset in offsets.items()]
        try:
            committed = self._consumer.commit(offsets=wanted, asynchronous=False)
        except KafkaException as refused:
            raise CommitRefused(refused) from refused
        for each in committed:
            if each.error is not None:
                raise CommitRefused(each.error)

    def close(self) -> None:
        self._consumer.close()


class LibrdkafkaDriver(Driver):
    def create_topic(self, scenario: Scenario, topic: str, partitions: int) -> None:
        create_topic(scenario, topic, partitions)

    @contextmanager
    def sender(self, scenario: Scenario, topic: str) -> Iterator[Sender]:
        sender = LibrdkafkaSender(scenario, topic)
        yield sender
        sender.flush()

    def consumer(self, scenario: Scenario, membership: Membership) -> GroupConsumer:
        return LibrdkafkaConsumer(scenario, membership)

    def committed(self, scenario: Scenario, group: str, topic: str) -> dict[int, int]:
        request = ConsumerGroupTopicPartitions(group)
        admin = make_admin(scenario)
        offsets = admin.list_consumer_group_offsets([request])[group].result(30)
        return {each.partition: each.offset for each in offsets.topic_partitions if each.topic == topic}

    def ends(self, scenario: Scenario, topic: str, partitions: int) -> dict[int, int]:
        return ends(scenario, topic, partitions)

    def read_values(self, scenario: Scenario, topic: str, partitions: int) -> dict[int, list[bytes]]:
        values: dict[int, list[bytes]] = {partition: [] for partition in range(partitions)}
        for message in read_all(scenario, topic, partitions):
            values[message.partition()].append(message.value())
        return values
