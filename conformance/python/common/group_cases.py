import threading
from collections.abc import Callable

from .driver import Driver, Fenced, Sender
from .ledger import Ledger
from .member import Member
from .program import Scenario, equal, until

PARTITIONS = 6


def send_round(sender: Sender) -> None:
    """Sends one record to each partition and waits until all are acknowledged."""
    failures: list[object] = []
    for partition in range(PARTITIONS):
        sender.send(partition, b"work", lambda error: failures.append(error) if error else None)
    sender.flush()
    equal("failures to send", failures, [])


class Feed:
    """Sends rounds from a thread until it is left."""

    def __init__(self, driver: Driver, scenario: Scenario) -> None:
        self.rounds = 0
        self._failure: Exception | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(driver, scenario), daemon=True)

    def _run(self, driver: Driver, scenario: Scenario) -> None:
        try:
            self._send(driver, scenario)
        except Exception as failure:
            self._failure = failure

    def _send(self, driver: Driver, scenario: Scenario) -> None:
        with driver.sender(scenario, scenario.name("topic")) as sender:
            while not self._stopping.is_set():
                send_round(sender)
                self.rounds += 1

    def __enter__(self) -> "Feed":
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        if self._failure is not None and kind is None:
            raise self._failure


def all_end(end: int) -> dict[int, int]:
    return {partition: end for partition in range(PARTITIONS)}


def settled(ledger: Ledger, members: list[str], minimum_each: int) -> None:
    """Waits until these members share the partitions and each has processed something since."""
    until(
        f"{members} share the partitions and work",
        lambda: ledger.is_shared(members, PARTITIONS, minimum_each),
        detail=lambda: ledger,
    )


def rebalance(driver: Driver, scenario: Scenario, cooperative: bool) -> None:
    """Two members become three while records keep coming, then one: nothing is missed, nothing comes twice."""
    driver.create_topic(scenario, scenario.name("topic"), PARTITIONS)
    ledger = Ledger()

    def start(name: str) -> Member:
        return Member(driver, scenario, ledger, name, cooperative=cooperative)

    with Feed(driver, scenario) as feed:
        a, b = start("a"), start("b")
        settled(ledger, ["a", "b"], 3)
        before = ledger.lost_by("a") + ledger.lost_by("b")
        c = start("c")
        settled(ledger, ["a", "b", "c"], 2)
        given_up = ledger.lost_by("a") + ledger.lost_by("b") - before
        equal("how many partitions a and b gave up", given_up, 2 if cooperative else PARTITIONS)
        a.stop()
        b.stop()
        settled(ledger, ["c"], PARTITIONS)
    until(
        "everything is committed",
        lambda: ledger.committed_count() == feed.rounds * PARTITIONS,
        detail=lambda: f"{feed.rounds} rounds, {ledger}",
    )
    c.stop()
    ledger.assert_complete(all_end(feed.rounds), exactly_once=True)
    equal(
        "the group's offsets",
        driver.committed(scenario, scenario.name("group"), scenario.name("topic")),
        all_end(feed.rounds),
    )


def resume(driver: Driver, scenario: Scenario) -> None:
    """A group that stopped goes on where its commits say, with other members."""
    topic = scenario.name("topic")
    driver.create_topic(scenario, topic, PARTITIONS)
    ledger = Ledger()
    with driver.sender(scenario, topic) as sender:
        for stint in (1, 2, 3):
            for _ in range(20):
                send_round(sender)
            members = [Member(driver, scenario, ledger, f"{name}-{stint}") for name in ("first", "second")]
            until(
                "everything is committed",
                lambda: ledger.committed_count() == stint * 20 * PARTITIONS,
                detail=lambda: ledger,
            )
            for member in members:
                member.stop()
            ledger.assert_complete(all_end(stint * 20), exactly_once=True)
            equal(
                "the group's offsets",
                driver.committed(scenario, scenario.name("group"), topic),
                all_end(stint * 20),
            )


def static_members(driver: Driver, scenario: Scenario) -> None:
    """A static member that comes back in time gets its partitions back, and the others notice nothing."""
    driver.create_topic(scenario, scenario.name("topic"), PARTITIONS)
    ledger = Ledger(loose_owners=True)

    def start(name: str) -> Member:
        return Member(driver, scenario, ledger, name, instance_id=name)

    with Feed(driver, scenario):
        one, two = start("one"), start("two")
        settled(ledger, ["one", "two"], 3)
        owned, changes = ledger.owned_by("two"), ledger.changes_of("one")
        two.stop()
        returned = start("two")
        settled(ledger, ["one", "two"], 3)
        equal("what the returned member owns", ledger.owned_by("two"), owned)
        equal("how often the other was assigned", ledger.changes_of("one"), changes)

        # A second one of the same name takes the place of the first, which is told so.
        usurper = start("two")
        until("the first of the name is fenced", lambda: isinstance(returned.failure, Fenced))
        for member in (usurper, one):
            member.stop()


def group_cases(driver: Driver) -> dict[str, Callable[[Scenario], None]]:
    return {
        "group-rebalance": lambda scenario: rebalance(driver, scenario, cooperative=False),
        "group-cooperative": lambda scenario: rebalance(driver, scenario, cooperative=True),
        "group-resume": lambda scenario: resume(driver, scenario),
        "group-static": lambda scenario: static_members(driver, scenario),
    }
