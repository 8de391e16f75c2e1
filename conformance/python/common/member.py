import sys
import threading
import time
import traceback

from .driver import CommitRefused, Driver, Fenced, Membership
from .ledger import Ledger
from .program import Scenario

# How long a member that stops may take to commit what it has processed.
FINISH_TIMEOUT_S = 20


class Member:
    """A member of a group that commits what it has processed after each poll, and enters all in the ledger."""

    def __init__(
        self,
        driver: Driver,
        scenario: Scenario,
        ledger: Ledger,
        name: str,
        cooperative: bool = False,
        instance_id: str | None = None,
    ) -> None:
        self._name = name
        self._ledger = ledger
        # What was processed and is not committed yet, of the partitions that are owned.
        self._uncommitted: dict[int, int] = {}
        self._stopping = threading.Event()
        self.failure: Exception | None = None
        membership = Membership(
            group=scenario.name("group"),
            topic=scenario.name("topic"),
            gained=lambda partitions: ledger.gained(name, partitions),
            revoked=self._revoked,
            lost=self._lost,
            cooperative=cooperative,
            instance_id=instance_id,
        )
        self._consumer = driver.consumer(scenario, membership)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Leaves the group, unless the member is static."""
        self._stopping.set()
        self._thread.join(30)
        assert not self._thread.is_alive(), f"{self._name} has not stopped"
        if self.failure is not None and not isinstance(self.failure, Fenced):
            raise self.failure

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                for partition, offset in self._consumer.poll():
                    self._ledger.processed(self._name, partition, offset)
                    self._uncommitted[partition] = offset + 1
                self._commit()
            self._finish()
        except Exception as failure:
            self.failure = failure
            if not isinstance(failure, Fenced):
                traceback.print_exc()
        finally:
            self._close()

    def _finish(self) -> None:
        """Commits what is left: in the middle of a rebalance that takes until its end. More is not processed."""
        deadline = time.monotonic() + FINISH_TIMEOUT_S
        while self._uncommitted and time.monotonic() < deadline:
            for _ in self._consumer.poll():
                pass
            self._commit()

    def _close(self) -> None:
        try:
            self._consumer.close()
        except Exception as failure:
            self.failure = self.failure or failure
        self._give_up(list(self._uncommitted))
        self._ledger.lost(self._name)

    def _commit(self) -> None:
        if not self._uncommitted:
            return
        try:
            self._consumer.commit(dict(self._uncommitted))
        except CommitRefused as refused:
            # It is tried again after the next poll; what others are assigned before that is processed again.
            print(f"{self._name} could not commit: {refused}", file=sys.stderr)
            return
        for partition, next_offset in self._uncommitted.items():
            self._ledger.committed(partition, next_offset)
        self._uncommitted.clear()

    def _revoked(self, partitions) -> None:
        self._commit()
        self._lost(partitions)

    def _lost(self, partitions) -> None:
        self._give_up(partitions)
        self._ledger.lost(self._name, partitions)

    def _give_up(self, partitions) -> None:
        for partition in partitions:
            next_offset = self._uncommitted.pop(partition, None)
            if next_offset is not None:
                self._ledger.given_up(partition, next_offset)
