import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;

/**
 * What the members of a group did, together. It holds the promise that a group makes: a partition has one owner at a
 * time, every record is processed, and none again once its commit was acknowledged.
 */
final class Ledger {
    /** Set where members can be declared dead without knowing it: then a partition may have a second owner for a while. */
    private final boolean ownersMayOverlap;
    /** By partition and offset: how often it was processed. */
    private final Map<Integer, TreeMap<Long, Integer>> times = new HashMap<>();
    /** By partition: the next offset, as of the last acknowledged commit. */
    private final Map<Integer, Long> committed = new HashMap<>();
    private final Map<String, TreeSet<Integer>> owned = new TreeMap<>();
    /** By member: how many records it processed since it last gained or lost partitions. */
    private final Map<String, Integer> busy = new HashMap<>();
    private final Map<String, Integer> changes = new HashMap<>();
    private final Map<String, Integer> lost = new HashMap<>();
    private final List<String> violations = new ArrayList<>();
    /** By partition: offsets that were processed, and given up before a commit of them was acknowledged. */
    private final Map<Integer, Set<Long>> givenUp = new HashMap<>();

    Ledger(boolean ownersMayOverlap) {
        this.ownersMayOverlap = ownersMayOverlap;
    }

    synchronized void gained(String member, Iterable<TopicPartition> partitions) {
        for (var partition : partitions) {
            for (var other : owned.entrySet()) {
                if (ownersMayOverlap || !other.getValue().contains(partition.partition())) continue;
                violations.add(member + " was assigned " + partition + " while " + other.getKey() + " owned it");
            }
            owned.computeIfAbsent(member, any -> new TreeSet<>()).add(partition.partition());
        }
        changes.merge(member, 1, Integer::sum);
        busy.put(member, 0);
    }

    synchronized void lost(String member, Iterable<TopicPartition> partitions) {
        for (var partition : partitions) {
            if (!owned.getOrDefault(member, new TreeSet<>()).remove(partition.partition())) continue;
            lost.merge(member, 1, Integer::sum);
        }
        if (owned.getOrDefault(member, new TreeSet<>()).isEmpty()) owned.remove(member);
        busy.put(member, 0);
    }

    synchronized void processed(String member, int partition, long offset) {
        var where = member + " processed offset " + offset + " of partition " + partition;
        times.computeIfAbsent(partition, any -> new TreeMap<>()).merge(offset, 1, Integer::sum);
        long next = committed.getOrDefault(partition, 0L);
        if (offset < next) violations.add(where + " although " + next + " was committed");
        if (!owned.getOrDefault(member, new TreeSet<>()).contains(partition)) violations.add(where + ", which it does not own");
        busy.merge(member, 1, Integer::sum);
    }

    /** The node acknowledged that the group goes on at this offset. */
    synchronized void committed(int partition, long nextOffset) {
        committed.merge(partition, nextOffset, Math::max);
    }

    /** A member loses what it has processed up to there and could not commit: that may be processed again. */
    synchronized void givenUp(int partition, long nextOffset) {
        var offsets = givenUp.computeIfAbsent(partition, any -> new HashSet<>());
        for (long offset = committed.getOrDefault(partition, 0L); offset < nextOffset; offset++) offsets.add(offset);
    }

    synchronized long committedCount() {
        return committed.values().stream().mapToLong(Long::longValue).sum();
    }

    /** How often the member was assigned something. */
    synchronized int changes(String member) {
        return changes.getOrDefault(member, 0);
    }

    /** How many partitions the member had to give up, over time. */
    synchronized int lost(String member) {
        return lost.getOrDefault(member, 0);
    }

    synchronized Set<Integer> owned(String member) {
        return new TreeSet<>(owned.getOrDefault(member, new TreeSet<>()));
    }

    /** These members and no others own all partitions between them, at least so many each, and all have worked since. */
    synchronized boolean isShared(List<String> members, int partitions, int minimumEach) {
        if (!owned.keySet().equals(new HashSet<>(members))) return false;
        int total = 0;
        for (var member : members) {
            if (owned.get(member).size() < minimumEach || busy.getOrDefault(member, 0) == 0) return false;
            total += owned.get(member).size();
        }
        return total == partitions;
    }

    @Override
    public synchronized String toString() {
        return "owned " + owned + ", processed since " + busy + ", committed " + committed;
    }

    /** No promise was broken, and of every partition each offset up to its end was processed. */
    synchronized void assertComplete(Map<Integer, Long> ends, boolean exactlyOnce) {
        Scenario.equal("what the group did wrong", violations.subList(0, Math.min(5, violations.size())), List.of());
        ends.forEach((partition, end) -> {
            var seen = times.getOrDefault(partition, new TreeMap<>());
            var mayRepeat = givenUp.getOrDefault(partition, Set.of());
            for (long offset = 0; offset < end; offset++) {
                int count = seen.getOrDefault(offset, 0);
                var what = "how often offset " + offset + " of partition " + partition + " was processed";
                Scenario.check(what + ": " + count, count == 1 || (count > 1 && (!exactlyOnce || mayRepeat.contains(offset))));
            }
            Scenario.check("partition " + partition + " ends at " + end, seen.isEmpty() || seen.lastKey() < end);
        });
    }
}
