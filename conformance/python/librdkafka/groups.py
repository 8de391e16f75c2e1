from confluent_kafka import ConsumerGroupState, ConsumerGroupTopicPartitions, KafkaError, TopicPartition

from common.group_cases import PARTITIONS, all_end, group_cases, send_round
from common.kill_case import kill
from common.ledger import Ledger
from common.member import Member
from common.program import Scenario, equal, until

from .clients import make_admin, refused
from .driver import LibrdkafkaDriver

DRIVER = LibrdkafkaDriver()


def administer(scenario: Scenario) -> None:
    """The admin client sees a group with its members, empty, and deleted; while it has members it can't be deleted."""
    topic, group = scenario.name("topic"), scenario.name("group")
    DRIVER.create_topic(scenario, topic, PARTITIONS)
    with DRIVER.sender(scenario, topic) as sender:
        send_round(sender)
    ledger = Ledger()
    member = Member(DRIVER, scenario, ledger, "member")
    until("the round is committed", lambda: ledger.committed_count() == PARTITIONS)
    admin = make_admin(scenario)
    listed = [each for each in admin.list_consumer_groups().result(30).valid if each.group_id == group]
    equal("how it is listed", [each.state for each in listed], [ConsumerGroupState.STABLE])

    def describe():
        return admin.describe_consumer_groups([group])[group].result(30)

    def delete() -> None:
        admin.delete_consumer_groups([group])[group].result(30)

    described = describe()
    equal("its state", described.state, ConsumerGroupState.STABLE)
    equal("its assignor", described.partition_assignor, "range")
    [only] = described.members
    equal("the client", only.client_id, "conformance")
    assigned = sorted(each.partition for each in only.assignment.topic_partitions)
    equal("its partitions", assigned, list(range(PARTITIONS)))
    refused(KafkaError.NON_EMPTY_GROUP, "deleting a group with members", delete)
    member.stop()

    until("the group is empty", lambda: describe().state == ConsumerGroupState.EMPTY)
    request = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 0)])
    admin.alter_consumer_group_offsets([request])[group].result(30)
    equal("the altered offsets", DRIVER.committed(scenario, group, topic), {**all_end(1), 0: 0})
    delete()
    equal("offsets left", DRIVER.committed(scenario, group, topic), {})
    refused(KafkaError.GROUP_ID_NOT_FOUND, "once more", delete)


CASES = {
    **group_cases(DRIVER),
    "group-admin": administer,
    "kill-9": lambda scenario: kill(DRIVER, scenario),
}
