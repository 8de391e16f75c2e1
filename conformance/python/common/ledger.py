import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from .program import equal


class Ledger:
    """
    What the members of a group did, together. It holds the promise that a group makes: a partition has one owner at a
    time, every record is processed, and none again once its commit was acknowledged.
    """

    def __init__(self, loose_owners: bool = False) -> None:
        # Members can be declared dead, and not know it for a while, in which they work on what is not theirs any more.
        self._loose_owners = loose_owners
        self._lock = threading.RLock()
        # By partition and offset: how often it was processed.
        self._times: dict[int, Counter[int]] = defaultdict(Counter)
        # By partition: the next offset, as of the last acknowledged commit. It never falls.
        self._committed: dict[int, int] = {}
        self._owned: dict[str, set[int]] = {}
        # By member: how many records it processed since it last gained or lost partitions.
        self._busy: Counter[str] = Counter()
        self._changes: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()
        self._violations: list[str] = []
        # By partition: offsets that were processed, and given up before a commit of them was acknowledged.
        self._given_up: dict[int, set[int]] = defaultdict(set)

    def gained(self, member: str, partitions: Iterable[int]) -> None:
        with self._lock:
            gained = set(partitions)
            for other, owned in self._owned.items():
                if owned & gained and other != member and not self._loose_owners:
                    self._violations.append(f"{member} was assigned {owned & gained} while {other} owned it")
            if gained:
                self._owned[member] = self._owned.get(member, set()) | gained
            self._changes[member] += 1
            self._busy[member] = 0

    def lost(self, member: str, partitions: Iterable[int] | None = None) -> None:
        """All of the member's partitions, unless some are named."""
        with self._lock:
            owned = self._owned.get(member, set())
            lost = owned if partitions is None else owned & set(partitions)
            self._lost[member] += len(lost)
            self._owned[member] = owned - lost
            if not self._owned[member]:
                del self._owned[member]
            self._busy[member] = 0

    def processed(self, member: str, partition: int, offset: int) -> None:
        with self._lock:
            where = f"{member} processed offset {offset} of partition {partition}"
            self._times[partition][offset] += 1
            committed = self._committed.get(partition, 0)
            if offset < committed:
                self._violations.append(f"{where} although {committed} was committed")
            if partition not in self._owned.get(member, ()) and not self._loose_owners:
                self._violations.append(f"{where}, which it does not own")
            self._busy[member] += 1

    def committed(self, partition: int, next_offset: int) -> None:
        """The node acknowledged that the group goes on at this offset."""
        with self._lock:
            self._committed[partition] = max(next_offset, self._committed.get(partition, 0))

    def given_up(self, partition: int, next_offset: int) -> None:
        """A member loses what it has processed up to there and could not commit: that may be processed again."""
        with self._lock:
            self._given_up[partition].update(range(self._committed.get(partition, 0), next_offset))

    def committed_count(self) -> int:
        with self._lock:
            return sum(self._committed.values())

    def changes_of(self, member: str) -> int:
        """How often the member was assigned something."""
        return self._changes[member]

    def lost_by(self, member: str) -> int:
        """How many partitions the member had to give up, over time."""
        return self._lost[member]

    def owned_by(self, member: str) -> set[int]:
        return set(self._owned.get(member, ()))

    def is_shared(self, members: Iterable[str], partitions: int, minimum_each: int) -> bool:
        """These and no others own all partitions between them, at least so many each, and all have worked since."""
        with self._lock:
            members = list(members)
            if set(self._owned) != set(members):
                return False
            if any(len(self._owned[each]) < minimum_each or not self._busy[each] for each in members):
                return False
            return sum(len(self._owned[each]) for each in members) == partitions

    def __str__(self) -> str:
        with self._lock:
            return f"(owned {self._owned}, committed {self._committed}, {self._violations[:3]})"

    def assert_complete(self, ends: Mapping[int, int], exactly_once: bool) -> None:
        """No promise was broken, and of every partition each offset up to its end was processed."""
        equal("what the group did wrong", self._violations[:5], [])
        for partition, end in ends.items():
            times = self._times[partition]
            wrong = [
                (offset, times[offset])
                for offset in range(end)
                if times[offset] == 0
                or (exactly_once and times[offset] > 1 and offset not in self._given_up[partition])
            ]
            equal(
                f"partition {partition}: offsets that were not processed once, and how often", wrong[:5], []
            )
            equal(f"partition {partition}: offsets beyond its end", [o for o in times if o >= end][:5], [])
