from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import AlterConfigOp, ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import (
    InvalidPartitionsError,
    OffsetOutOfRangeError,
    UnknownTopicOrPartitionError,
)

from common.program import Scenario, equal, until

from .clients import (
    create_topic,
    ends,
    leaders_answer,
    make_rows,
    open_admin,
    open_producer,
    produce_rows,
    read_all,
    refused,
)


def config(admin: KafkaAdminClient, kind: str, of: str, name: str) -> dict:
    resource = ConfigResource(ConfigResourceType[kind], of, [name])
    return admin.describe_configs([resource], include_synonyms=True, config_filter="all")[kind.lower()][of][
        name
    ]


def becomes(admin: KafkaAdminClient, topic: str, name: str, value: str, source: str) -> None:
    """A change may be acknowledged a moment before it is seen."""

    def seen() -> tuple[object, object]:
        entry = config(admin, "TOPIC", topic, name)
        return entry["value"], entry["config_source"]

    until(f"{name} is {value} by {source}", lambda: seen() == (value, source), detail=seen)


def create_and_describe(scenario: Scenario) -> None:
    topic = scenario.name("topic")
    configs = {"cleanup.policy": "compact", "segment.bytes": "2097152"}
    wanted = {topic: {"num_partitions": 5, "replication_factor": 1, "configs": configs}}
    with open_admin(scenario) as admin:
        admin.create_topics(wanted, validate_only=True)
        assert topic not in admin.list_topics(), "validating creates nothing"
        admin.create_topics(wanted, wait_for_metadata=True)
        assert topic in admin.list_topics(), "the topic is listed"
        cluster = admin.describe_cluster()
        [node] = [broker["broker_id"] for broker in cluster["brokers"]]
        [described] = admin.describe_topics([topic])
        equal(
            "the partitions",
            {
                each["partition_index"]: (each["leader_id"], each["replica_nodes"], each["isr_nodes"])
                for each in described["partitions"]
            },
            {at: (node, [node], [node]) for at in range(5)},
        )
        becomes(admin, topic, "segment.bytes", "2097152", "DYNAMIC_TOPIC_CONFIG")


def alter(admin: KafkaAdminClient, topic: str, name: str, how: AlterConfigOp, value: str | None) -> str:
    """Returns what became of it: OK, or an error as text."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, {name: (how, value)})
    return admin.alter_configs([resource], raise_on_unknown=False)["topic"][topic]


def configs(scenario: Scenario) -> None:
    topic = scenario.name("topic")
    create_topic(scenario, topic, 1)
    set_on_topic, default = "DYNAMIC_TOPIC_CONFIG", "DEFAULT_CONFIG"
    with open_admin(scenario) as admin:
        alter(admin, topic, "max.message.bytes", AlterConfigOp.SET, "20000")
        becomes(admin, topic, "max.message.bytes", "20000", set_on_topic)
        becomes(admin, topic, "retention.ms", "-1", set_on_topic)
        alter(admin, topic, "cleanup.policy", AlterConfigOp.APPEND, "compact")
        becomes(admin, topic, "cleanup.policy", "delete,compact", set_on_topic)
        alter(admin, topic, "cleanup.policy", AlterConfigOp.SUBTRACT, "delete")
        becomes(admin, topic, "cleanup.policy", "compact", set_on_topic)
        admin.reset_configs([ConfigResource(ConfigResourceType.TOPIC, topic, ["max.message.bytes"])])
        becomes(admin, topic, "max.message.bytes", "1048588", default)
        for what, name, value in [
            ("an unknown config", "no.such.config", "1"),
            ("a bad value", "segment.bytes", "small"),
        ]:
            outcome = alter(admin, topic, name, AlterConfigOp.SET, value)
            assert "InvalidConfigurationError" in outcome, f"{what}: {outcome}"
        [broker] = admin.describe_cluster()["brokers"]
        node = str(broker["broker_id"])
        entry = config(admin, "BROKER", node, "node.id")
        equal("node.id", (entry["value"], entry["read_only"]), (node, True))


def add_partitions(scenario: Scenario) -> None:
    topic = scenario.name("topic")
    create_topic(scenario, topic, 2)
    with open_admin(scenario) as admin:
        admin.create_partitions({topic: 5})
        leaders_answer(scenario, topic, 5)
        refused(InvalidPartitionsError, "fewer partitions", lambda: admin.create_partitions({topic: 3}))
        missing = scenario.name("missing")
        refused(
            UnknownTopicOrPartitionError,
            "a topic that is not there",
            lambda: admin.create_partitions({missing: 3}),
        )
    with open_producer(scenario) as producer:
        produce_rows(producer, topic, make_rows(10, 5))
    equal("records", len(read_all(scenario, topic, 5)), 10)


def delete_records(scenario: Scenario) -> None:
    topic = scenario.name("topic")
    first, second = TopicPartition(topic, 0), TopicPartition(topic, 1)
    create_topic(scenario, topic, 2)
    with open_producer(scenario) as producer:
        produce_rows(producer, topic, make_rows(40, 2))
    with open_admin(scenario) as admin:
        deleted = admin.delete_records({first: 7, second: -1})
        equal("the low watermarks", [deleted[at]["low_watermark"] for at in (first, second)], [7, 20])
        equal("the beginnings", ends(scenario, topic, 2, OffsetSpec.EARLIEST), {0: 7, 1: 20})
        left = read_all(scenario, topic, 2)
        equal("what is left", (len(left), left[0].partition, left[0].offset), (13, 0, 7))
        refused(OffsetOutOfRangeError, "beyond the end", lambda: admin.delete_records({first: 21}))


def delete_topic(scenario: Scenario) -> None:
    topic = scenario.name("topic")
    create_topic(scenario, topic, 3)
    with open_producer(scenario) as producer:
        produce_rows(producer, topic, make_rows(30, 3))
    with open_admin(scenario) as admin:
        admin.delete_topics([topic])
        until("the topic is gone", lambda: topic not in admin.list_topics())
        refused(UnknownTopicOrPartitionError, "once more", lambda: admin.delete_topics([topic]))
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
