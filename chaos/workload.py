"""Clients at work on a cluster that fails: librdkafka's producers and consumers, and what they saw as a history.

    workload.py JSON     {"bootstrap": …, "topic": …, "partitions": n, "seed": n}

Prints one JSON object a line, each event when it happens:

    {"history": ["assign"], "event": {…}}       an event (docs/history.md) and which histories it belongs to: `assign`,
                                                 of readers that choose their partitions, or `group`, of a group's
    {"problem": "…"}                             something that must not be, and that the histories don't show
    {"count": {…}}                               once a second: what was done so far

Reads from stdin: `finish` ends the producers and the group, reads everything back with a fresh consumer, and ends.
"""

import itertools
import json
import random
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

PRODUCERS = 3
READERS = 1
MEMBERS = 2
# A producer gives an operation up then: nobody knows what became of its record.
DELIVERY_TIMEOUT_MS = 30_000
BETWEEN_SENDS_S = 0.01
READ_BACK_TIMEOUT_S = 120
# A member that has had no partition for so long is replaced. No fault, and no rebalance after one, takes as long.
GIVEN_UP_S = 60
# A commit that has had no answer for so long has none to come.
COMMIT_LIVES_S = 60
NOT_SENT = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError._QUEUE_FULL, KafkaError._PURGE_QUEUE}

options = json.loads(sys.argv[1])
TOPIC = options["topic"]
PARTITIONS = options["partitions"]
COMMON = {
    "bootstrap.servers": options["bootstrap"],
    "log_level": 0,
    "reconnect.backoff.ms": 50,
    "reconnect.backoff.max.ms": 500,
    "topic.metadata.refresh.fast.interval.ms": 100,
    "topic.metadata.refresh.interval.ms": 2000,
    "socket.connection.setup.timeout.ms": 2000,
    "socket.timeout.ms": 5000,
}
CONSUMER = {**COMMON, "enable.auto.commit": False, "auto.offset.reset": "earliest", "isolation.level": "read_committed"}

output = threading.Lock()
stopping = threading.Event()
counts = {"sent": 0, "acknowledged": 0, "unknown": 0, "polled": 0, "processed": 0, "commits": 0, "replaced": 0}


def say(line):
    with output:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def event(histories, **event):
    say({"history": histories, "event": event})


def key_of(partition):
    return f"{TOPIC}-{partition}"


class Values:
    """Values that are unique in their partition."""

    def __init__(self):
        self.lock = threading.Lock()
        self.next = [0] * PARTITIONS

    def take(self, partition):
        with self.lock:
            value = self.next[partition]
            self.next[partition] += 1
            return value


values = Values()
BOTH = ["assign", "group"]


def produce(name, chance):
    producer = Producer(
        {
            **COMMON,
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 0,
            "retry.backoff.ms": 50,
            "retry.backoff.max.ms": 500,
            "delivery.timeout.ms": DELIVERY_TIMEOUT_MS,
            "request.timeout.ms": 5000,
        }
    )
    while not stopping.is_set():
        partition = chance.randrange(PARTITIONS)
        value = values.take(partition)
        outcome = []
        event(BOTH, type="invoke", process=name, action="send", sends=[{"key": key_of(partition), "value": value}])
        counts["sent"] += 1
        producer.produce(
            TOPIC, str(value).encode(), partition=partition, on_delivery=lambda error, message: outcome.append((error, message))
        )
        while not outcome:
            producer.poll(0.1)
        error, message = outcome[0]
        if error is None:
            counts["acknowledged"] += 1
            event(BOTH, type="ok", process=name, offsets=[message.offset()])
        else:
            counts["unknown"] += 1
            kind = "fail" if error.code() in NOT_SENT else "info"
            event(BOTH, type=kind, process=name, offsets=[None], error=str(error))
            # A producer that gave a record up can't go on with its sequence.
            if error.fatal() or producer.flush(5) > 0:
                producer.purge()
            return produce(name, chance)
        time.sleep(BETWEEN_SENDS_S * chance.random())
    return None


def polls_of(messages):
    by_key = {}
    for message in messages:
        by_key.setdefault(key_of(message.partition()), []).append([message.offset(), int(message.value())])
    return [{"key": key, "records": records} for key, records in by_key.items()]


def consume_batch(consumer, timeout):
    """Records, without what the client tells of its troubles meanwhile."""
    messages = []
    for message in consumer.consume(500, timeout):
        if message.error() is None:
            messages.append(message)
        elif message.error().code() in (KafkaError.OFFSET_OUT_OF_RANGE, KafkaError._AUTO_OFFSET_RESET):
            say({"problem": f"a consumer's position was taken from it: {message.error()}"})
    return messages


def read(name, histories, until):
    """Reads all partitions from the beginning on."""
    consumer = Consumer({**CONSUMER, "group.id": f"{name}-{options['seed']}"})
    event(histories, type="invoke", process=name, action="assign")
    consumer.assign([TopicPartition(TOPIC, partition, 0) for partition in range(PARTITIONS)])
    event(histories, type="ok", process=name)
    positions = [0] * PARTITIONS
    while not until(positions):
        event(histories, type="invoke", process=name, action="poll")
        messages = consume_batch(consumer, 0.5)
        counts["polled"] += len(messages)
        for message in messages:
            positions[message.partition()] = message.offset() + 1
        event(histories, type="ok", process=name, polls=polls_of(messages))
    consumer.close()


class Committed:
    """
    What the group has certainly committed: whoever is assigned a partition from then on begins there or behind it. A
    client that has to send a commit again may overtake itself with it, and takes its own later commit back: what it has
    not been answered yet counts as such a one.
    """

    def __init__(self):
        self.lock = threading.Lock()
        self.offsets = [0] * PARTITIONS
        # By partition: commits without an answer, and when they were sent.
        self.pending = [[] for _ in range(PARTITIONS)]

    def sent(self, ends):
        with self.lock:
            for partition, offset in ends.items():
                self.pending[partition].append((offset, time.monotonic()))

    def answered(self, error, offsets):
        with self.lock:
            for each in offsets:
                pending = self.pending[each.partition]
                self.pending[each.partition] = [one for one in pending if one[0] != each.offset]
                if error is None and each.error is None:
                    self.offsets[each.partition] = each.offset

    def now(self, partition):
        with self.lock:
            since = time.monotonic() - COMMIT_LIVES_S
            waiting = [offset for offset, sent in self.pending[partition] if sent > since]
            return min([self.offsets[partition], *waiting])


committed = Committed()
processed = threading.Lock()
processed_to = [0] * PARTITIONS


def work_in_group(name):
    """
    A member of a group: takes records, commits behind them, and goes on. librdkafka's consumer may fall out of its group
    and never join again, however well the cluster is: like a supervisor, this one puts another in its place then.
    """
    for life in itertools.count():
        if Member(name if life == 0 else f"{name}.{life}").work():
            return
        counts["replaced"] += 1


class Member:
    def __init__(self, name):
        self.name = name
        self.changed = []
        # Where each partition has to begin, by what was committed when this member got it. A member that does not know
        # yet that it has lost a partition goes on where it is, as in Kafka.
        self.begins = {}
        self.consumer = Consumer(
            {
                **CONSUMER,
                "group.id": f"workers-{options['seed']}",
                "session.timeout.ms": 6000,
                "heartbeat.interval.ms": 500,
                "partition.assignment.strategy": "range",
                "on_commit": self.on_commit,
            }
        )

    def on_commit(self, error, offsets):
        # With an error the group rebalances, or its coordinator moves: who is next begins at the last commit.
        committed.answered(error, offsets)
        if error is None:
            counts["commits"] += 1

    def on_assign(self, _, partitions):
        self.changed.extend(partitions)
        for each in partitions:
            self.begins[each.partition] = committed.now(each.partition)

    def on_revoke(self, _, partitions):
        self.changed.extend(partitions)

    def work(self):
        """Whether it got to the end; it ends before that when it has had no partition for long."""
        event(["group"], type="invoke", process=self.name, action="subscribe")
        self.consumer.subscribe([TOPIC], on_assign=self.on_assign, on_revoke=self.on_revoke, on_lost=self.on_revoke)
        event(["group"], type="ok", process=self.name)
        assigned = time.monotonic()
        while not stopping.is_set() or not is_all_processed():
            self.take()
            if self.consumer.assignment():
                assigned = time.monotonic()
            elif time.monotonic() - assigned > GIVEN_UP_S:
                # Its end may hang as well.
                threading.Thread(target=self.consumer.close, daemon=True).start()
                return False
        self.consumer.close()
        return True

    def take(self):
        """One poll, and a commit behind what it brought."""
        self.changed.clear()
        event(["group"], type="invoke", process=self.name, action="poll")
        messages = consume_batch(self.consumer, 0.2)
        counts["processed"] += len(messages)
        for message in messages:
            self.check(message)
        rebalanced = sorted({key_of(each.partition) for each in self.changed})
        event(["group"], type="ok", process=self.name, polls=polls_of(messages), rebalanced=rebalanced)
        if not messages:
            return
        with processed:
            for message in messages:
                processed_to[message.partition()] = max(processed_to[message.partition()], message.offset() + 1)
        ends = {}
        for message in messages:
            ends[message.partition()] = message.offset() + 1
        committed.sent(ends)
        # Without waiting: librdkafka's synchronous commit may wait for ever when the coordinator goes away meanwhile.
        self.consumer.commit(
            offsets=[TopicPartition(TOPIC, partition, offset) for partition, offset in ends.items()], asynchronous=True
        )

    def check(self, message):
        begins = self.begins.get(message.partition(), 0)
        if message.offset() < begins:
            say(
                {
                    "problem": f"{self.name} got {key_of(message.partition())} at {message.offset()} again, and a commit "
                    f"of {begins} was acknowledged before it was assigned the partition"
                }
            )


ends = None


def is_all_processed():
    with processed:
        return ends is not None and all(done >= end for done, end in zip(processed_to, ends))


def create_topic():
    admin = AdminClient(COMMON)
    topic = NewTopic(TOPIC, PARTITIONS, 3, config={"min.insync.replicas": "2"})
    admin.create_topics([topic])[TOPIC].result(60)


def end_offsets():
    """Where the partitions end, as soon as all of their leaders say so."""
    consumer = Consumer({**CONSUMER, "group.id": "ends"})
    found = []
    deadline = time.monotonic() + READ_BACK_TIMEOUT_S
    while len(found) < PARTITIONS:
        try:
            found.append(consumer.get_watermark_offsets(TopicPartition(TOPIC, len(found)), timeout=5)[1])
        except KafkaException as error:
            if time.monotonic() > deadline:
                say({"problem": f"{key_of(len(found))} has no leader at the end: {error}"})
                sys.exit(1)
    consumer.close()
    return found


def count():
    admin = AdminClient(COMMON)
    while not stopping.wait(1):
        say({"count": counts, "inSync": is_in_sync(admin)})


def is_in_sync(admin):
    try:
        found = admin.list_topics(TOPIC, timeout=2).topics[TOPIC].partitions.values()
    except KafkaException:
        return False
    return len(found) == PARTITIONS and all(len(each.isrs) == 3 and each.leader >= 0 for each in found)


def main():
    global ends
    create_topic()
    say({"count": counts})
    producers = [
        threading.Thread(target=produce, args=(f"producer-{i}", random.Random(options["seed"] * 100 + i)))
        for i in range(PRODUCERS)
    ]
    readers = [
        threading.Thread(target=read, args=(f"reader-{i}", ["assign"], lambda _: stopping.is_set())) for i in range(READERS)
    ]
    members = [threading.Thread(target=work_in_group, args=(f"member-{i}",), daemon=True) for i in range(MEMBERS)]
    for thread in [*producers, *readers, *members, threading.Thread(target=count)]:
        thread.start()
    for line in sys.stdin:
        if line.strip() == "finish":
            break
    stopping.set()
    for thread in [*producers, *readers]:
        thread.join()
    ends = end_offsets()
    deadline = time.monotonic() + READ_BACK_TIMEOUT_S

    def is_read_back(positions):
        if time.monotonic() > deadline:
            say({"problem": f"not all could be read back: {positions} of {ends}"})
            return True
        return all(position >= end for position, end in zip(positions, ends))

    read("final", BOTH, is_read_back)
    for thread in members:
        thread.join(max(1, deadline - time.monotonic()))
        if thread.is_alive():
            say({"problem": f"the group did not get to the end: {processed_to} of {ends}"})
    say({"count": counts})


main()
