from confluent_kafka import KafkaError, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from common.program import Scenario, equal, until
from common.rows import make_rows

from .clients import (
    create_topic,
    ends,
    leaders_answer,
    make_admin,
    make_producer,
    produce_rows,
    read_all,
    refused,
)


def topic_resource(topic: str) -> ConfigResource:
    return ConfigResource(ResourceType.TOPIC, topic)


def config(admin: AdminClient, resource: ConfigResource, name: str) -> ConfigEntry:
    return admin.describe_configs([resource])[resource].result(30)[name]


def create_and_describe(scenario: Scenario) -> None:
    topic = scenario.name("topic")
    admin = make_admin(scenario)
    wanted = NewTopic(topic, 5, 1, config={"cleanup.policy": "compact", "segment.bytes": "2097152"})
    admin.create_topics([wanted], validate_only=True)[topic].result(30)
    assert topic not in admin.list_topics(timeout=30).topics, "validating creates nothing"
    admin.create_topics([wanted])[topic].result(30)
    until("the topic is listed", lambda: topic in admin.list_topics(timeout=30).topics)
    metadata = admin.list_topics(topic, timeout=30)
    node = metadata.controller_id
    partitions = metadata.topics[topic].partitions
    equal(
        "the partitions",
        {at: (each.leader, each.replicas, each.isrs) for at, each in partitions.items()},
        {at: (node, [node], [node]) for at in range(5)},
    )
    becomes(admin, topic_resource(topic), "segment.bytes", "2097152", ConfigSource.DYNAMIC_TOPIC_CONFIG)
    equal("the cluster's brokers", [each.id for each in admin.describe_cluster().result(30).nodes], [node])


def alter(
    admin: AdminClient, kind: ResourceType, of: str, name: str, value: str | None, how: AlterConfigOpType
) -> None:
    entry = ConfigEntry(name, value, incremental_operation=how)
    resource = ConfigResource(kind, of, incremental_configs=[entry])
    admin.incremental_alter_configs([resource])[resource].result(30)


def becomes(
    admin: AdminClient, resource: ConfigResource, name: str, value: str, source: ConfigSource
) -> None:
    """A change may be acknowledged a moment before it is seen."""
    expected = (value, source.value)

    def seen() -> tuple[str, int]:
        entry = config(admin, resource, name)
        return entry.value, entry.source

    until(f"{name} is {expected}", lambda: seen() == expected, detail=seen)


def configs(scenario: Scenario) -> None:
    topic = scenario.name("topic")
    create_topic(scenario, topic, 1)
    admin = make_admin(scenario)
    kind, of = ResourceType.TOPIC, topic
    resource = topic_resource(topic)
    set_on_topic, default = ConfigSource.DYNAMIC_TOPIC_CONFIG, ConfigSource.DEFAULT_CONFIG
    alter(admin, kind, of, "max.message.bytes", "20000", AlterConfigOpType.SET)
    becomes(admin, resource, "max.message.bytes", "20000", set_on_topic)
    synonyms = config(admin, resource, "max.message.bytes").synonyms.values()
    equal("its synonyms", [each.value for each in synonyms], ["20000", "1048588"])
    becomes(admin, resource, "retention.ms", "-1", set_on_topic)
    alter(admin, kind, of, "cleanup.policy", "compact", AlterConfigOpType.APPEND)
    becomes(admin, resource, "cleanup.policy", "delete,compact", set_on_topic)
    alter(admin, kind, of, "cleanup.policy", "delete", AlterConfigOpType.SUBTRACT)
    becomes(admin, resource, "cleanup.policy", "compact", set_on_topic)
    alter(admin, kind, of, "max.message.bytes", None, AlterConfigOpType.DELETE)
    becomes(admin, resource, "max.message.bytes", "1048588", default)
    for what, name, value in [
        ("an unknown config", "no.such.config", "1"),
        ("a bad value", "segment.bytes", "small"),
    ]:
        refused(
            KafkaError.INVALID_CONFIG,
            what,
            lambda: alter(admin, kind, of, name, value, AlterConfigOpType.SET),
        )

    # The older request replaces all: what is left out is back at its default.
    replacing = ConfigResource(ResourceType.TOPIC, topic, set_config={"max.message.bytes": "30000"})
    admin.alter_configs([replacing])[replacing].result(30)
    becomes(admin, resource, "max.message.bytes", "30000", set_on_topic)
    becomes(admin, resource, "retention.ms", "604800000", default)

    node = str(admin.list_topics(timeout=30).controller_id)
    broker_config = config(admin, ConfigResource(ResourceType.BROKER, node), "node.id")
    equal("node.id", (broker_config.value, broker_config.is_read_only), (node, True))


def add_partitions(scenario: Scenario) -> None:
    topic = scenario.name("topic")
    create_topic(scenario, topic, 2)
    admin = make_admin(scenario)

    def grow(name: str, count: int) -> None:
        admin.create_partitions([NewPartitions(name, count)])[name].result(30)

    grow(topic, 5)
    leaders_answer(scenario, topic, 5)
    refused(KafkaError.INVALID_PARTITIONS, "fewer partitions", lambda: grow(topic, 3))
    refused(
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        "a topic that is not there",
        lambda: grow(scenario.name("missing"), 3),
    )
    produce_rows(make_producer(scenario), topic, make_rows(10, 5))
    equal("records", len(read_all(scenario, topic, 5)), 10)


def delete_records(scenario: Scenario) -> None:
    topic = scenario.name("topic")
    create_topic(scenario, topic, 2)
    produce_rows(make_producer(scenario), topic, make_rows(40, 2))
    admin = make_admin(scenario)

    def delete(*offsets: int) -> list[int]:
        wanted = [TopicPartition(topic, at, offset) for at, offset in enumerate(offsets)]
        return [future.result(30).low_watermark for future in admin.delete_records(wanted).values()]

    equal("the low watermarks", delete(7, -1), [7, 20])
    equal("the beginnings", ends(scenario, topic, 2, OffsetSpec.earliest()), {0: 7, 1: 20})
    left = read_all(scenario, topic, 2)
    equal("what is left", (len(left), left[0].partition(), left[0].offset()), (13, 0, 7))
    refused(KafkaError.OFFSET_OUT_OF_RANGE, "beyond the end", lambda: delete(21))


def delete_topic(scenario: Scenario) -> None:
    topic = scenario.name("topic")
    create_topic(scenario, topic, 3)
    produce_rows(make_producer(scenario), topic, make_rows(30, 3))
    admin = make_admin(scenario)
    admin.delete_topics([topic])[topic].result(30)
    until("the topic is gone", lambda: topic not in admin.list_topics(timeout=30).topics)
    refused(
        KafkaError.UNKNOWN_TOPIC_OR_PART, "once more", lambda: admin.delete_topics([topic])[topic].result(30)
    )
    # The name can be used again, and nothing of the old records is left.
    create_topic(scenario, topic, 1)
    equal("its end", ends(scenario, topic, 1), {0: 0})


CASES = {
    "create-topic": create_and_describe,
    "configs": configs,
    "add-partitions": add_partitions,
    "delete-records": delete_records,
    "delete-topic": delete_topic,
}
