from kafka import TopicPartition
from kafka.admin import MemberToRemove
from kafka.errors import NoError
from kafka.structs import OffsetAndMetadata

from common.group_cases import PARTITIONS, all_end, group_cases, send_round
from common.kill_case import kill
from common.ledger import Ledger
from common.member import Member
from common.program import Scenario, equal, until

from .clients import open_admin
from .driver import PythonDriver

DRIVER = PythonDriver()


def administer(scenario: Scenario) -> None:
    """The admin client sees a group with its members, empty, and deleted; while it has members it can't be deleted."""
    topic, group = scenario.name("topic"), scenario.name("group")
    DRIVER.create_topic(scenario, topic, PARTITIONS)
    with DRIVER.sender(scenario, topic) as sender:
        send_round(sender)
    ledger = Ledger()
    member = Member(DRIVER, scenario, ledger, "member")
    until("the round is committed", lambda: ledger.committed_count() == PARTITIONS)
    with open_admin(scenario) as admin:

        def delete() -> str:
            return admin.delete_groups([group])[group]

        listed = [each for each in admin.list_groups() if each["group_id"] == group]
        equal("how it is listed", [each["group_state"] for each in listed], ["Stable"])
        described = admin.describe_groups([group])[group]
        equal(
            "its state and assignor",
            (described["group_state"], described["protocol_data"]),
            ("Stable", "range"),
        )
        [only] = described["members"]
        equal("the client", only["client_id"], "conformance")
        equal("deleting a group with members", delete(), "NonEmptyGroupError")
        gone = MemberToRemove(member_id="nobody")
        [error] = admin.remove_group_members(group, [gone]).values()
        equal("removing a member that is not there", error.__name__, "UnknownMemberIdError")
        member.stop()

        until("the group is empty", lambda: admin.describe_groups([group])[group]["group_state"] == "Empty")
        first = TopicPartition(topic, 0)
        altered = admin.alter_group_offsets(group, {first: OffsetAndMetadata(0, "by hand", -1)})
        equal("altering", altered, {first: NoError})
        equal("the altered offsets", DRIVER.committed(scenario, group, topic), {**all_end(1), 0: 0})
        equal("deleting an offset", admin.delete_group_offsets(group, [first]), {first: NoError})
        equal("offsets left", sorted(DRIVER.committed(scenario, group, topic)), [1, 2, 3, 4, 5])
        equal("deleting", delete(), "OK")
        equal("offsets left", DRIVER.committed(scenario, group, topic), {})
        equal("deleting once more", delete(), "GroupIdNotFoundError")


CASES = {
    **group_cases(DRIVER),
    "group-admin": administer,
    "kill-9": lambda scenario: kill(DRIVER, scenario),
}
