import threading

from .driver import Driver
from .ledger import Ledger
from .member import Member
from .program import Scenario, equal, until

PARTITIONS = 3
# How much is acknowledged and committed before the node is killed, and again afterwards.
ENOUGH = 1000
PATIENCE_SECONDS = 60


class Load:
    """Sends numbered values to each partition until it is left, many at a time."""

    # As many as are on their way at most.
    ROOM = 150

    def __init__(self, driver: Driver, scenario: Scenario) -> None:
        # By partition: how many values were acknowledged; they are 0, 1, 2, …
        self.acknowledged = [0] * PARTITIONS
        self.failures: list[object] = []
        self._stopping = threading.Event()
        self._room = threading.Semaphore(self.ROOM)
        self._thread = threading.Thread(target=self._run, args=(driver, scenario), daemon=True)

    def total(self) -> int:
        return sum(self.acknowledged)

    def _run(self, driver: Driver, scenario: Scenario) -> None:
        try:
            self._send(driver, scenario)
        except Exception as failure:
            self.failures.append(failure)

    def _send(self, driver: Driver, scenario: Scenario) -> None:
        with driver.sender(scenario, scenario.name("topic")) as sender:
            value = 0
            while not self._stopping.is_set():
                for partition in range(PARTITIONS):
                    while not self._room.acquire(timeout=0.005):
                        sender.poll()
                    sender.send(
                        partition, str(value).encode(), lambda error, to=partition: self._done(to, error)
                    )
                value += 1
            sender.flush()

    def _done(self, partition: int, error: object) -> None:
        self._room.release()
        if error is None:
            self.acknowledged[partition] += 1
        else:
            self.failures.append(error)

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()


def kill(driver: Driver, scenario: Scenario) -> None:
    """The node dies while records are produced and consumed: all that it acknowledged is there, once and in order."""
    topic = scenario.name("topic")
    driver.create_topic(scenario, topic, PARTITIONS)
    ledger = Ledger(loose_owners=True)
    members = [Member(driver, scenario, ledger, name) for name in ("a", "b")]
    with Load(driver, scenario) as load:

        def reached(count: int) -> bool:
            equal("failures to send", load.failures[:3], [])
            return load.total() >= count and ledger.committed_count() >= count

        def detail() -> str:
            return f"{load.acknowledged} acknowledged, {ledger}"

        until("records flow", lambda: reached(ENOUGH), detail=detail)
        scenario.restart_node()
        before = max(load.total(), ledger.committed_count())
        until(
            "records flow again after the restart", lambda: reached(before + ENOUGH), PATIENCE_SECONDS, detail
        )
    reached(0)
    ends = driver.ends(scenario, topic, PARTITIONS)
    total = sum(ends.values())
    until(
        "the group has committed everything",
        lambda: ledger.committed_count() == total,
        PATIENCE_SECONDS,
        lambda: f"{ends}, {ledger}",
    )
    for member in members:
        member.stop()
    ledger.assert_complete(ends, exactly_once=False)

    values = driver.read_values(scenario, topic, PARTITIONS)
    for partition, count in enumerate(load.acknowledged):
        read = [int(value) for value in values[partition]]
        equal(f"how many are in partition {partition}", len(read), count)
        wrong = [(offset, value) for offset, value in enumerate(read) if value != offset]
        equal(f"offsets and values of partition {partition} that differ", wrong[:5], [])
